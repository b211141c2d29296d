"""The API of pipelines, stages, deals, moves and outcomes: thin, over the services that the pages use."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.idempotency import answer_once
from crm.pagination import ListPagination
from crm.removals_api import delete_by_api
from crm.serializers import IdField
from crm.views_api import FILTERS, narrowed_by_filter
from pipeline.models import Deal, Pipeline, Stage
from pipeline.queries.deal_parts import people_of
from pipeline.serializers import (
    DealEdit,
    DealInput,
    DealSerializer,
    MoveInput,
    MoveSerializer,
    OutcomeInput,
    PeopleSerializer,
    PersonInput,
    PersonSerializer,
    PipelineSerializer,
    StageSerializer,
    VisitSerializer,
    VisitsSerializer,
)
from pipeline.services.deal_people import put_person, remove_person
from pipeline.services.deals import create_deal, edit_deal, fields_etag
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal, reopen_deal

STALE = OpenApiResponse(description="Somebody was faster: `{code, message, current}`.")
REFUSED = OpenApiResponse(description="Not allowed as asked: `{reasons: […]}`.")


class DealFilter(serializers.Serializer):
    """What a list of deals can be narrowed by."""

    pipeline = IdField(required=False)
    stage = IdField(required=False)
    owner = IdField(required=False)
    outcome = serializers.ChoiceField(["open", "won", "lost"], required=False)


class StageFilter(serializers.Serializer):
    pipeline = IdField(required=False)


def narrowed(queryset: QuerySet[Any], form: type[serializers.Serializer], request: Request) -> QuerySet[Any]:
    """Apply the query's filters; a value of the wrong kind is an error, not an empty list."""
    asked = form(data=request.query_params)
    asked.is_valid(raise_exception=True)
    wanted = dict(asked.validated_data)
    if wanted.get("outcome") == "open":
        wanted["outcome"] = ""
    return queryset.filter(**wanted)


class StagePagination(ListPagination):
    """Stages come in the order of the board."""

    ordering = ("pipeline", "position", "id")


class PipelineViewSet(viewsets.ReadOnlyModelViewSet[Pipeline]):
    """Pipelines with their stages; everybody who signs in sees them."""

    queryset = Pipeline.objects.prefetch_related("stages")
    serializer_class = PipelineSerializer


@extend_schema(parameters=[StageFilter])
class StageViewSet(viewsets.ReadOnlyModelViewSet[Stage]):
    """Stages in order of position within `?pipeline=`."""

    serializer_class = StageSerializer
    pagination_class = StagePagination
    queryset = Stage.objects.all()

    def get_queryset(self) -> QuerySet[Stage]:
        return narrowed(Stage.objects.all(), StageFilter, self.request) if self.action == "list" else Stage.objects.all()


