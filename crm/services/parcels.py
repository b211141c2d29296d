"""Deleted rows under the server's seal: nothing of what was deleted stays with us, and only its deleter can bring it back."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from crm import records
from crm.errors import Refused
from crm.models import User
from crm.rows import check_now

UNDO_SECONDS = 15 * 60


class Parcel(NamedTuple):
    """A deleted row: its id, and all of it sealed."""

    pk: int
    seal: str


def pack(row: Model, by: User) -> Parcel:
    """The whole row, sealed for whoever deletes it."""
    values = {field.attname: field.value_to_string(row) for field in row._meta.concrete_fields if getattr(row, field.attname) is not None}
    return Parcel(row.pk, signing.dumps({"by": by.pk, "values": values}, salt=row._meta.label, compress=True))


def unpack(model: type[Any], seal: str, by: User) -> tuple[Any, bool]:
    """The row as it was, and whether it had to be written anew; about a record that the person still sees."""
    try:
        kept = signing.loads(seal, salt=model._meta.label, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        kept = {"by": None}
    if kept["by"] != by.pk:
        raise Refused(_("This can't be brought back any more."))
    row = model(**{field: model._meta.get_field(field).to_python(value) for field, value in kept["values"].items()})
    if row.record:
        records.visible_record(row.record, row.record_id, by)
    if found := model.objects.filter(pk=row.pk).first():
        return found, False
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            check_now()
    except IntegrityError:  # what it belonged to is gone, or its place is taken
        raise Refused(_("This can't be brought back any more.")) from None
    return row, True
