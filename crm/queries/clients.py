"""Lists of companies and contacts, and what their pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Contains
from django.http import QueryDict

from crm.cleaning import tidy
from crm.models import Company, Contact, User
from crm.models.contacts import sort_key
from crm.queries.reach import has_email, has_phone
from crm.queries.search import matching
from crm.reach import MAX_ROWS

MAX_PEOPLE = 100
Kind = type[Company] | type[Contact]


@dataclass(frozen=True)
class ContactRow:
    """A contact, and its company if the viewer may see that too."""

    contact: Contact
    company: Company | None


def search_words(model: Kind, text: str) -> Q:
    """What a list's search field finds: every word, as a part of the name, e-mail, phone, position, city, website or a tag."""
    return Q(pk__in=matching(model._meta.model_name or "", text))


def contains_digits(digits: str) -> Q:
    """Phones with these digits in a row."""
    written, text = Cast("phones", TextField()), TextField()
    bare = Func(written, Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=text)
    return Q(Contains(bare, digits))


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
