"""The API of what people are told."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import Notification
from crm.queries.notifications import tell
from crm.services.notifications import read_all_notifications, read_notification


class NotificationListSerializer(serializers.ListSerializer[Any]):
    """All of a page are told together, so that they cost no more than one."""

    def to_representation(self, data: Any) -> Any:
        return super().to_representation(tell(list(data), self.context["request"].user))


class NotificationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="row.pk", read_only=True)
    kind = serializers.CharField(source="row.kind", read_only=True)
    text = serializers.CharField(read_only=True, help_text="Empty where the reader doesn't see the record any more.")
    record = serializers.CharField(source="row.record", read_only=True)
    record_id = serializers.IntegerField(source="row.record_id", read_only=True)
    url = serializers.CharField(read_only=True)
    is_gone = serializers.BooleanField(read_only=True)
    at = serializers.DateTimeField(source="row.at", read_only=True)
    read_at = serializers.DateTimeField(source="row.read_at", read_only=True, allow_null=True)

    class Meta:
        list_serializer_class = NotificationListSerializer


class NotificationFilter(serializers.Serializer[Any]):
    unread = serializers.BooleanField(required=False, allow_null=True, default=None)


class NotificationViewSet(viewsets.ReadOnlyModelViewSet[Notification]):
    """What the key's user was told."""

    serializer_class = NotificationSerializer
    queryset = Notification.objects.none()
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Notification]:
        rows = Notification.objects.filter(user=self.request.user)
        if self.action != "list":
            return rows
        form = NotificationFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        unread = form.validated_data["unread"]
        return rows if unread is None else rows.filter(read_at__isnull=unread)

    @extend_schema(parameters=[NotificationFilter])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One of them."""
        return Response(self._shown(self.get_object()))

    @extend_schema(request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str | None = None) -> Response:
        """Note that it was read; twice is once."""
        row = self.get_object()
        read_notification(notification_id=row.pk, by=request.user)
        row.refresh_from_db()
        return Response(self._shown(row))

    @extend_schema(
        operation_id="notifications_read_all",
        request=None,
        responses=inline_serializer("NotificationsRead", {"read": serializers.IntegerField()}),
    )
    @action(detail=False, methods=["post"], url_path="read")
    def read_all(self, request: Request) -> Response:
        """Note that all were read."""
        return Response({"read": read_all_notifications(by=request.user, now=timezone.now())})

    def _shown(self, row: Notification) -> Any:
        return NotificationSerializer(tell([row], self.request.user)[0]).data
