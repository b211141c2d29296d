"""The API of tags: the list for everybody; renaming, colouring, merging, deleting and taking back for admins."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Tag, TagChange
from crm.models.colours import Colour
from crm.models.tags import MAX_TAG
from crm.serializers import IdField
from crm.services.tag_changes import delete_tag, edit_tag, merge_tags, undo_tag_change


class TagSerializer(serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=MAX_TAG)
    colour = serializers.ChoiceField(choices=Colour.choices)


class TagMergeSerializer(serializers.Serializer):
    into = IdField(help_text="the tag that stays")


class TagChangeSerializer(serializers.Serializer):
    """A change; `finished` is false while records follow in the background."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    into = serializers.CharField(help_text="empty where the tag was deleted")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="records changed so far, by kind")
    views = serializers.SerializerMethodField(help_text="how many saved views ask for the other tag now")
    finished = serializers.SerializerMethodField()

    def get_views(self, change: TagChange) -> int:
        return len(change.views)

    def get_finished(self, change: TagChange) -> bool:
        return bool(change.undone_at if change.undo_began_at else change.finished_at)


class TagViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Tag]):
    """Tags of companies, contacts and deals."""

    queryset = Tag.objects.order_by("id")
    serializer_class = TagSerializer
    lookup_value_regex = r"\d{1,18}"

    def filter_queryset(self, queryset: Any) -> Any:
        text = self.request.query_params.get("q", "").replace("\0", "").strip()
        return queryset.filter(name__icontains=text[:MAX_TAG]) if text else queryset

    @extend_schema(parameters=[OpenApiParameter("q", str, description="part of the name")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tags in order of id."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=TagSerializer(partial=True), responses=TagSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Another name, on every record and in every saved view, or another colour. For admins."""
        form = self.get_serializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(form.validated_data)
        tag, _change = edit_tag(tag_id=int(pk or 0), by=request.user, **asked)
        return Response(self.get_serializer(tag).data)

    @extend_schema(request=None, responses=TagChangeSerializer)
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Take it off everything. For admins."""
        return Response(TagChangeSerializer(delete_tag(tag_id=int(pk or 0), by=request.user)).data)

    @extend_schema(request=TagMergeSerializer, responses=TagChangeSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str | None = None) -> Response:
        """Whatever carries it carries the other from now on. For admins."""
        form = TagMergeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(form.validated_data)
        return Response(TagChangeSerializer(merge_tags(tag_id=int(pk or 0), into_id=asked["into"], by=request.user)).data)


class TagChangeViewSet(viewsets.GenericViewSet[TagChange]):
    """Changes of tags, to be taken back within a day."""

    queryset = TagChange.objects.none()
    serializer_class = TagChangeSerializer
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=None, responses=TagChangeSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        """The tag is there again, and on each record that carried it. For admins."""
        return Response(TagChangeSerializer(undo_tag_change(change_id=int(pk or 0), by=request.user)).data)
