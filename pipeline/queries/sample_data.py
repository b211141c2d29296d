"""The invented data of the demo: what of it is there, and what of it real records have come to need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from crm.demo import DEMO_DOMAIN
from crm.models import Company, Contact, Note, Task, User
from pipeline.models import Competitor, Deal, DealCompetitor, Product, Quote
from pipeline.simulator.goods import COMPETITORS


@dataclass(frozen=True, slots=True)
class SampleData:
    """How much would go, and how many clients would stay because real deals or contacts name them."""

    deals: int
    companies: int
    contacts: int
    notes: int
    tasks: int
    products: int
    quotes: int
    kept: int
    people: int


def count_sample_data(*, viewer: User) -> SampleData:
    """What removing it would take away. Nine queries."""
    companies, contacts = sample_companies(), sample_contacts()
    kept = Company.objects.filter(needed_companies()).count() + Contact.objects.filter(needed_contacts()).count()
    return SampleData(
        deals=sample_deals().count(),
        companies=companies.count(),
        contacts=contacts.count(),
        notes=Note.objects.filter(about_samples()).count(),
        tasks=Task.objects.filter(about_samples()).count(),
        products=sample_products().count(),
        quotes=sample_quotes().count(),
        kept=kept,
        people=demo_people(besides=viewer).filter(is_active=True).count(),
    )


def sample_deals() -> QuerySet[Deal]:
    """Every invented deal, whatever has become of it."""
    return Deal.objects.filter(is_sample=True)


def sample_companies() -> QuerySet[Company]:
    """The invented companies that nothing real needs."""
    return Company.objects.filter(is_sample=True).exclude(needed_companies())


def sample_contacts() -> QuerySet[Contact]:
    """The invented people that nothing real needs."""
    return Contact.objects.filter(is_sample=True).exclude(needed_contacts())


def sample_products() -> QuerySet[Product]:
    """The invented catalogue; lines of real deals keep what they say without it."""
    return Product.objects.filter(is_sample=True)


def sample_quotes() -> QuerySet[Quote]:
    """What was offered in invented deals."""
    return Quote.objects.filter(deal__in=sample_deals())


def sample_competitors() -> QuerySet[Competitor]:
    """The invented competitors that no real deal names; they are known by their names, as the pipelines' other lists are."""
    real = Deal.objects.filter(is_sample=False)
    named = Competitor.objects.filter(name__in=[english for english, _russian in COMPETITORS])
    rivals = DealCompetitor.objects.filter(deal__in=real)
    return named.exclude(pk__in=rivals.values("competitor")).exclude(pk__in=real.exclude(lost_to=None).values("lost_to"))


def needed_contacts() -> Q:
    """Invented people whom a real deal names."""
    return Q(is_sample=True, pk__in=Deal.objects.filter(is_sample=False, contact__is_sample=True).values("contact"))


def needed_companies() -> Q:
    """Invented companies that a real deal, a real contact or a needed contact names."""
    by_deals = Deal.objects.filter(is_sample=False, company__is_sample=True).values("company")
    by_people = Contact.objects.filter(Q(is_sample=False) | needed_contacts(), company__is_sample=True).values("company")
    return Q(is_sample=True) & (Q(pk__in=by_deals) | Q(pk__in=by_people))


def about_samples() -> Q:
    """Notes, tasks or events about what would go."""
    samples: dict[str, QuerySet[Any]] = {"deal": sample_deals(), "company": sample_companies(), "contact": sample_contacts()}
    condition = Q(pk__in=[])
    for record, rows in samples.items():
        condition |= Q(record=record, record_id__in=rows.values("pk"))
    return condition


def demo_people(*, besides: User) -> QuerySet[User]:
    """The demo's people, whose password everybody knows."""
    return User.objects.filter(email__endswith=f"@{DEMO_DOMAIN}").exclude(pk=besides.pk)
