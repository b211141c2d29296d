"""Filters and saved views in the API: the same trees, the same rights, the same services."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from crm.filtering.description import describe_fields
from crm.filtering.fields import kinds
from crm.filtering.reader import Reader
from crm.filtering.tree import Tree, read_tree
from crm.filtering.types import Unreadable
from crm.idempotency import answer_once
from crm.ids import read_id
from crm.lists.kinds import standard_views
from crm.models import Layout, SavedView
from crm.serializers import StrictMixin
from crm.services.views import change_view, delete_view, find_view, save_view

FILTER = OpenApiParameter(
    "filter", OpenApiTypes.STR, description='A filter as JSON, e.g. `{"all": [{"field": "owner", "op": "is", "value": "me"}]}`.'
)
VIEW = OpenApiParameter("view", OpenApiTypes.STR, description="The id of a saved view, or the name of a standard one such as `mine`.")
FILTERS = [FILTER, VIEW]


def narrowed_by_filter(rows: QuerySet[Any], kind: str, request: Request) -> QuerySet[Any]:
    """Apply `?filter=` and `?view=`, both where both are given; one that can't be read is an error, not a list of everything."""
    reader = None
    for name, read in (("view", _read_view), ("filter", _read_filter)):
        if asked := request.query_params.get(name):
            reader = reader or Reader.of(request.user)
            rows = rows.filter(read(asked, kind, reader).condition(reader))
    return rows


def _read_filter(asked: Any, kind: str, reader: Reader) -> Tree:
    try:
        return read_tree(asked, kind=kind, reader=reader)
    except Unreadable as wrong:
        raise serializers.ValidationError({"filter": [str(wrong)]}) from None


def _read_view(asked: str, kind: str, reader: Reader) -> Tree:
    standard = next((view for view in standard_views(kind) if view.key == asked), None)
    if standard:
        return _read_filter(standard.filter, kind, reader)
    view = find_view(view_id=read_id(asked), by=reader.user)
    if view.kind != kind:
        raise serializers.ValidationError({"view": [f"a view of {view.kind}"]})
    return _read_filter(view.filter, kind, reader)


class SavedViewSerializer(StrictMixin, serializers.ModelSerializer[SavedView]):
    layout = serializers.ChoiceField(Layout.choices, required=False)
    filter = serializers.JSONField(required=False)
    columns = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=40)

    class Meta:
        model = SavedView
        fields = ["id", "kind", "name", "owner", "is_shared", "filter", "columns", "order", "layout", "created_at"]
        read_only_fields = ["id", "owner", "created_at"]


class ViewFilter(serializers.Serializer):
    kind = serializers.ChoiceField(["company", "contact", "deal"], required=False)


class SavedViewSet(viewsets.ReadOnlyModelViewSet[SavedView]):
    """Own views of lists, and shared ones; each is a segment too."""

    serializer_class = SavedViewSerializer
    queryset = SavedView.objects.none()
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[SavedView]:
        found = SavedView.objects.visible_to(self.request.user)
        if self.action != "list":
            return found
        form = ViewFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        return found.filter(**form.validated_data)

    @extend_schema(parameters=[ViewFilter])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def create(self, request: Request) -> Response:
        """Keep a view; private unless `is_shared`."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(self.get_serializer(save_view(by=request.user, **form.validated_data)).data, status=201)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a view of one's own, or as an admin a shared one."""
        view = self.get_object()
        form = self.get_serializer(view, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return Response(self.get_serializer(change_view(view_id=view.pk, by=request.user, **form.validated_data)).data)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Delete a view of one's own, or as an admin a shared one."""
        delete_view(view_id=self.get_object().pk, by=request.user)
        return Response(status=204)


class FieldsFilter(serializers.Serializer):
    kind = serializers.CharField()

    def validate_kind(self, kind: str) -> str:
        """Only a kind that has fields."""
        if kind not in kinds():
            raise serializers.ValidationError(f"one of {', '.join(kinds())}")
        return kind


@extend_schema(operation_id="filter_fields", parameters=[FieldsFilter], responses=OpenApiTypes.OBJECT)
@api_view(["GET"])
def show_filter_fields(request: Request) -> Response:
    """What lists of a kind can be filtered by: each field with its operators, what they take, and its choices."""
    form = FieldsFilter(data=request.query_params)
    form.is_valid(raise_exception=True)
    return Response({"fields": describe_fields(form.validated_data["kind"], Reader.of(request.user))})
