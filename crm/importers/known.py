"""Which records the rows of a chunk may already be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from crm.models import ExternalId
from crm.models.contacts import sort_key

if TYPE_CHECKING:
    from crm.importers.clients import ClientDraft, ClientImporter


class Known:
    """The records that a chunk's rows may already be: by outside number, e-mail, or phone together with the name."""

    def __init__(self, importer: ClientImporter, drafts: Sequence[ClientDraft], *, lock: bool = False) -> None:
        self.importer = importer
        keys = {draft.key for draft in drafts if draft.key}
        numbers = ExternalId.objects.filter(system=importer.system, record=importer.kind, key__in=keys).values_list("key", "record_id")
        ids = dict(numbers) if keys else {}
        emails = {row["address"] for draft in drafts for row in draft.values["emails"]}
        phones = {row["number"] for draft in drafts for row in draft.values["phones"]}
        conditions = [Q(pk__in=set(ids.values()))] if ids else []
        conditions += [Q(emails__contains=[{"address": address}]) for address in emails]
        conditions += [Q(phones__contains=[{"number": number}]) for number in phones]
        conditions += importer.by_name(drafts)
        self.by_key: dict[str, Any] = {}
        self.by_email: dict[str, Any] = {}
        self.by_phone: dict[tuple[str, str], Any] = {}
        self.by_name: dict[str, Any] = {}
        records: dict[int, Any] = {}
        for part in parts_of(conditions, 400):
            rows = importer.visible().filter(reduce(or_, part)).order_by("id")
            for record in rows.select_for_update(of=("self",), no_key=True) if lock else rows:
                records.setdefault(record.pk, record)
        for record in records.values():
            self._index(record)
        for key, pk in ids.items():
            if pk in records:
                self.by_key[key] = records[pk]
        # An outside number of a record that the person can't see is taken all the same.
        self.by_key_before = set(ids)

    def _index(self, record: Any) -> None:
        for row in record.emails:
            self.by_email.setdefault(row["address"], record)
        for row in record.phones:
            self.by_phone.setdefault((row["number"], sort_key(record.name)), record)
        self.by_name.setdefault(sort_key(record.name), record)

    def learn(self, draft: ClientDraft, record: Any) -> None:
        """Later rows of the same chunk find what an earlier one brings."""
        self._index(record)
        if draft.key:
            self.by_key.setdefault(draft.key, record)

    def match(self, draft: ClientDraft) -> Any:
        """The record that this row is about."""
        if draft.key and (found := self.by_key.get(draft.key)):
            return found
        for row in draft.values["emails"]:
            if found := self.by_email.get(row["address"]):
                return found
        name = sort_key(draft.values["name"])
        for row in draft.values["phones"]:
            if found := self.by_phone.get((row["number"], name)):
                return found
        return self.by_name.get(name) if self.importer.is_known_by_name else None


def parts_of(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    """The items in parts of a size."""
    return (items[begin : begin + size] for begin in range(0, len(items), size))
