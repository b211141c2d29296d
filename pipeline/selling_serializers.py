"""The shapes of what is sold in the API: products, competitors, and the sections of a deal."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.marks import mark_of
from crm.serializers import IdField, StrictMixin
from pipeline.models import Competitor, DealCompetitor, LineItem, Product, Quote, QuoteState
from pipeline.models.line_items import MARKED

CELLS = ["product", "name", "unit", "quantity", "price", "discount", "discount_kind", "tax_rate"]


class ArchivedMixin(serializers.Serializer[Any]):
    archived = serializers.SerializerMethodField()

    @extend_schema_field(serializers.BooleanField)
    def get_archived(self, row: Any) -> bool:
        return row.archived_at is not None


class ProductSerializer(ArchivedMixin, serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields = ["id", "name", "code", "unit", "price", "currency", "tax_rate", "archived"]
        read_only_fields = fields


class ProductInput(StrictMixin, serializers.ModelSerializer[Product]):
    currency = serializers.CharField(max_length=3)

    class Meta:
        model = Product
        fields = ["name", "code", "unit", "price", "currency", "tax_rate"]


class ProductEdit(ProductInput):
    archived = serializers.BooleanField(required=False, help_text="Offered no longer; lines that were taken from it stay.")

    class Meta(ProductInput.Meta):
        fields = [*ProductInput.Meta.fields, "archived"]


class ProductFilter(serializers.Serializer[Any]):
    code = serializers.CharField(required=False, max_length=40, help_text="Exactly this one, in any case.")
    archived = serializers.BooleanField(required=False, allow_null=True, default=None)


class CompetitorSerializer(ArchivedMixin, serializers.ModelSerializer[Competitor]):
    class Meta:
        model = Competitor
        fields = ["id", "name", "labels", "archived"]
        read_only_fields = fields


class CompetitorInput(StrictMixin, serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    labels = serializers.DictField(
        child=serializers.CharField(max_length=80), required=False, help_text="Names by language, where they differ: `en`, `ru`."
    )


class CompetitorEdit(CompetitorInput):
    archived = serializers.BooleanField(required=False, help_text="Offered no longer; deals that name it keep it.")


class ItemSerializer(serializers.ModelSerializer[LineItem]):
    """A line in the deal's currency; `net`, `tax` and `total` follow from the rest."""

    mark = serializers.SerializerMethodField(help_text="Send it as If-Match, and an edit overwrites nobody else's.")

    class Meta:
        model = LineItem
        fields = ["id", *CELLS, "tax_included", "net", "tax", "total", "position", "mark"]
        read_only_fields = fields

    def get_mark(self, item: LineItem) -> str:
        return mark_of(item, MARKED)


class ItemInput(StrictMixin, serializers.ModelSerializer[LineItem]):
    """What is left out comes from the product, its price at today's rate."""

    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.filter(archived_at=None), allow_null=True, required=False)
    name = serializers.CharField(required=False, max_length=200)

    class Meta:
        model = LineItem
        fields = CELLS


class ItemOrder(StrictMixin, serializers.Serializer[Any]):
    order = serializers.ListField(child=IdField(), max_length=200, help_text="The ids of all lines, in the order they shall stand in.")


class QuoteSerializer(serializers.ModelSerializer[Quote]):
    number = serializers.CharField(source="label", read_only=True)
    has_pdf = serializers.SerializerMethodField(help_text="False where it could not be made yet; `renewal` of a draft tries again.")

    class Meta:
        model = Quote
        fields = [
            *("id", "deal", "number", "state", "language", "issued_on", "valid_until", "total", "currency"),
            *("has_pdf", "created_by", "created_at", "decided_at"),
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.BooleanField)
    def get_has_pdf(self, quote: Quote) -> bool:
        return hasattr(quote, "file")


class QuoteInput(StrictMixin, serializers.Serializer[Any]):
    language = serializers.ChoiceField(["en", "ru"], required=False, help_text="Else the key's person's own.")
    valid_until = serializers.DateField(required=False, help_text="Else as many days as the settings say.")


class QuoteEdit(StrictMixin, serializers.Serializer[Any]):
    state = serializers.ChoiceField(QuoteState.choices)


class CheckSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="item.pk")
    name = serializers.CharField(source="item.name")
    labels = serializers.DictField(source="item.labels", child=serializers.CharField())
    stage = serializers.IntegerField(source="item.stage.pk", default=None, allow_null=True, help_text="In time for this one; null: any.")
    is_later = serializers.BooleanField(help_text="Its stage is still to come.")
    done_at = serializers.DateTimeField(source="tick.at", default=None, allow_null=True)
    done_by = serializers.IntegerField(source="tick.by_id", default=None, allow_null=True)


class CheckInput(StrictMixin, serializers.Serializer[Any]):
    done = serializers.BooleanField()


class RivalSerializer(serializers.ModelSerializer[DealCompetitor]):
    id = serializers.IntegerField(source="competitor_id", help_text="The competitor's id.")
    name = serializers.CharField(source="competitor.name")

    class Meta:
        model = DealCompetitor
        fields = ["id", "name", "note"]
        read_only_fields = fields


class RivalInput(StrictMixin, serializers.Serializer[Any]):
    competitor = serializers.CharField(max_length=80, help_text="Id, or name: a new name is added to the list.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
