"""Papers that come by browser (材料文件): known by their bytes, kept under their checksum, read back checked.

In: an uploaded file. Out: where it lies in the folder of uploads, its checksum, size and what it is. The same
bytes lie there once, whatever they are called; what lies there is never written again.
"""

import os
import zipfile
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.underwriting.file_papers import KeptFile
from yiyuan.interfaces.desk.uploads import plain_name

FOLDER = "papers"
MEGABYTE = 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument"
# What the first bytes say, and the endings that go with it.
STARTS = (
    (b"%PDF", "application/pdf", {".pdf"}),
    (b"\x89PNG\r\n\x1a\n", "image/png", {".png"}),
    (b"\xff\xd8\xff", "image/jpeg", {".jpg", ".jpeg"}),
)
# What a container has inside, and the endings that go with it.
INSIDE = (
    ("word/document.xml", f"{OFFICE}.wordprocessingml.document", {".docx"}),
    ("xl/workbook.xml", f"{OFFICE}.spreadsheetml.sheet", {".xlsx"}),
    ("OFD.xml", "application/ofd", {".ofd"}),
)


def sniff(content: bytes, name: str) -> str:
    """Return the media type of a paper by its bytes, empty where they are none we keep or belie the name."""
    ending = Path(name).suffix.lower()
    for start, media_type, endings in STARTS:
        if content.startswith(start):
            return media_type if ending in endings else ""
    with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(BytesIO(content)) as container:
        inside = set(container.namelist())
        for part, media_type, endings in INSIDE:
            if part in inside and ending in endings:
                return media_type
    return ""


class PaperField(forms.FileField):
    """A paper: a PDF, OFD, picture, Word or Excel file, no larger than the site takes."""

    def __init__(self, **words: Any) -> None:
        limit = settings.PAPER_BYTES_MAX // MEGABYTE
        words.setdefault(
            "help_text",
            format_lazy(gettext_lazy("PDF、OFD、图片、Word 或 Excel，最大 {limit} MB"), limit=limit),
        )
        super().__init__(**words)

    def clean(self, data: Any, initial: Any = None) -> "UploadedFile[Any]":
        """Return the file; what it is stands in its `content_type` afterwards."""
        file: UploadedFile[Any] = super().clean(data, initial)
        limit = settings.PAPER_BYTES_MAX
        if (file.size or 0) > limit:
            raise forms.ValidationError(_("文件太大：最多 %(limit)d MB") % {"limit": limit // MEGABYTE})
        file.seek(0)
        file.content_type = sniff(file.read(), file.name or "")
        if not file.content_type:
            raise forms.ValidationError(
                _("认不出这个文件，或内容和名字的后缀不符；收 PDF、OFD、图片、Word、Excel")
            )
        return file


def keep_paper(file: "UploadedFile[Any]") -> KeptFile:
    """Keep the bytes under their checksum and return where; repeating it changes nothing."""
    digest = sha256()
    for block in file.chunks():
        digest.update(block)
    name = digest.hexdigest()
    path = f"{FOLDER}/{name[:2]}/{name}"
    target = Path(settings.MEDIA_ROOT) / path
    if not target.exists():
        target.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        # Whole or not at all: a name that is a checksum never stands for half a file.
        beside = target.with_name(f"{name}.{uuid4()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for block in file.chunks():
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(target)
    size = file.size or 0
    return KeptFile(plain_name(file.name or ""), path, name, size, file.content_type or "")


def read_paper(path: str, digest: str) -> IO[bytes] | None:
    """Return a kept paper, None where it is gone or its bytes are not those that were kept."""
    try:
        file = (Path(settings.MEDIA_ROOT) / path).open("rb")
    except FileNotFoundError:
        return None
    found = sha256()
    while block := file.read(MEGABYTE):
        found.update(block)
    if found.hexdigest() != digest:
        file.close()
        return None
    file.seek(0)
    return file
