"""Keeping what a browser sends (上传的文件): in the folder of uploads, under our own name, for us alone.

In: an uploaded file. Out: where it lies, relative to that folder, and the sha256 of its bytes.
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
SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A file as it was kept: its path relative to the folder of uploads, and its checksum."""

    path: str
    sha256: str


def keep_upload(file: "UploadedFile[Any]") -> StoredUpload:
    """Write the file anew and return where it lies; each call keeps a file of its own.

    Of the sender's name only a plain suffix is taken over, so that no name can lead out of the folder.
    """
    suffix = PurePosixPath(file.name or "").suffix.lower()
    name = f"{FOLDER}/{uuid4()}{suffix if SUFFIX.fullmatch(suffix) else ''}"
    target = Path(settings.MEDIA_ROOT) / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for block in file.chunks():
            digest.update(block)
            out.write(block)
    return StoredUpload(name, digest.hexdigest())


def drop_upload(path: str) -> None:
    """Remove a kept file that no job needs; a missing one is no matter."""
    (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)
