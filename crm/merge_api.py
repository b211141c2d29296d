"""The API of merging two companies or contacts, and of undoing it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.idempotency import answer_once
from crm.models import Merge
from crm.serializers import IdField
from crm.services.merges import MODELS, merge_clients, unmerge_clients


class MergeSerializer(serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    kind = serializers.ChoiceField(choices=sorted(MODELS))
    kept = IdField(source="kept_id", help_text="the record that stays")
    gone = IdField(source="gone_id", help_text="the record whose address leads to the other from now on")
    choices = serializers.DictField(
        child=serializers.ChoiceField(choices=["kept", "gone"]),
        required=False,
        write_only=True,
        help_text="whose value a field gets: name, website, position, company, owner or custom.<key>",
    )


class UnmergedSerializer(serializers.Serializer):
    kept = serializers.IntegerField(source="kept.pk")
    restored = serializers.IntegerField(source="restored.pk")
    left = serializers.ListField(child=serializers.CharField(), help_text="fields changed since, which stay as they are")


class MergeViewSet(viewsets.GenericViewSet[Merge]):
    """Merges of companies and contacts."""

    queryset = Merge.objects.none()
    serializer_class = MergeSerializer
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=MergeSerializer, responses={201: MergeSerializer})
    def create(self, request: Request) -> Response:
        """Take one record into another: everything about it goes over, lists are united."""
        return answer_once(request, lambda: self._merge(request))

    def _merge(self, request: Request) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(form.validated_data)
        return Response(self.get_serializer(merge_clients(by=request.user, **asked)).data, status=201)

    @extend_schema(request=None, responses=UnmergedSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        """Make two of one again, as they were; later changes stay on the kept one and are named."""
        return Response(UnmergedSerializer(unmerge_clients(merge_id=int(pk or 0), by=request.user)).data)
