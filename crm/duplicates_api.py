"""The API of records that may be the same: the pairs, and saying that two are not."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import DuplicatePair, Likeness, PairState
from crm.queries.duplicates import pairs_of
from crm.queries.likeness import MODELS
from crm.services.merges import dismiss_pair, restore_pair


class DuplicatePairSerializer(serializers.ModelSerializer[DuplicatePair]):
    records = serializers.SerializerMethodField(help_text="ids of the two, the older first; merge them by /merges/")
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=Likeness.choices), read_only=True)

    class Meta:
        model = DuplicatePair
        fields = ["id", "kind", "records", "reasons", "score", "state", "found_at"]

    def get_records(self, pair: DuplicatePair) -> list[int]:
        return [pair.a, pair.b]


class DuplicateFilter(serializers.Serializer):
    kind = serializers.ChoiceField(choices=sorted(MODELS), required=False)
    state = serializers.ChoiceField(choices=PairState.choices, default=PairState.OPEN, help_text="open, unless said otherwise")


class DuplicatePairViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[DuplicatePair]):
    """Pairs of companies or contacts that may be the same, as far as the reader may change both."""

    queryset = DuplicatePair.objects.none()
    serializer_class = DuplicatePairSerializer
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[DuplicatePair]:
        return pairs_of(self.request.user)

    def filter_queryset(self, queryset: Any) -> Any:
        if self.detail:
            return queryset
        asked = DuplicateFilter(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return queryset.filter(**asked.validated_data)

    @extend_schema(parameters=[DuplicateFilter])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Pairs in order of id."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses=DuplicatePairSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> Response:
        """They are not the same; the finder doesn't name them again."""
        return Response(self.get_serializer(dismiss_pair(pair_id=int(pk or 0), by=request.user)).data)

    @extend_schema(request=None, responses=DuplicatePairSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Take that back."""
        return Response(self.get_serializer(restore_pair(pair_id=int(pk or 0), by=request.user)).data)
