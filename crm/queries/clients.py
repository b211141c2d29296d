"""Lists of companies and contacts, and what their pages show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Count, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict

from crm.cleaning import tidy
from crm.models import Company, Contact, User
from crm.models.contacts import sort_key
from crm.pages import Key, Page, write_key
from crm.queries.reach import has_email, has_phone
from crm.reach import MAX_ROWS

PAGE = 50
MAX_TEXT = 100
MAX_PEOPLE = 100
MIN_DIGITS = 4
Kind = type[Company] | type[Contact]


@dataclass(frozen=True)
class ClientFilters:
    """What a list is narrowed down to, as its address says: part of a name, e-mail, phone or city, and an owner."""

    text: str = ""
    owner: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Self:
        """Read the address; an owner that makes no sense is left out."""
        owner = given.get("owner", "").strip()
        known = owner in ("me", "none") or (owner.isascii() and owner.isdigit() and len(owner) < 19)
        return cls(text=given.get("text", "").replace("\0", "").strip()[:MAX_TEXT], owner=owner if known else "")

    @property
    def query(self) -> str:
        """The same as the part of an address behind `?`."""
        return urlencode({name: value for name, value in (("text", self.text), ("owner", self.owner)) if value})

    @property
    def is_active(self) -> bool:
        return bool(self.text or self.owner)

    def condition(self, model: Kind, viewer: User) -> Q:
        """The filters as a condition."""
        condition = Q()
        if self.owner == "none":
            condition &= Q(owner=None)
        elif self.owner:
            condition &= Q(owner=viewer.pk if self.owner == "me" else int(self.owner))
        return condition & self._words(model) if self.text else condition

    def _words(self, model: Kind) -> Q:
        name = Q(sort_name__contains=sort_key(self.text))
        if model is Company:
            return name | Q(city__icontains=self.text) | Q(website__icontains=self.text)
        found = name | Q(email__icontains=self.text) | Q(position__icontains=self.text)
        digits = re.sub(r"\D", "", self.text)
        # However the number is written, there and here: its digits in a row.
        return found | Q(digits__contains=digits) if len(digits) >= MIN_DIGITS else found


@dataclass(frozen=True)
class ContactRow:
    """A contact, and its company if the viewer may see that too."""

    contact: Contact
    company: Company | None


def list_companies(*, viewer: User, filters: ClientFilters, after: Key | None = None) -> Page[Company]:
    """Companies by name with their owners and the number of their people whom the viewer sees. Two queries."""
    ids, following = _page_of_ids(Company, viewer, filters, after)
    people = Contact.objects.visible_to(viewer).filter(company=OuterRef("pk")).order_by().values("company")
    count = Coalesce(Subquery(people.annotate(count=Count("pk")).values("count")), 0)
    rows = Company.objects.filter(pk__in=ids).select_related("owner").annotate(people=count) if ids else []
    return Page(list(rows), following, after is not None)


def list_contacts(*, viewer: User, filters: ClientFilters, after: Key | None = None) -> Page[ContactRow]:
    """Contacts by name with owners and companies. Three queries."""
    ids, following = _page_of_ids(Contact, viewer, filters, after)
    contacts = list(Contact.objects.filter(pk__in=ids).select_related("owner")) if ids else []
    return Page(with_companies(contacts, viewer), following, after is not None)


def with_companies(contacts: list[Contact], viewer: User) -> list[ContactRow]:
    """Contacts with those companies that the viewer sees. One query, none where there are none."""
    ids = {contact.company_id for contact in contacts} - {None}
    seen = Company.objects.visible_to(viewer).in_bulk(ids) if ids else {}
    return [ContactRow(contact, seen.get(contact.company_id)) for contact in contacts]


def people_of(company: Company, *, viewer: User) -> list[Contact]:
    """The company's people whom the viewer sees. One query."""
    return list(Contact.objects.visible_to(viewer).filter(company=company)[:MAX_PEOPLE])


def duplicates(model: Kind, *, viewer: User, values: Mapping[str, Any], region: str, limit: int = 5) -> list[Any]:
    """Those already there, as far as the viewer sees, with the same name, or any of the e-mails or phones. One query."""
    condition = Q(pk__in=[])
    if name := tidy(str(values.get("name") or "").replace("\0", "")):
        condition |= Q(sort_name=sort_key(name))
    for address in _given(values, "email"):
        condition |= has_email(address)
    for number in _given(values, "phone"):
        condition |= has_phone(number, region)
    return list(model.objects.visible_to(viewer).filter(condition).select_related("owner")[:limit])


def _given(values: Mapping[str, Any], field: str) -> list[str]:
    """All that was typed for a list of addresses or numbers: one name may come many times."""
    typed = values.getlist(field) if isinstance(values, QueryDict) else [values.get(field) or ""]
    return [text.replace("\0", "") for text in map(str, typed) if text.strip()][:MAX_ROWS]


def _searchable(model: Kind) -> Any:
    if model is Company:
        return Company.objects.all()
    written, text = Cast("phones", TextField()), TextField()
    return Contact.objects.annotate(digits=Func(written, Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=text))


def _page_of_ids(model: Kind, viewer: User, filters: ClientFilters, after: Key | None) -> tuple[list[int], str]:
    """The page's rows, and the key of the next page: for each of the viewer's rights one short walk along an index by name."""
    rows: QuerySet[Any] = _searchable(model).filter(filters.condition(model, viewer))
    if after is not None:
        name, pk = after
        rows = rows.filter(sort_name__gte=name).exclude(sort_name=name, pk__lte=pk)
    walks = [
        rows.filter(way).order_by("sort_name", "pk").values_list("sort_name", "pk")[: PAGE + 1]
        for way in model.objects.all().ways_to_see(viewer)
    ]
    if not walks:
        return [], ""
    keys = walks[0] if len(walks) == 1 else walks[0].union(*walks[1:]).order_by("sort_name", "pk")[: PAGE + 1]
    found = list(keys)
    return [pk for _name, pk in found[:PAGE]], write_key(found[PAGE - 1]) if len(found) > PAGE else ""
