"""Acts on many records in the API: the same actions, forms, rights and ways back as the selection bar of a list."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.bulk import Chosen, actions_of
from crm.bulk_clients import values_of
from crm.errors import Refused
from crm.filtering.reader import Reader
from crm.filtering.tree import try_tree
from crm.idempotency import answer_once
from crm.lists.asked import Asked
from crm.lists.kinds import list_kind
from crm.models import BulkChange, Job
from crm.serializers import IdField
from crm.services.bulk_changes import change_many, undo_many

MAX_IDS = 1000


class BulkInput(serializers.Serializer):
    kind = serializers.CharField(max_length=20)
    action = serializers.CharField(
        max_length=40, help_text="owner, add-tag, remove-tag, field; of deals also stage, won, lost; tasks: done, put-off, assignee"
    )
    ids = serializers.ListField(child=IdField(), required=False, max_length=MAX_IDS, min_length=1)
    filter = serializers.JSONField(required=False, help_text="all records that match this filter, instead of `ids`")
    view = serializers.CharField(
        required=False, max_length=40, help_text="all records of this view, instead of `ids`; with `filter` those that match both"
    )
    values = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=2000), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Picked records or all that match, never silently everything."""
        if ("ids" in attrs) == bool(attrs.keys() & {"filter", "view"}):
            raise serializers.ValidationError("either ids, or filter and view")
        if list_kind(attrs["kind"]) is None:
            raise serializers.ValidationError({"kind": ["no such list"]})
        return attrs


class BulkChangeSerializer(serializers.ModelSerializer[BulkChange]):
    refusals = serializers.SerializerMethodField(help_text="the first hundred records that were refused, with the reason")

    class Meta:
        model = BulkChange
        fields = ["id", "kind", "action", "at", "finished_at", "undo_began_at", "undone_at", "counts", "refusals"]

    def get_refusals(self, change: BulkChange) -> list[dict[str, Any]]:
        rows = change.rows.exclude(refused="").order_by("record_id")[:100]
        return [{"id": row.record_id, "reason": row.refused} for row in rows]


class BulkChangeViewSet(viewsets.ReadOnlyModelViewSet[BulkChange]):
    """One's own acts on many records. `finished_at` is empty as long as one is under way."""

    serializer_class = BulkChangeSerializer
    queryset = BulkChange.objects.none()
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[BulkChange]:
        return BulkChange.objects.visible_to(self.request.user).order_by("-pk")

    @extend_schema(request=BulkInput, responses={201: BulkChangeSerializer, 202: BulkChangeSerializer})
    def create(self, request: Request) -> Response:
        """Do one thing to many records: at once up to 200, else in the background (202)."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        form = BulkInput(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = form.validated_data
        chosen = _chosen(request, given)
        act = next((one for one in actions_of(given["kind"], request.user) if one.key == given["action"]), None)
        if act is None:
            raise serializers.ValidationError({"action": ["no such action"]})
        asks: forms.Form | None = act.form(data=given.get("values", {}), viewer=request.user) if act.form else None
        if asks is not None and not asks.is_valid():
            raise serializers.ValidationError({"values": {name: [str(error) for error in errors] for name, errors in asks.errors.items()}})
        change, job = change_many(action=act.key, chosen=chosen, values=values_of(asks), by=request.user)
        return self._answer(change, job, 201)

    @extend_schema(request=None, responses={200: BulkChangeSerializer, 202: BulkChangeSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        """Take it back within a day; fields that were changed since stay, and are counted under `kept`."""
        return self._answer(*undo_many(change_id=int(pk or 0), by=request.user), 200)

    def _answer(self, change: BulkChange, job: Job | None, status: int) -> Response:
        return Response(self.get_serializer(change).data, status=202 if job else status)


def _chosen(request: Request, given: dict[str, Any]) -> Chosen:
    kind, reader = list_kind(given["kind"]), Reader.of(request.user)
    if kind is None:
        raise Refused("no such list")
    if "ids" in given:
        return Chosen(kind, reader, ids=tuple(given["ids"]))
    asked = Asked.read(kind, QueryDict(urlencode({"view": given.get("view", "")})), reader)
    if "filter" in given:
        # Both narrow it, as they do in the lists of this API.
        both = asked.tree.joined(try_tree(given["filter"], kind=kind.key, reader=reader))
        asked = asked.replaced(tree=both if both.errors else try_tree(both.data, kind=kind.key, reader=reader))
    return Chosen(kind, reader, asked=asked)
