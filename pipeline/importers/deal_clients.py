"""The company and the contact that a deal's row names: found by the other program's number, by e-mail or by name, else added."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from crm.importers.base import Importer, Outcome
from crm.importers.companies import find_companies, find_or_add_companies
from crm.importers.known import is_nameless, names_agree, parts_of
from crm.models import Company, Contact, ExternalId, RowAction, User
from crm.models.contacts import sort_key

if TYPE_CHECKING:
    from pipeline.importers.deals import DealDraft


class DealClients:
    """The clients that the deals of a chunk name, as far as the person sees them. Five queries, whatever their number."""

    def __init__(self, importer: Importer, drafts: Sequence[DealDraft]) -> None:
        self.importer = importer
        # Numbers of one program are sure; of files whose program isn't known, any two may count from one.
        self.is_sure = bool(importer.batch.system)
        self.companies = find_companies(importer, [draft.company for draft in drafts])
        self.company_numbers = _numbered(importer, "company", {draft.company_key for draft in drafts}, Company)
        self.contact_numbers = _numbered(importer, "contact", {draft.contact_key for draft in drafts}, Contact)
        self.people = self._people(drafts)

    def company_of(self, draft: DealDraft) -> Company | None:
        numbered = self.company_numbers.get(draft.company_key)
        if numbered and (self.is_sure or self._is_called_so(draft.company, numbered)):
            return numbered
        return self.companies.get(sort_key(draft.company))

    def contact_of(self, draft: DealDraft) -> Contact | None:
        numbered = self.contact_numbers.get(draft.contact_key)
        if numbered and (self.is_sure or self._is_called_so(draft.contact, numbered)):
            return numbered
        known = (self.people[key] for key in self._keys(draft) if key in self.people)
        return next((contact for contact in known if self._is_called_so(draft.contact, contact)), None)

    def _is_called_so(self, name: str, client: Company | Contact) -> bool:
        """A mailbox may be an office's: it alone makes nobody the same where the row says another name."""
        return not name or is_nameless(client.name, client.emails) or names_agree(name, client.name)

    def add_missing(self, drafts: Sequence[DealDraft]) -> list[Outcome]:
        """Add the companies and contacts of these drafts that aren't there; afterwards they are found."""
        missing = [(draft.rows[0].line, draft.company, draft.values["owner"]) for draft in drafts if self.company_of(draft) is None]
        companies, outcomes = find_or_add_companies(self.importer, missing)
        self.companies |= companies
        fresh: list[tuple[int, Contact]] = []
        for draft in drafts:
            if (keys := self._keys(draft)) and self.contact_of(draft) is None:
                owner: User = draft.values["owner"]
                name = draft.contact or keys[0][1].split("@")[0]
                contact = Contact(name=name, company=self.company_of(draft), emails=draft.emails, phones=draft.phones)
                contact.owner, contact.team = owner, owner.team
                fresh.append((draft.rows[0].line, contact))
                self.people |= dict.fromkeys(keys, contact)
        Contact.objects.bulk_create([contact for _line, contact in fresh])
        return outcomes + [Outcome(line, "contact", contact.pk, RowAction.CREATED) for line, contact in fresh]

    def _keys(self, draft: DealDraft) -> list[tuple[str, str]]:
        """By what a contact is known, the surest first."""
        keys = [("email", row["address"]) for row in draft.emails]
        if draft.contact:
            company = self.company_of(draft)
            return [*keys, (str(company.pk if company else None), sort_key(draft.contact))]
        # A number may be shared, so it tells who somebody is only where nothing else does.
        return keys or [("phone", row["number"]) for row in draft.phones]

    def _people(self, drafts: Sequence[DealDraft]) -> dict[tuple[str, str], Contact]:
        visible = Contact.objects.visible_to(self.importer.by)
        known: dict[tuple[str, str], Contact] = {}
        names = {sort_key(draft.contact) for draft in drafts if draft.contact}
        firms = {company.pk for draft in drafts if (company := self.company_of(draft))}
        if names:
            for contact in visible.filter(Q(company=None) | Q(company__in=firms), sort_name__in=list(names)).order_by("-id"):
                known[str(contact.company_id), sort_key(contact.name)] = contact
        addresses = {row["address"] for draft in drafts for row in draft.emails}
        numbers = {row["number"] for draft in drafts for row in draft.phones if not draft.contact and not draft.emails}
        asked = [Q(emails__contains=[{"address": address}]) for address in addresses]
        asked += [Q(phones__contains=[{"number": number}]) for number in numbers]
        for part in parts_of(asked, 400):
            for contact in visible.filter(reduce(or_, part)).order_by("-id"):
                known |= {("email", row["address"]): contact for row in contact.emails}
                known |= {("phone", row["number"]): contact for row in contact.phones}
        return known


def _numbered(importer: Importer, record: str, keys: set[str], model: Any) -> dict[str, Any]:
    """Records that an earlier file of the same program brought, by their numbers there."""
    wanted = keys - {""}
    if not wanted:
        return {}
    rows = ExternalId.objects.filter(system=importer.batch.system or "file", record=record, key__in=wanted)
    ids = dict(rows.values_list("key", "record_id"))
    found = model.objects.visible_to(importer.by).in_bulk(list(ids.values()))
    return {key: found[pk] for key, pk in ids.items() if pk in found}
