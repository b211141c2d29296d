"""Which records the rows of a chunk may already be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import ExternalId
from crm.models.contacts import sort_key
from crm.queries.likeness import core_words, names_alike

if TYPE_CHECKING:
    from crm.importers.clients import ClientDraft, ClientImporter


class Known:
    """The records that a chunk's rows may already be: by outside number, or by e-mail or phone together with the name."""

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
        self.by_email: dict[str, list[Any]] = {}
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
            self.by_email.setdefault(row["address"], []).append(record)
        for row in record.phones:
            self.by_phone.setdefault((row["number"], sort_key(record.name)), record)
        self.by_name.setdefault(sort_key(record.name), record)

    def learn(self, draft: ClientDraft, record: Any) -> None:
        """Later rows of the same chunk find what an earlier one brings."""
        self._index(record)
        if draft.key:
            self.by_key.setdefault(draft.key, record)

    def match(self, draft: ClientDraft) -> Any:
        """The record that this row is about. A mailbox may be an office's, and a number another file's: names have a say too."""
        if draft.key and (found := self.by_key.get(draft.key)) and self._is_numbered_so(draft, found):
            return found
        same = [record for row in draft.values["emails"] for record in self.by_email.get(row["address"], ())]
        name = draft.values["name"]
        for record in same:
            if is_nameless(name, draft.values["emails"]) or is_nameless(record.name, record.emails) or names_agree(name, record.name):
                return record
        for row in draft.values["phones"]:
            if found := self.by_phone.get((row["number"], sort_key(name))):
                return found
        if self.importer.is_known_by_name and (found := self.by_name.get(sort_key(name))):
            return found
        if same:
            draft.doubt = _("“%(name)s” has the same e-mail and another name, so this becomes a record of its own.") % {
                "name": same[0].name
            }
        return None

    def _is_numbered_so(self, draft: ClientDraft, found: Any) -> bool:
        """Numbers of one program are sure; of files whose program isn't known, any two may count from one."""
        if self.importer.batch.system or names_agree(draft.values["name"], found.name):
            return True
        mine = [row["address"] for row in draft.values["emails"]] + [row["number"] for row in draft.values["phones"]]
        return not {*mine}.isdisjoint([row["address"] for row in found.emails] + [row["number"] for row in found.phones])


def names_agree(one: str, other: str) -> bool:
    """Whether both may be one name: alike, or one of them says less."""
    mine, theirs = set(core_words(one)), set(core_words(other))
    return mine <= theirs or theirs <= mine or bool(names_alike(one, other))


def is_nameless(name: str, emails: Iterable[dict[str, str]]) -> bool:
    """Whether the name is only made of an address."""
    return name.casefold() in {row["address"].split("@")[0].casefold() for row in emails}


def parts_of(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    """The items in parts of a size."""
    return (items[begin : begin + size] for begin in range(0, len(items), size))
