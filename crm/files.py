"""Contents of files under DATA_DIR, each named by its hash: the same content is kept once, and no name of anybody's becomes a path."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from crm.errors import Refused

HEAD = 4096
# A content that no row names is kept for a day: its row may be on its way, or be brought back by an undo.
GRACE = 24 * 3600
SIGNATURES = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
]
OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@dataclass(frozen=True)
class Kept:
    """A content that lies on disk now."""

    sha256: str
    size: int
    content_type: str


def keep(chunks: Iterable[bytes], *, name: str = "") -> Kept:
    """Write the content down under its hash; Refused when it is empty or larger than the installation takes."""
    folder = settings.FILES_DIR / "coming"
    folder.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as coming:
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > settings.MAX_FILE_SIZE:
                    raise Refused(too_large())
                head = (head + chunk)[:HEAD] if len(head) < HEAD else head
                digest.update(chunk)
                coming.write(chunk)
            if not size:
                raise Refused(_("“%(name)s” is empty.") % {"name": name})
            coming.flush()
            os.fsync(coming.fileno())
            place = path_of(digest.hexdigest())
            place.parent.mkdir(parents=True, exist_ok=True)
            Path(coming.name).replace(place)
        except BaseException:
            Path(coming.name).unlink(missing_ok=True)
            raise
    return Kept(digest.hexdigest(), size, sniff(head, name))


def too_large() -> str:
    """Why a file is not taken."""
    return _("A file has at most %(size)s MB.") % {"size": settings.MAX_FILE_SIZE // 1024**2}


def path_of(sha256: str) -> Path:
    """Where the content of that hash lies."""
    return Path(settings.FILES_DIR) / sha256[:2] / sha256[2:]


def open_content(sha256: str) -> BinaryIO:
    """The content, to read."""
    return path_of(sha256).open("rb")


def sniff(head: bytes, name: str = "") -> str:
    """What the content itself says it is; the name only tells kinds of zip archives apart."""
    for signature, content_type in SIGNATURES:
        if head.startswith(signature):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"PK\x03\x04"):
        return OFFICE.get(name.rsplit(".", 1)[-1].lower(), "application/zip")
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if "\0" in text else "text/plain"


def old_contents() -> Iterator[tuple[Path, str]]:
    """Contents that have lain for a day, each with its hash; without one what was left half-written."""
    late = time.time() - GRACE
    for place in Path(settings.FILES_DIR).glob("*/*"):
        with suppress(FileNotFoundError):
            if place.stat().st_mtime < late:
                yield place, "" if place.parent.name == "coming" else place.parent.name + place.name
