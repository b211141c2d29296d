"""Quotes: numbers without gaps, snapshots that don't change, and PDFs that hold what was typed as plain text."""

from __future__ import annotations

import hashlib
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone

from crm.errors import Refused
from crm.models import Company, User
from pipeline.models import Quote, QuoteCounter, QuoteFile, Stage
from pipeline.quote_pdf import render
from pipeline.quote_pdf.render import NotSet, set_pdf
from pipeline.services.line_items import add_item
from pipeline.services.quotes import create_quote, make_pdf, renew_quote, set_quote_state, visible_quote
from pipeline.services.sellers import edit_seller, set_logo
from tests.factories import make_deal

D = Decimal


def picture() -> bytes:
    """The smallest PNG there is: one black dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")


@pytest.fixture
def deal(anna: User, stages: list[Stage]) -> Any:
    deal = make_deal("Line «North»", by=anna, amount=None, company=Company.objects.create(name="Vektor", city="Tver", owner=anna))
    add_item(deal_id=deal.pk, values={"name": "Set-up", "quantity": D(2), "price": D("120"), "tax_rate": D(20)}, by=anna)
    return deal


@pytest.mark.django_db
def test_numbers_follow_one_another_and_a_rollback_gives_its_number_back(anna: User, deal: Any) -> None:
    first = create_quote(deal_id=deal.pk, language="en", by=anna)
    with pytest.raises(RuntimeError), transaction.atomic():
        create_quote(deal_id=deal.pk, language="en", by=anna)
        raise RuntimeError
    second = create_quote(deal_id=deal.pk, language="ru", by=anna)
    assert [first.number, second.number] == [1, 2]
    assert second.label == f"{second.year}-0002"
    assert (second.total, second.currency, second.valid_until - second.issued_on) == (D("240.00"), "EUR", timedelta(days=14))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_no_gap(anna: User, deal: Any) -> None:
    others = [make_deal(str(n), by=anna) for n in range(3)]

    def work(turn: int) -> int:
        try:
            return create_quote(deal_id=[deal, *others][turn % 4].pk, language="en", by=anna).number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(work, range(12)))
    assert sorted(numbers) == list(range(1, 13))
    assert QuoteCounter.objects.get().last == 12


@pytest.mark.django_db
def test_the_pdf_is_kept_with_its_hash_and_a_quote_never_changes(anna: User, admin: User, deal: Any) -> None:
    edit_seller(changes={"legal_name": "Voronka Ltd", "terms": "Half in advance. #panic() $x$ *bold*"}, by=admin)
    set_logo(content=picture(), by=admin)
    quote = create_quote(deal_id=deal.pk, language="ru", by=anna)
    file = make_pdf(quote_id=quote.pk, by=anna)
    content = bytes(file.content)
    assert content.startswith(b"%PDF") and (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    add_item(deal_id=deal.pk, values={"name": "More", "price": D(5)}, by=anna)
    edit_seller(changes={"legal_name": "Other"}, by=admin)
    assert make_pdf(quote_id=quote.pk, by=anna).pk == file.pk
    quote.refresh_from_db()
    assert (quote.total, quote.snapshot["seller"]["name"], len(quote.snapshot["lines"])) == (D(240), "Voronka Ltd", 1)
    renewed = renew_quote(quote_id=quote.pk, by=anna)
    assert (renewed.number, renewed.total, renewed.snapshot["seller"]["name"]) == (1, D(245), "Other")
    assert not QuoteFile.objects.exists()


@pytest.mark.django_db
def test_states_change_the_quote_alone(anna: User, deal: Any) -> None:
    quote = create_quote(deal_id=deal.pk, language="en", by=anna)
    with pytest.raises(Refused):
        set_quote_state(quote_id=quote.pk, state="sent", by=anna)  # there is nothing to send yet
    make_pdf(quote_id=quote.pk, by=anna)
    assert set_quote_state(quote_id=quote.pk, state="sent", by=anna) == "draft"
    assert set_quote_state(quote_id=quote.pk, state="accepted", by=anna) == "sent"
    deal.refresh_from_db()
    assert (deal.outcome, deal.version) == ("", 0)
    for state in ("", "paid", "x" * 100):
        with pytest.raises(Refused):
            set_quote_state(quote_id=quote.pk, state=state, by=anna)
    with pytest.raises(Refused):
        renew_quote(quote_id=quote.pk, by=anna)


@pytest.mark.django_db
def test_a_typed_amount_is_one_line_and_nothing_is_refused(anna: User, stages: list[Stage]) -> None:
    deal = make_deal("Audit", by=anna, amount=700)
    quote = create_quote(deal_id=deal.pk, language="en", by=anna)
    assert [(line["name"], line["total"]) for line in quote.snapshot["lines"]] == [("Audit", "700.00")]
    empty = make_deal(by=anna, amount=None)
    with pytest.raises(Refused):
        create_quote(deal_id=empty.pk, language="en", by=anna)
    for until in (date(2020, 1, 1), date(9999, 1, 1)):
        with pytest.raises(Refused):
            create_quote(deal_id=deal.pk, language="en", valid_until=until, by=anna)
    assert Quote.objects.count() == QuoteCounter.objects.get().last == 1


@pytest.mark.django_db
def test_others_find_no_quote(anna: User, boris: User, clara: User, denis: User, deal: Any) -> None:
    quote = create_quote(deal_id=deal.pk, language="en", by=anna)
    assert visible_quote(quote.pk, clara) == quote
    for stranger in (boris, denis):
        for verb in (lambda by: make_pdf(quote_id=quote.pk, by=by), lambda by: set_quote_state(quote_id=quote.pk, state="sent", by=by)):
            with pytest.raises(Http404):
                verb(stranger)


@pytest.mark.django_db
def test_what_cannot_be_set_is_told_and_kept_for_another_try(
    anna: User, deal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = create_quote(deal_id=deal.pk, language="en", by=anna)
    (tmp_path / "quote.typ").write_text("#while true { }")
    (tmp_path / "typesetter.py").write_text((render.HERE / "typesetter.py").read_text())
    with monkeypatch.context() as patch:
        patch.setattr(render, "HERE", tmp_path)
        with pytest.raises(Refused):
            make_pdf(quote_id=quote.pk, by=anna)
    assert make_pdf(quote_id=quote.pk, by=anna).size > 1000


def test_the_template_reads_nothing_but_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "typesetter.py").write_text((render.HERE / "typesetter.py").read_text())
    monkeypatch.setattr(render, "HERE", tmp_path)
    for source in ('#read("/etc/passwd")', '#read("../../etc/passwd")', '#import "@preview/cetz:0.3.0"'):
        (tmp_path / "quote.typ").write_text(source)
        with pytest.raises(NotSet):
            set_pdf({}, at=timezone.now())


@pytest.mark.django_db
def test_a_logo_is_a_small_picture(admin: User) -> None:
    for content in (b"<svg/>", b"GIF89a", b"", picture() + b"x" * 300_001, picture()[:40]):
        with pytest.raises(Refused):
            set_logo(content=content, by=admin)


def test_no_number_is_spent_on_a_quote_of_nothing(anna: User, stages: list[Stage]) -> None:
    deal = make_deal("Racks", by=anna, amount=290_000)
    add_item(deal_id=deal.pk, values={"name": "Rack"}, by=anna)
    with pytest.raises(Refused, match="prices"):
        create_quote(deal_id=deal.pk, language="en", by=anna)
    assert not Quote.objects.exists()
    assert not QuoteCounter.objects.exists()
