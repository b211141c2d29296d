"""The API of what was deleted, and of bringing it back."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.idempotency import answer_once
from crm.models import Removal
from crm.services.removals import remove_record, restore_record


class RemovalFilter(serializers.Serializer):
    kind = serializers.ChoiceField(["company", "contact", "deal"], required=False)


class RemovalSerializer(serializers.ModelSerializer[Removal]):
    record = serializers.IntegerField(source="record_id", help_text="the id that it had and gets back")
    kept_until = serializers.DateTimeField(read_only=True, help_text="when it is gone for good")

    class Meta:
        model = Removal
        fields = ["id", "kind", "record", "name", "by", "at", "kept_until", "restored_at", "restored_by"]


class RemovalViewSet(viewsets.ReadOnlyModelViewSet[Removal]):
    """Companies, contacts and deals that were deleted within the last thirty days; the list leaves out what was brought back."""

    serializer_class = RemovalSerializer
    queryset = Removal.objects.none()
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Removal]:
        seen = Removal.objects.visible_to(self.request.user)
        if self.action != "list":
            return seen
        asked = RemovalFilter(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return seen.standing().filter(**asked.validated_data)

    @extend_schema(parameters=[RemovalFilter])
    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses=RemovalSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Bring it back as it was, with everything that went along."""
        return answer_once(request, lambda: Response(self.get_serializer(restore_record(removal_id=int(pk or 0), by=request.user)).data))


def delete_by_api(request: Request, kind: str, pk: str | None) -> Response:
    """Delete a record with everything about it: 204."""

    def act() -> Response:
        remove_record(kind=kind, record_id=int(pk or 0), by=request.user)
        return Response(status=204)

    return answer_once(request, act)
