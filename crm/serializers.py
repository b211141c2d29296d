"""The shapes of companies, contacts and tasks in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.models import Company, Contact, Task, User


class IdField(serializers.IntegerField):
    """A number that can be the id of a record."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=2**63 - 1, **options)


class VisibleField(serializers.PrimaryKeyRelatedField):
    """A record by id that the person may see; a foreign id is as unknown as one that doesn't exist."""

    def get_queryset(self) -> Any:
        return super().get_queryset().visible_to(self.context["request"].user)


class StrictMixin:
    """Refuses fields it does not know, so that a typing error is not taken for success."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            fields = self.fields  # type: ignore[attr-defined]
            writable = {name for name, field in fields.items() if not field.read_only}
            if unknown := set(data) - writable:
                raise serializers.ValidationError({field: ["unknown or read-only field"] for field in sorted(map(str, unknown))})
        return super().to_internal_value(data)  # type: ignore[misc]


class CompanySerializer(StrictMixin, serializers.ModelSerializer[Company]):
    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), allow_null=True, required=False)

    class Meta:
        model = Company
        fields = ["id", "name", "website", "city", "owner", "team", "created_at"]
        read_only_fields = ["id", "team", "created_at"]


class ContactSerializer(StrictMixin, serializers.ModelSerializer[Contact]):
    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), allow_null=True, required=False)
    company = VisibleField(queryset=Company.objects.all(), allow_null=True, required=False)

    class Meta:
        model = Contact
        fields = ["id", "name", "email", "phone", "position", "company", "owner", "team", "created_at"]
        read_only_fields = ["id", "team", "created_at"]


class TaskSerializer(StrictMixin, serializers.ModelSerializer[Task]):
    assignee = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), required=False)
    record = serializers.CharField(max_length=20, required=False, allow_blank=True, help_text="`deal`, `company`, `contact`, or empty.")
    record_id = IdField(required=False)

    class Meta:
        model = Task
        fields = ["id", "title", "due_at", "done_at", "assignee", "record", "record_id", "created_by", "created_at"]
        read_only_fields = ["id", "done_at", "created_by", "created_at"]
