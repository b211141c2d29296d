"""Files of a record: taken in, taken away, swept up."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, files, live, records
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Attachment, RemovedRow, User
from crm.services.parcels import pack, unpack

SWEPT_AT_ONCE = 300


def add_file(*, record: str, record_id: int, name: str, chunks: Iterable[bytes], by: User, origin: str = "") -> Attachment:
    """Keep a file about a record that the person sees; what it is, is found in its content."""
    records.visible_record(record, record_id, by)
    name = tidy_name(name)
    kept = files.keep(chunks, name=name)
    with transaction.atomic():
        attachment = Attachment(
            record=record,
            record_id=record_id,
            name=name,
            size=kept.size,
            content_type=kept.content_type,
            sha256=kept.sha256,
            uploaded_by=by,
        )
        clean(attachment)
        attachment.save()
        _tell("file.added", attachment, by, origin)
    return attachment


def delete_file(*, file_id: int, by: User, origin: str = "") -> str:
    """Take away an own file (an admin: any); the answer is what brings it back while the content still lies there."""
    with transaction.atomic():
        attachment = find_file(file_id=file_id, by=by)
        if not (by.is_admin or attachment.uploaded_by_id == by.pk):
            raise Refused(_("Only whoever added a file or an admin can delete it."))
        parcel = pack(attachment, by)
        Attachment.objects.filter(pk=attachment.pk).delete()
        # Its time begins anew, so that an undo finds the content.
        with suppress(FileNotFoundError):
            os.utime(files.path_of(attachment.sha256))
        _tell("file.deleted", attachment, by, origin)
    return parcel.seal


def restore_file(*, seal: str, by: User, origin: str = "") -> Attachment:
    """Bring back what `delete_file` took; twice is once."""
    with transaction.atomic():
        attachment, is_new = unpack(Attachment, seal, by)
        if is_new:
            _tell("file.restored", attachment, by, origin)
    return attachment


def find_file(*, file_id: int, by: User) -> Attachment:
    """One file, if this person may see what it is about; else Http404."""
    found = Attachment.objects.filter(pk=file_id).first()
    if found is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    records.visible_record(found.record, found.record_id, by)
    return found


def sweep_files() -> int:
    """Throw away contents that no row has named for a day, nor one that may be brought back; how many."""
    deleted = set(RemovedRow.objects.filter(label=Attachment._meta.label_lower).order_by().values_list("row__sha256", flat=True))
    swept, old = 0, files.old_contents()
    while some := list(islice(old, SWEPT_AT_ONCE)):
        named = set(Attachment.objects.filter(sha256__in=[sha256 for _place, sha256 in some]).values_list("sha256", flat=True))
        for place in [place for place, sha256 in some if sha256 not in named | deleted]:
            place.unlink(missing_ok=True)
            swept += 1
    return swept


def tidy_name(name: str) -> str:
    """The last part of what the sender called it, without what a screen can't show or reads backwards."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C").strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: 200 - len(ending) - 1]}.{ending}" if stem else name[:200]
    return name[:200] or _("file")


def _tell(type: str, attachment: Attachment, by: User, origin: str) -> None:
    told = {"file": attachment.pk, "name": attachment.name}
    events.record(type, record=attachment.record, record_id=attachment.record_id, by=by, **told)
    live.touch(attachment.record, attachment.record_id, origin=origin)
