"""The API of custom fields: read by everybody, shaped by admins, through the services that the pages use."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.custom_fields.registry import TYPES
from crm.idempotency import answer_once
from crm.models import CustomField, FieldKind
from crm.serializers import StrictMixin
from crm.services.custom_fields import (
    add_field,
    add_option,
    archive_field,
    edit_field,
    edit_option,
    remove_option,
    restore_field,
    restore_option,
)

LABELS = "Names by language: `en`, `ru`; one at least."


class OptionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(read_only=True)
    labels = serializers.DictField(child=serializers.CharField(), help_text=LABELS)
    removed = serializers.BooleanField(default=False, help_text="Offered no longer; records that chose it keep it.")


class CustomFieldSerializer(serializers.ModelSerializer[CustomField]):
    options = OptionSerializer(many=True, read_only=True)
    archived = serializers.SerializerMethodField()

    class Meta:
        model = CustomField
        fields = ["id", "kind", "key", "type", "labels", "options", "is_required", "position", "archived"]
        read_only_fields = fields

    @extend_schema_field(serializers.BooleanField)
    def get_archived(self, field: CustomField) -> bool:
        return field.archived_at is not None


class FieldInput(StrictMixin, serializers.Serializer[Any]):
    kind = serializers.ChoiceField(FieldKind.choices)
    type = serializers.ChoiceField(list(TYPES))
    labels = serializers.DictField(child=serializers.CharField(allow_blank=True), help_text=LABELS)
    key = serializers.CharField(required=False, max_length=40, help_text="Made from the name where it isn't given; it stays as it is.")
    options = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True)), required=False, help_text=f"Of a choice. {LABELS}"
    )
    is_required = serializers.BooleanField(required=False)


class FieldEdit(StrictMixin, serializers.Serializer[Any]):
    labels = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False, help_text=LABELS)
    is_required = serializers.BooleanField(required=False)
    archived = serializers.BooleanField(required=False, help_text="Neither shown nor asked for; values are kept.")


class OptionEdit(StrictMixin, serializers.Serializer[Any]):
    labels = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False, help_text=LABELS)
    removed = serializers.BooleanField(required=False)


class OptionInput(StrictMixin, serializers.Serializer[Any]):
    labels = serializers.DictField(child=serializers.CharField(allow_blank=True), help_text=LABELS)


class FieldFilter(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(FieldKind.choices, required=False)


class CustomFieldViewSet(viewsets.ReadOnlyModelViewSet[CustomField]):
    """The custom fields of deals, contacts and companies; their values stand in the records under `custom`."""

    serializer_class = CustomFieldSerializer
    queryset = CustomField.objects.none()
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[CustomField]:
        if self.action != "list":
            return CustomField.objects.all()
        form = FieldFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        return CustomField.objects.filter(**form.validated_data)

    @extend_schema(parameters=[FieldFilter])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=FieldInput, responses={201: CustomFieldSerializer})
    def create(self, request: Request) -> Response:
        """Define a field; for admins."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        asked = _read(FieldInput, request)
        return Response(self.get_serializer(add_field(by=request.user, **asked)).data, status=201)

    @extend_schema(request=FieldEdit, responses=CustomFieldSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Rename a field, ask for it or no longer, archive it or bring it back; for admins."""
        field_id = self.get_object().pk
        asked = _read(FieldEdit, request)
        archived = asked.pop("archived", None)
        with transaction.atomic():
            edit_field(field_id=field_id, changes=asked, by=request.user)
            if archived is not None:
                (archive_field if archived else restore_field)(field_id=field_id, by=request.user)
        return self._answer()

    @extend_schema(request=OptionInput, responses={201: CustomFieldSerializer})
    @action(detail=True, methods=["post"], url_path="options", url_name="options")
    def new_option(self, request: Request, pk: str | None = None) -> Response:
        """Offer one option more; for admins."""
        return answer_once(request, lambda: self._add_option(request))

    def _add_option(self, request: Request) -> Response:
        add_option(field_id=self.get_object().pk, labels=_read(OptionInput, request)["labels"], by=request.user)
        return self._answer(201)

    @extend_schema(request=OptionEdit, responses=CustomFieldSerializer, parameters=[OpenApiParameter("key", str, "path")])
    @action(detail=True, methods=["patch"], url_path=r"options/(?P<key>[a-z0-9_]{1,40})", url_name="option")
    def option(self, request: Request, pk: str | None = None, key: str = "") -> Response:
        """Rename an option, remove it or bring it back; for admins."""
        field_id = self.get_object().pk
        asked = _read(OptionEdit, request)
        with transaction.atomic():
            if "labels" in asked:
                edit_option(field_id=field_id, key=key, labels=asked["labels"], by=request.user)
            if "removed" in asked:
                (remove_option if asked["removed"] else restore_option)(field_id=field_id, key=key, by=request.user)
        return self._answer()

    def _answer(self, status: int = 200) -> Response:
        return Response(self.get_serializer(self.get_object()).data, status=status)


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    read = form(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)
