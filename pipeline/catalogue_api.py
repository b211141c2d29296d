"""The API of the catalogue: products and competitors, read by everybody, kept by admins."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from crm.idempotency import answer_once
from pipeline.models import Competitor, Product
from pipeline.selling_serializers import (
    CompetitorEdit,
    CompetitorInput,
    CompetitorSerializer,
    ProductEdit,
    ProductFilter,
    ProductInput,
    ProductSerializer,
)
from pipeline.services.choices import add_choice, archive_choice, edit_choice, restore_choice
from pipeline.services.products import add_product, archive_product, edit_product, restore_product


class KeptViewSet(viewsets.ReadOnlyModelViewSet[Any]):
    """A list that admins keep: entries are archived, not deleted."""

    lookup_value_regex = r"\d{1,18}"
    input: type[serializers.Serializer[Any]]
    edit: type[serializers.Serializer[Any]]

    def create(self, request: Request) -> Response:
        """Add one; for admins."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        form = self.input(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(self.get_serializer(self.add(form.validated_data)).data, status=201)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change it, archive it or bring it back; for admins."""
        row_id = self.get_object().pk
        form = self.edit(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changes = dict(form.validated_data)
        archived = changes.pop("archived", None)
        with transaction.atomic():
            self.change(row_id, changes, archived)
        return Response(self.get_serializer(self.get_object()).data)

    def add(self, values: dict[str, Any]) -> Any:
        raise NotImplementedError

    def change(self, row_id: int, changes: dict[str, Any], archived: bool | None) -> None:
        raise NotImplementedError


class ProductViewSet(KeptViewSet):
    """What is sold; lines of deals begin with what stands here."""

    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    input, edit = ProductInput, ProductEdit

    def get_queryset(self) -> QuerySet[Product]:
        if self.action != "list":
            return Product.objects.all()
        form = ProductFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        code, archived = form.validated_data.get("code"), form.validated_data["archived"]
        found = Product.objects.filter(code__iexact=code) if code else Product.objects.all()
        return found if archived is None else found.filter(archived_at__isnull=not archived)

    @extend_schema(parameters=[ProductFilter])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=ProductInput, responses={201: ProductSerializer})
    def create(self, request: Request) -> Response:
        """Offer one more product; for admins."""
        return super().create(request)

    @extend_schema(request=ProductEdit, responses=ProductSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change a product, archive it or bring it back; for admins. Deals keep what their lines say."""
        return super().partial_update(request, pk)

    def add(self, values: dict[str, Any]) -> Product:
        return add_product(values=values, by=self.request.user)

    def change(self, row_id: int, changes: dict[str, Any], archived: bool | None) -> None:
        edit_product(product_id=row_id, changes=changes, by=self.request.user)
        if archived is not None:
            (archive_product if archived else restore_product)(product_id=row_id, by=self.request.user)


class CompetitorViewSet(KeptViewSet):
    """Who else sells to our clients."""

    queryset = Competitor.objects.all()
    serializer_class = CompetitorSerializer
    input, edit = CompetitorInput, CompetitorEdit

    @extend_schema(request=CompetitorInput, responses={201: CompetitorSerializer})
    def create(self, request: Request) -> Response:
        """Add a competitor; for admins. Whoever edits a deal may name a new one there, too."""
        return super().create(request)

    @extend_schema(request=CompetitorEdit, responses=CompetitorSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Rename a competitor, archive it or bring it back; for admins."""
        return super().partial_update(request, pk)

    def add(self, values: dict[str, Any]) -> Any:
        return add_choice(kind="competitor", by=self.request.user, **values)

    def change(self, row_id: int, changes: dict[str, Any], archived: bool | None) -> None:
        edit_choice(kind="competitor", choice_id=row_id, changes=changes, by=self.request.user)
        if archived is not None:
            (archive_choice if archived else restore_choice)(kind="competitor", choice_id=row_id, by=self.request.user)
