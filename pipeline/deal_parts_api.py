"""The API of a deal's sections: line items, quotes, checklist, competitors; through the services that the pages use."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.errors import Refused
from crm.idempotency import answer_once
from pipeline.models import Deal, DealCompetitor, LineItem, Quote
from pipeline.queries.deal_parts import Check, checklist_of, rivals_of
from pipeline.quote_pdf.download import answer_pdf
from pipeline.selling_serializers import (
    CheckInput,
    CheckSerializer,
    ItemInput,
    ItemOrder,
    ItemSerializer,
    QuoteEdit,
    QuoteInput,
    QuoteSerializer,
    RivalInput,
    RivalSerializer,
)
from pipeline.services.checklists import tick_item
from pipeline.services.competitors import add_rival, remove_rival
from pipeline.services.line_items import add_item, edit_item, order_items, remove_item
from pipeline.services.quotes import create_quote, make_pdf, renew_quote, set_quote_state, visible_quote

GONE = OpenApiResponse(description="Somebody else has changed it: `{code, message, current}`.")
PDF = {(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)}


class DealPartViewSet(viewsets.GenericViewSet[Any]):
    """Rows of one deal, which the key's user must see."""

    lookup_value_regex = r"\d{1,18}"

    def list(self, request: Request, deal_id: str = "") -> Response:
        """All of the deal's."""
        rows = self.rows(self.seen_deal())
        return Response({"results": self.get_serializer(rows, many=True).data, "next": None, "previous": None})

    def rows(self, deal: Deal) -> Any:
        raise NotImplementedError

    def seen_deal(self) -> Deal:
        return get_object_or_404(Deal.objects.visible_to(self.request.user).select_related("stage"), pk=self.deal_id)

    def read(self, form: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
        asked = form(data=self.request.data, **options)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    @property
    def deal_id(self) -> int:
        return int(self.kwargs["deal_id"])

    @property
    def row_id(self) -> int:
        return int(self.kwargs["pk"])

    @property
    def who(self) -> dict[str, Any]:
        """Whose change it is, and from which tab."""
        return {"by": self.request.user, "origin": self.request.headers.get("X-Tab", "")[:64]}


class ItemViewSet(DealPartViewSet):
    """The lines that a deal's amount is made of."""

    queryset = LineItem.objects.none()
    serializer_class = ItemSerializer

    def rows(self, deal: Deal) -> QuerySet[LineItem]:
        return deal.items.order_by("position", "id")

    def retrieve(self, request: Request, deal_id: str = "", pk: str = "") -> Response:
        """One line."""
        return self._answer(get_object_or_404(LineItem, deal=self.seen_deal(), pk=self.row_id))

    @extend_schema(request=ItemInput, responses={201: ItemSerializer})
    def create(self, request: Request, deal_id: str = "") -> Response:
        """Add a line at the end; the amount follows where it comes from the items."""
        return answer_once(
            request, lambda: self._answer(add_item(deal_id=self.deal_id, values=self.read(ItemInput), **self.who), status=201)
        )

    @extend_schema(request=ItemInput, responses={200: ItemSerializer, 412: GONE})
    def partial_update(self, request: Request, deal_id: str = "", pk: str = "") -> Response:
        """Change a line; with `If-Match`, only when nobody else has since."""
        changes = self.read(ItemInput, partial=True)
        return self._answer(edit_item(deal_id=self.deal_id, item_id=self.row_id, changes=changes, mark=self._mark(), **self.who))

    @extend_schema(responses={204: None, 412: GONE})
    def destroy(self, request: Request, deal_id: str = "", pk: str = "") -> Response:
        """Take a line away."""
        remove_item(deal_id=self.deal_id, item_id=self.row_id, mark=self._mark(), **self.who)
        return Response(status=204)

    @extend_schema(request=ItemOrder, responses={200: ItemSerializer(many=True), 412: GONE})
    @action(detail=False, methods=["post"], pagination_class=None)
    def order(self, request: Request, deal_id: str = "") -> Response:
        """Put the lines into another order."""
        order_items(deal_id=self.deal_id, order=self.read(ItemOrder)["order"], **self.who)
        return self.list(request)

    def _mark(self) -> str:
        mark = self.request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
        return "" if mark == "*" else mark

    def _answer(self, item: LineItem, status: int = 200) -> Response:
        data = self.get_serializer(item).data
        return Response(data, status=status, headers={"ETag": f'"{data["mark"]}"'})


class QuoteViewSet(DealPartViewSet):
    """What was offered, numbered without gaps; a quote stays as it was made."""

    queryset = Quote.objects.none()
    serializer_class = QuoteSerializer

    def list(self, request: Request, deal_id: str = "") -> Response:
        """The deal's quotes, oldest first."""
        light = self.seen_deal().quotes.select_related("file").defer("snapshot", "file__content")
        page = self.paginate_queryset(light)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, deal_id: str = "", pk: str = "") -> Response:
        """One quote."""
        return self._answer(self._quote().pk)

    @extend_schema(request=QuoteInput, responses={201: QuoteSerializer})
    def create(self, request: Request, deal_id: str = "") -> Response:
        """Offer what the deal says now, with a PDF."""
        answer = answer_once(request, lambda: self._create(request))
        # Outside of what is done once: setting a document takes a while, and numbers wait for nobody's.
        return Response({**answer.data, "has_pdf": self._make_pdf(answer.data["id"])}, status=answer.status_code)

    def _create(self, request: Request) -> Response:
        asked = self.read(QuoteInput)
        language = asked.pop("language", None) or get_language() or ""
        return self._answer(create_quote(deal_id=self.deal_id, language=language, **asked, **self.who).pk, status=201)

    @extend_schema(request=QuoteEdit, responses=QuoteSerializer)
    def partial_update(self, request: Request, deal_id: str = "", pk: str = "") -> Response:
        """Say that it was sent, accepted or declined."""
        quote = self._quote()
        set_quote_state(quote_id=quote.pk, state=self.read(QuoteEdit)["state"], **self.who)
        return self._answer(quote.pk)

    @extend_schema(request=None, responses=QuoteSerializer)
    @action(detail=True, methods=["post"])
    def renewal(self, request: Request, deal_id: str = "", pk: str = "") -> Response:
        """Take what the deal says now into a draft, under the same number."""
        quote = renew_quote(quote_id=self._quote().pk, **self.who)
        make_pdf(quote_id=quote.pk, by=request.user)
        return self._answer(quote.pk)

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, deal_id: str = "", pk: str = "") -> HttpResponse:
        """The PDF, as a download."""
        return answer_pdf(self._quote())

    def _quote(self) -> Quote:
        deal = self.seen_deal()
        return visible_quote(self.row_id if deal.quotes.filter(pk=self.row_id).exists() else 0, self.request.user)

    def _make_pdf(self, quote_id: int) -> bool:
        try:
            make_pdf(quote_id=quote_id, by=self.request.user)
        except Refused:
            return False
        return True

    def _answer(self, quote_id: int, status: int = 200) -> Response:
        quote = Quote.objects.select_related("file").defer("snapshot", "file__content").get(pk=quote_id)
        return Response(self.get_serializer(quote).data, status=status)


