"""Keeping what a browser sends (上传的文件): in the folder of uploads, under our own name, for us alone.

In: an uploaded file. Out: where it lies, relative to that folder, and the sha256 of its bytes. The file keeps
the department's name inside a folder of its own: that name may say which register it is.
"""

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

FOLDER = "imports"
# What no file system takes or what reads as something else; everything else of a name stays.
UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")
# File systems take 255 bytes, which are 80 Chinese characters and an ending.
STEM_MAX = 70
SUFFIX_MAX = 6


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A file as it was kept: its path relative to the folder of uploads, and its checksum."""

    path: str
    sha256: str


def keep_upload(file: "UploadedFile[Any]") -> StoredUpload:
    """Write the file anew and return where it lies; each call keeps a file in a new folder of its own.

    It stands on the disk when this returns. What does not fit is taken away again.

    :raises OSError: it could not be written, such as on a full disk.
    """
    path = f"{FOLDER}/{uuid4()}/{plain_name(file.name or '')}"
    target = Path(settings.MEDIA_ROOT) / path
    target.parent.mkdir(parents=True, mode=0o700)
    try:
        return StoredUpload(path, _write(file, target))
    except OSError:
        drop_upload(path)
        raise


def _write(file: "UploadedFile[Any]", target: Path) -> str:
    digest = sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for block in file.chunks():
            digest.update(block)
            out.write(block)
        out.flush()
        # Whoever is told that a file was taken does not keep another copy against a power cut.
        os.fsync(out.fileno())
    return digest.hexdigest()


def drop_upload(path: str) -> None:
    """Remove a kept file that no job needs, and its folder; a missing one is no matter."""
    target = Path(settings.MEDIA_ROOT) / path
    target.unlink(missing_ok=True)
    if target.parent.is_dir():
        target.parent.rmdir()


def plain_name(name: str) -> str:
    """Return the last part of a name without what could lead elsewhere, never empty, never hidden."""
    last = PurePosixPath(UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(". "))
    suffix = last.suffix if len(last.suffix) <= SUFFIX_MAX else ""
    stem = last.name.removesuffix(suffix)[:STEM_MAX]
    return f"{stem or 'file'}{suffix}"
