"""The lists of contacts and companies: their columns, how rows are loaded, and the views that everybody has."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.reader import Reader
from crm.lists.columns import Column, register_columns
from crm.lists.kinds import ListKind, StandardView, Words, register_kind, register_views
from crm.models import Company, Contact
from crm.queries.clients import search_words, with_companies

MINE = {"field": "owner", "op": "is", "value": "me"}
WITHOUT_OWNER = {"field": "owner", "op": "is", "value": "nobody"}
NEW = {"field": "created", "op": "last", "value": 7}


def load_contacts(ids: list[int], reader: Reader) -> list[Any]:
    """Those contacts that the reader sees, with owners and the companies that the reader sees; two queries."""
    contacts: Any = list(Contact.objects.visible_to(reader.user).filter(pk__in=ids).select_related("owner", "team"))
    for row in with_companies(contacts, reader.user):
        row.contact.seen_company = row.company  # type: ignore[attr-defined]
    return contacts


def load_companies(ids: list[int], reader: Reader) -> list[Any]:
    """Those companies that the reader sees, with owners and the number of their people whom the reader sees; one query."""
    people = Contact.objects.visible_to(reader.user).filter(company=OuterRef("pk")).order_by().values("company")
    count = Coalesce(Subquery(people.annotate(count=Count("pk")).values("count")), 0)
    return list(Company.objects.visible_to(reader.user).filter(pk__in=ids).select_related("owner", "team").annotate(people=count))


def search_contacts(text: str, reader: Reader) -> Q:
    """What the search field finds: a part of the name, e-mail, phone or position."""
    return search_words(Contact, text, reader.user)


def search_companies(text: str, reader: Reader) -> Q:
    """A part of the name, city or website."""
    return search_words(Company, text, reader.user)


def register_clients() -> None:
    """Make them known; called once at start."""
    owner = Column("owner", _("Owner"), lambda row: row.owner and row.owner.name, order="owner__name")
    team = Column("team", _("Team"), lambda row: row.team and row.team.name, order="team__name")
    tags = Column("tags", _("Tags"), lambda row: [(tag, "") for tag in row.tags], "pills")
    consent = Column("consent", _("Consent"), lambda row: row.get_consent_display())
    created = Column("created", _("Added"), lambda row: row.created_at, "moment", order="created_at", is_indexed=True, starts_down=True)
    register_columns(
        "contact",
        Column("name", pgettext_lazy("person", "Name"), lambda row: row.name, order="sort_name", is_indexed=True),
        Column("position", _("Position"), lambda row: row.position, order="position"),
        Column("company", _("Company"), lambda row: _company_link(row.seen_company), "link"),
        Column("email", _("E-mail"), lambda row: row.email, "mail", order="email"),
        Column("phone", _("Phone"), lambda row: row.phone, "phone"),
        owner,
        team,
        tags,
        consent,
        created,
    )
    register_columns(
        "company",
        Column("name", _("Name"), lambda row: row.name, order="sort_name", is_indexed=True),
        Column("city", _("City"), lambda row: row.city, order="city"),
        Column("email", _("E-mail"), lambda row: row.email, "mail", order="email"),
        Column("phone", _("Phone"), lambda row: row.phone, "phone"),
        Column("website", _("Website"), lambda row: row.website, "website"),
        Column("people", _("People"), lambda row: row.people or None, "number"),
        owner,
        team,
        tags,
        consent,
        created,
    )
    register_kind(CONTACTS)
    register_kind(COMPANIES)
    register_views(
        "contact",
        StandardView("mine", _("My contacts"), MINE),
        StandardView("without_owner", _("Without owner"), WITHOUT_OWNER),
        StandardView("new", _("New this week"), NEW, order="-created"),
    )
    register_views(
        "company",
        StandardView("mine", _("My companies"), MINE),
        StandardView("without_owner", _("Without owner"), WITHOUT_OWNER),
        StandardView("new", _("New this week"), NEW, order="-created"),
    )


def _company_link(company: Company | None) -> tuple[str, str] | None:
    return (company.name, reverse("company", args=(company.pk,))) if company else None


CONTACTS = ListKind(
    key="contact",
    model=Contact,
    icon="users",
    url_name="contacts",
    record_url="contact",
    words=Words(
        title=_("Contacts"),
        new=_("New contact"),
        search=_("Search by name, e-mail, phone or position"),
        nothing_yet=_("No contacts yet"),
        what_for=_("Contacts are the people you talk to: how to reach them, and what was agreed."),
        first=_("Add the first contact"),
        nothing_fits=_("Nobody fits"),
    ),
    load=load_contacts,
    search=search_contacts,
    columns=("name", "company", "position", "phone", "email", "owner"),
    order="name",
    new_url="new_contact",
)
COMPANIES = ListKind(
    key="company",
    model=Company,
    icon="building",
    url_name="companies",
    record_url="company",
    words=Words(
        title=_("Companies"),
        new=_("New company"),
        search=_("Search by name, city or website"),
        nothing_yet=_("No companies yet"),
        what_for=_("Companies are whom you sell to. Each keeps its people, its deals and everything that was said."),
        first=_("Add the first company"),
        nothing_fits=_("No company fits"),
    ),
    load=load_companies,
    search=search_companies,
    columns=("name", "city", "website", "people", "owner"),
    order="name",
    new_url="new_company",
)