class CheckViewSet(DealPartViewSet):
    """The checklist of the deal's pipeline, and what of it is done for the deal."""

    queryset = Deal.objects.none()
    serializer_class = CheckSerializer

    def rows(self, deal: Deal) -> list[Check]:
        return checklist_of(deal, deal.pipeline.stages.all()).all

    @extend_schema(request=CheckInput, responses=CheckSerializer)
    def partial_update(self, request: Request, deal_id: str = "", pk: str = "") -> Response:
        """Tick it, or take the tick back."""
        tick_item(deal_id=self.deal_id, item_id=self.row_id, done=self.read(CheckInput, partial=False)["done"], **self.who)
        check = next(check for check in self.rows(self.seen_deal()) if check.item.pk == self.row_id)
        return Response(self.get_serializer(check).data)


class RivalViewSet(DealPartViewSet):
    """Who else bids for the deal."""

    queryset = DealCompetitor.objects.none()
    serializer_class = RivalSerializer

    def rows(self, deal: Deal) -> list[DealCompetitor]:
        return rivals_of(deal)

    @extend_schema(request=RivalInput, responses={201: RivalSerializer})
    def create(self, request: Request, deal_id: str = "") -> Response:
        """Note that somebody else bids too; the same one again takes the newer note."""
        return answer_once(request, lambda: self._create())

    def _create(self) -> Response:
        rival = add_rival(deal_id=self.deal_id, **self.read(RivalInput), **self.who)
        return Response(self.get_serializer(rival).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, deal_id: str = "", pk: str = "") -> Response:
        """They don't, after all."""
        remove_rival(deal_id=self.deal_id, competitor_id=self.row_id, **self.who)
        return Response(status=204)
