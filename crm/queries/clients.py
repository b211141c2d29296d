"""Lists of companies and contacts, and what their pages show."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Contains

from crm.models import Company, Contact, User
from crm.queries.search import holding

MAX_PEOPLE = 100
Kind = type[Company] | type[Contact]


@dataclass(frozen=True)
class ContactRow:
    """A contact, and its company if the viewer may see that too."""

    contact: Contact
    company: Company | None


def search_words(model: Kind, text: str, viewer: User) -> Q:
    """What a list's search field finds: every word, as a part of the name, e-mail, phone, position, city, website or a tag. One query."""
    return holding(model._meta.model_name or "", text, viewer)


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
