"""The deals of a company or contact, for its page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, Prefetch, Q, QuerySet, Sum, Value, When

from crm.models import Company, Contact, User
from crm.panels import Panel
from crm.timeline import Subject
from pipeline.models import Deal, DealContact, Outcome

MAX_DEALS = 20
MAX_TOLD = 200


@dataclass(frozen=True)
class ClientDeals:
    """The first deals, open ones before closed ones, and what there is in all."""

    deals: list[Deal]
    count: int
    open_count: int
    # By currency: sums of different currencies are not one number.
    open_amounts: dict[str, Decimal]
    won_amounts: dict[str, Decimal]


def client_deals(client: Company | Contact, viewer: User) -> Panel:
    """Its deals that the viewer sees, as a panel of its page; a contact's with the role in each. Two queries, of a contact three."""
    kind = client._meta.model_name
    deals = Deal.objects.visible_to(viewer).filter(_of_contact(client.pk) if kind == "contact" else Q(company=client.pk))
    count, open_count = 0, 0
    amounts: dict[str, dict[str, Decimal]] = {Outcome.OPEN: defaultdict(Decimal), Outcome.WON: defaultdict(Decimal)}
    totals = deals.order_by().values_list("outcome", "currency").annotate(Count("pk"), Sum("amount"))
    for outcome, currency, number, amount in totals:
        count += number
        open_count += number if outcome == Outcome.OPEN else 0
        if outcome in amounts and amount:
            amounts[outcome][currency] += amount
    open_first = Case(When(outcome=Outcome.OPEN, then=Value(0)), default=Value(1))
    first = deals.select_related("stage", "owner", "lost_reason").order_by(open_first, "-closed_at", "-created_at", "-pk")[:MAX_DEALS]
    if kind == "contact":
        mine = DealContact.objects.filter(contact=client.pk).select_related("role")
        first = first.prefetch_related(Prefetch("people", queryset=mine, to_attr="parts"))
    found = ClientDeals(list(first) if count else [], count, open_count, dict(amounts[Outcome.OPEN]), dict(amounts[Outcome.WON]))
    return Panel("deals/_client_deals.html", {"found": found})


def deals_of_company(company_id: int, viewer: User) -> list[Subject]:
    """The company's latest deals that the viewer sees, for its timeline. One query."""
    return _told(Deal.objects.visible_to(viewer).filter(company=company_id))


def deals_of_contact(contact_id: int, viewer: User) -> list[Subject]:
    """The contact's latest deals that the viewer sees, for their timeline. One query."""
    return _told(Deal.objects.visible_to(viewer).filter(_of_contact(contact_id)))


def _of_contact(contact_id: int) -> Q:
    """The deals of which they are the main contact or in which they have a part; two short walks, where an OR would read every deal."""
    main = Deal.objects.filter(contact=contact_id).order_by().values("pk")
    return Q(pk__in=main.union(DealContact.objects.filter(contact=contact_id).order_by().values("deal")))


def _told(deals: QuerySet[Deal]) -> list[Subject]:
    return [Subject("deal", pk, title) for pk, title in deals.order_by("-pk").values_list("pk", "title")[:MAX_TOLD]]
