"""The shapes of companies, contacts and tasks in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.models import Company, Contact, Task, User
from crm.reach import KEYS, MAX_ROWS
from crm.services.clients import CONSENT


class IdField(serializers.IntegerField):
    """A number that can be the id of a record."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=2**63 - 1, **options)


class VisibleField(serializers.PrimaryKeyRelatedField):
    """A record by id that the person may see; a foreign id is as unknown as one that doesn't exist."""

    def get_queryset(self) -> Any:
        return super().get_queryset().visible_to(self.context["request"].user)


class EntriesField(serializers.ListField):
    """E-mails, phones, addresses or links: objects with a label, the main one first; a plain string is an entry without one."""

    def __init__(self, field: str, **options: Any) -> None:
        self.keys = KEYS[field]
        super().__init__(
            child=serializers.JSONField(), max_length=MAX_ROWS, help_text=f"Objects of {', '.join(self.keys)}, label.", **options
        )


@extend_schema_field({"type": "object", "additionalProperties": True})
class CustomValuesField(serializers.JSONField):
    """Values of custom fields by their keys; written, they are put among those there are, and null takes one away."""


class StrictMixin:
    """Refuses fields it does not know, so that a typing error is not taken for success."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            fields = self.fields  # type: ignore[attr-defined]
            writable = {name for name, field in fields.items() if not field.read_only}
            if unknown := set(data) - writable:
                raise serializers.ValidationError({field: ["unknown or read-only field"] for field in sorted(map(str, unknown))})
        return super().to_internal_value(data)  # type: ignore[misc]


class ClientSerializer(StrictMixin, serializers.ModelSerializer[Any]):
    """What companies and contacts have in common; `email`, `phone` and `city` are the main one of their lists, also when written."""

    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), allow_null=True, required=False)
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    phone = serializers.CharField(required=False, allow_blank=True, max_length=100)
    city = serializers.CharField(required=False, allow_blank=True, max_length=100)
    emails = EntriesField("emails", required=False)
    phones = EntriesField("phones", required=False)
    addresses = EntriesField("addresses", required=False)
    links = EntriesField("links", required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    custom = CustomValuesField(required=False)

    class Meta:
        fields = [
            *(
                "email",
                "emails",
                "phone",
                "phones",
                "city",
                "addresses",
                "links",
                "tags",
                "custom",
                *CONSENT,
                "owner",
                "team",
                "created_at",
            ),
        ]
        read_only_fields = ["id", "team", "created_at"]


class CompanySerializer(ClientSerializer):
    class Meta(ClientSerializer.Meta):
        model = Company
        fields = ["id", "name", "website", *ClientSerializer.Meta.fields]


class ContactSerializer(ClientSerializer):
    company = VisibleField(queryset=Company.objects.all(), allow_null=True, required=False)

    class Meta(ClientSerializer.Meta):
        model = Contact
        fields = ["id", "name", "position", "company", *ClientSerializer.Meta.fields]


class TaskSerializer(StrictMixin, serializers.ModelSerializer[Task]):
    assignee = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), required=False)
    record = serializers.CharField(max_length=20, required=False, allow_blank=True, help_text="`deal`, `company`, `contact`, or empty.")
    record_id = IdField(required=False)

    class Meta:
        model = Task
        fields = [
            *("id", "title", "due_at", "done_at", "assignee", "priority", "note", "remind", "repeat", "repeat_until"),
            *("record", "record_id", "created_by", "created_at"),
        ]
        read_only_fields = ["id", "done_at", "created_by", "created_at"]
        extra_kwargs = {
            "remind": {"help_text": "So many minutes before it is due; null: no reminder."},
            "repeat": {"help_text": "Its end calls for the next one; empty: it is done once."},
        }