class DealViewSet(viewsets.ReadOnlyModelViewSet[Deal]):
    """The deals that the key's user may see; every other is not found."""

    serializer_class = DealSerializer
    queryset = Deal.objects.none()

    def get_queryset(self) -> QuerySet[Deal]:
        seen = Deal.objects.visible_to(self.request.user).select_related("lost_reason", "lost_to")
        return narrowed_by_filter(narrowed(seen, DealFilter, self.request), "deal", self.request) if self.action == "list" else seen

    @extend_schema(parameters=[DealFilter, *FILTERS])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One deal; its ETag marks the fields' values for `If-Match`."""
        deal = self.get_object()
        return self._deal(deal)

    @extend_schema(responses={204: None, 403: OpenApiResponse(description="A closed deal is deleted by who leads.")})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Delete it with its history, items and all that was said; it can be brought back for thirty days."""
        return delete_by_api(request, "deal", pk)

    @extend_schema(request=DealInput, responses={201: DealSerializer, 422: REFUSED})
    def create(self, request: Request) -> Response:
        """Add a deal at the top of a stage."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        form = DealInput(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        stage = asked.pop("stage")
        return self._deal(create_deal(stage=stage.pk, by=request.user, origin=_tab(request), **asked), status=201)

    @extend_schema(request=DealEdit, responses={200: DealSerializer, 412: STALE, 422: REFUSED})
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Edit fields; with `If-Match`, only when nobody else has edited them since."""
        deal = self.get_object()
        form = DealEdit(deal, data=request.data, partial=True, context={"request": request})
        form.is_valid(raise_exception=True)
        etag = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
        changed = edit_deal(
            deal_id=deal.pk, changes=dict(form.validated_data), etag="" if etag == "*" else etag, by=request.user, origin=_tab(request)
        )
        return self._deal(changed)

    @extend_schema(
        request=MoveInput,
        responses={201: MoveSerializer, 409: STALE, 422: REFUSED},
        examples=[OpenApiExample("To the end of a stage", value={"stage": 3, "before": None, "version": 4}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def moves(self, request: Request, pk: str | None = None) -> Response:
        """Move the deal into a stage, above another deal or at the end."""
        return answer_once(request, lambda: self._move(request))

    def _move(self, request: Request) -> Response:
        form = MoveInput(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        move = move_deal(
            deal_id=self._id(),
            to_stage=asked["stage"],
            before=asked.get("before"),
            version=asked.get("version"),
            by=request.user,
            origin=_tab(request),
        )
        return Response(MoveSerializer.answer(move), status=201)

    @extend_schema(request=OutcomeInput, responses={201: DealSerializer, 409: STALE, 422: REFUSED})
    @action(detail=True, methods=["post"])
    def outcomes(self, request: Request, pk: str | None = None) -> Response:
        """Win, lose (with a reason, perhaps to somebody) or reopen the deal."""
        return answer_once(request, lambda: self._close(request))

    def _close(self, request: Request) -> Response:
        form = OutcomeInput(data=request.data)
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        common = {"deal_id": self._id(), "version": asked.get("version"), "by": request.user, "origin": _tab(request)}
        if asked["outcome"] == "reopened":
            return self._deal(reopen_deal(stage=asked.get("stage"), **common), status=201)
        told = {name: asked.get(name) for name in ("outcome", "lost_reason", "lost_to")}
        return self._deal(close_deal(**told, **common), status=201)

    @extend_schema(operation_id="deals_visits", responses=VisitsSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def visits(self, request: Request, pk: str | None = None) -> Response:
        """The deal's stays in stages, oldest first."""
        visits = self.get_object().visits.select_related("lost_reason").order_by("seq")
        return Response({"results": VisitSerializer(visits, many=True).data, "next": None, "previous": None})

    @extend_schema(methods=["GET"], operation_id="deals_contacts", responses=PeopleSerializer)
    @extend_schema(methods=["POST"], request=PersonInput, responses={201: PersonSerializer, 422: REFUSED})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def contacts(self, request: Request, pk: str | None = None) -> Response:
        """The people who have a part in the deal; a post gives somebody a part, or another one."""
        if request.method == "POST":
            return answer_once(request, lambda: self._put_person(request))
        people = people_of(self.get_object())
        return Response({"results": PersonSerializer(people, many=True).data, "next": None, "previous": None})

    def _put_person(self, request: Request) -> Response:
        self.get_object()  # of a deal that isn't seen nothing is told, whoever is named
        form = PersonInput(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        person = put_person(deal_id=self._id(), contact=asked["contact"], role=asked.get("role"), by=request.user, origin=_tab(request))
        return Response(PersonSerializer(person).data, status=201)

    @extend_schema(request=None, responses={204: None, 422: REFUSED})
    @action(detail=True, methods=["delete"], url_path=r"contacts/(?P<contact_id>\d{1,18})", url_name="contact")
    def contact(self, request: Request, contact_id: str, pk: str | None = None) -> Response:
        """They have no part in it any more."""
        remove_person(deal_id=self._id(), contact_id=int(contact_id), by=request.user, origin=_tab(request))
        return Response(status=204)

    def _id(self) -> int:
        """The id of the address; the services find out whether it may be seen."""
        return int(self.kwargs["pk"])

    lookup_value_regex = r"\d{1,18}"

    @staticmethod
    def _deal(deal: Deal, status: int = 200) -> Response:
        return Response(DealSerializer(deal).data, status=status, headers={"ETag": f'"{fields_etag(deal)}"'})


def _tab(request: Request) -> str:
    return request.headers.get("X-Tab", "")[:64]
