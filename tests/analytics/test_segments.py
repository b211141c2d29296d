"""Reports narrowed by a segment: through the deal itself, its contact or its company."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from crm.filtering.reader import Reader
from crm.models import Company, Contact, User
from crm.segments import condition, segments_for
from crm.services.clients import save_client
from crm.services.views import save_view
from pipeline.models import Deal, Pipeline, Stage
from tests.factories import make_deal
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def deals(anna: User, stages: list[Stage]) -> list[Deal]:
    tver = save_client(model=Company, by=anna, name="Tver", website="https://tver.example")
    vip = save_client(model=Contact, by=anna, name="Vip", position="CEO")
    return [
        make_deal("Company", by=anna, company=tver),
        make_deal("Contact", by=anna, contact=vip, stage=stages[1]),
        make_deal("Neither", by=anna, amount=50_000),
    ]


SEGMENTS = [
    ("company", {"field": "website", "op": "contains", "value": "tver"}, "Company"),
    ("contact", {"field": "position", "op": "is", "value": "CEO"}, "Contact"),
    ("deal", {"field": "title", "op": "is", "value": "neither"}, "Neither"),
]


@pytest.mark.parametrize(("kind", "filter_", "found"), SEGMENTS)
def test_report_counts_the_deals_of_a_segment(
    anna: User, boris: User, clara: User, sales: Pipeline, deals: list[Deal], kind: str, filter_: dict[str, str], found: str, client: Client
) -> None:
    view = save_view(kind=kind, name="Chosen", by=clara, filter=filter_)
    assert [deal.title for deal in Deal.objects.filter(condition(view, Reader.of(clara), about="deal"))] == [found]
    asked = {"pipeline": sales.pk, "segment": view.pk}
    report = client_of(clara).get("/api/v1/analytics/funnel/", asked).json()
    assert (report["n"], report["open"]) == (1, 1)
    # A private view of somebody else's is not there, even where the figures would be.
    assert client_of(anna).get("/api/v1/analytics/funnel/", asked).status_code == 404
    client.force_login(clara)
    page = client.get(reverse("analytics"), asked).content.decode()
    assert "of the segment “Chosen” as it is today" in page
    assert f'<option value="{view.pk}" selected>Chosen</option>' in page
    behind = client.get(reverse("deals_behind"), asked | {"part": "all"}).content.decode()
    assert found in behind and behind.count("data-deal-id") == 1


def test_shared_segment_counts_what_its_reader_sees(anna: User, boris: User, clara: User, sales: Pipeline, deals: list[Deal]) -> None:
    view = save_view(kind="deal", name="Open", by=clara, is_shared=True, filter={"field": "outcome", "op": "is", "value": "open"})
    counts = [
        client_of(user).get("/api/v1/analytics/funnel/", {"pipeline": sales.pk, "segment": view.pk}).json()["n"]
        for user in (clara, anna, boris)
    ]
    assert counts == [3, 3, 0]
    assert [segment.name for segment in segments_for("deal", boris)] == ["Open"]
    assert segments_for("company", boris) == []


def test_segment_whose_field_is_gone_finds_nothing(anna: User, deals: list[Deal]) -> None:
    view = save_view(kind="deal", name="Old", by=anna, filter={"field": "title", "op": "is", "value": "neither"})
    view.filter = {"field": "gone", "op": "is", "value": 1}
    view.save()
    assert not Deal.objects.filter(condition(view, Reader.of(anna))).exists()
    assert not Contact.objects.filter(condition(view, Reader.of(anna), about="contact")).exists()
