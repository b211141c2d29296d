"""The shapes of pipelines, stages, deals and visits in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.models import Company, Contact, User
from crm.serializers import CustomValuesField, IdField, StrictMixin, VisibleField
from pipeline.models import ContactRole, Deal, DealContact, Pipeline, Source, Stage, StageVisit
from pipeline.services.moves import Move


class StageSerializer(serializers.ModelSerializer[Stage]):
    class Meta:
        model = Stage
        fields = ["id", "pipeline", "name", "labels", "position", "colour", "probability", "rot_days", "archived_at"]


class PipelineSerializer(serializers.ModelSerializer[Pipeline]):
    stages = StageSerializer(many=True, read_only=True)

    class Meta:
        model = Pipeline
        fields = ["id", "name", "labels", "currency", "position", "archived_at", "stages"]


class RankField(serializers.DecimalField):
    """A rank without the zeros it is stored with."""

    def to_representation(self, value: Any) -> str | None:
        return None if value is None else format(value.normalize(), "f")


class DealSerializer(serializers.ModelSerializer[Deal]):
    """A deal as read."""

    rank = RankField(max_digits=60, decimal_places=30, read_only=True, allow_null=True)
    lost_reason = serializers.CharField(source="lost_reason.name", read_only=True, default=None, allow_null=True)
    lost_to = serializers.CharField(source="lost_to.name", read_only=True, default=None, allow_null=True)
    custom = CustomValuesField(read_only=True)

    class Meta:
        model = Deal
        fields = [
            "id",
            "title",
            "pipeline",
            "stage",
            "owner",
            "team",
            "amount",
            "amount_from_items",
            "currency",
            "company",
            "contact",
            "source",
            "expected_close",
            "tags",
            "custom",
            "rank",
            "version",
            "outcome",
            "lost_reason",
            "lost_to",
            "next_step_on",
            "stage_entered_at",
            "created_at",
            "closed_at",
        ]
        read_only_fields = fields


class DealInput(StrictMixin, serializers.ModelSerializer[Deal]):
    """A deal as created or edited; unknown fields are refused."""

    stage = serializers.PrimaryKeyRelatedField(queryset=Stage.objects.all(), required=True)
    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), allow_null=True, required=False)
    company = VisibleField(queryset=Company.objects.all(), allow_null=True, required=False)
    contact = VisibleField(queryset=Contact.objects.all(), allow_null=True, required=False)
    source = serializers.PrimaryKeyRelatedField(queryset=Source.objects.filter(archived_at=None), allow_null=True, required=False)
    currency = serializers.CharField(required=False, max_length=3)
    tags = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    custom = CustomValuesField(required=False)

    class Meta:
        model = Deal
        fields = ["title", "stage", "amount", "currency", "owner", "company", "contact", "source", "expected_close", "tags", "custom"]


class DealEdit(DealInput):
    """The same without the stage, which changes by a move alone."""

    stage = None
    amount_from_items = serializers.BooleanField(required=False, help_text="True: the amount is the sum of the line items from now on.")

    class Meta(DealInput.Meta):
        fields = [*(field for field in DealInput.Meta.fields if field != "stage"), "amount_from_items"]


class MoveInput(serializers.Serializer):
    stage = IdField(help_text="Id of the stage to move to.")
    before = IdField(required=False, allow_null=True, help_text="Id of the deal that will stand right below; null: the end.")
    version = serializers.IntegerField(
        required=False, allow_null=True, help_text="The deal's version as last seen; another one answers 409."
    )


class MoveSerializer(DealSerializer):
    """A deal as a move left it, and where it came from."""

    from_stage = serializers.IntegerField(read_only=True)
    at_end = serializers.BooleanField(read_only=True, help_text="True when `before` had left the column and the deal stands at its end.")

    class Meta(DealSerializer.Meta):
        fields = [*DealSerializer.Meta.fields, "from_stage", "at_end"]
        read_only_fields = fields

    @staticmethod
    def answer(move: Move) -> dict[str, Any]:
        """The fields of the moved deal with those of the move beside them."""
        return DealSerializer(move.deal).data | {"from_stage": move.from_stage.pk, "at_end": move.at_end}


class OutcomeInput(serializers.Serializer):
    outcome = serializers.ChoiceField(["won", "lost", "reopened"])
    lost_reason = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=80, help_text="Name or id; needed with lost."
    )
    lost_to = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=80, help_text="With lost: the competitor who won it, name or id."
    )
    stage = IdField(required=False, allow_null=True, help_text="With reopened: the stage to return to.")
    version = serializers.IntegerField(required=False, allow_null=True)


class VisitSerializer(serializers.ModelSerializer[StageVisit]):
    lost_reason = serializers.CharField(source="lost_reason.name", read_only=True, default=None, allow_null=True)

    class Meta:
        model = StageVisit
        fields = ["id", "stage", "seq", "entered_at", "left_at", "exit", "lost_reason", "entered_by", "left_by"]


class VisitsSerializer(serializers.Serializer):
    """All of a deal's visits, in the shape of every list."""

    results = VisitSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class PersonSerializer(serializers.ModelSerializer[DealContact]):
    """Somebody who has a part in a deal."""

    name = serializers.CharField(source="contact.name", read_only=True)
    role_name = serializers.CharField(source="role.name", read_only=True, default=None, allow_null=True)

    class Meta:
        model = DealContact
        fields = ["contact", "name", "role", "role_name"]
        read_only_fields = fields


class PersonInput(StrictMixin, serializers.Serializer):
    contact = VisibleField(queryset=Contact.objects.all())
    role = serializers.PrimaryKeyRelatedField(queryset=ContactRole.objects.all(), allow_null=True, required=False)


class PeopleSerializer(serializers.Serializer):
    """All people of a deal, in the shape of every list."""

    results = PersonSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
