"""Files in and out by the API: imports from the file to its result, and lists as files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api_parsing import StrictJSONParser
from crm.filtering.reader import Reader
from crm.idempotency import answer_once
from crm.importers.base import registered
from crm.models import Automation, Duplicates, ImportBatch, ImportedRow, Job, RowAction
from crm.serializers import StrictMixin
from crm.services.exports import CHOICES, EXPORT, FORMATS, KEPT, Wanted, file_of, find_export, start_export
from crm.services.imports import add_import, choose, find_import, revert_import, start_import
from crm.views.exports import answer_file

IMPORTED = ("company", "contact", "deal")


class ColumnInput(StrictMixin, serializers.Serializer[Any]):
    """What a column holds: the key of a field such as `name`, `email` or `custom.size`; empty for a column that is left out."""

    field = serializers.CharField(max_length=80, allow_blank=True)
    label = serializers.CharField(max_length=40, allow_blank=True, default="")
    slot = serializers.CharField(max_length=20, allow_blank=True, default="")


class ImportInput(StrictMixin, serializers.Serializer[Any]):
    file = serializers.FileField()
    kind = serializers.CharField(max_length=10, required=False, help_text="company, contact or deal; guessed where it isn't sent.")

    def validate_kind(self, kind: str) -> str:
        return _known_kind(kind)


class StartInput(StrictMixin, serializers.Serializer[Any]):
    mapping = ColumnInput(many=True, required=False)
    duplicates = serializers.ChoiceField(Duplicates.choices, required=False)
    automation = serializers.ChoiceField(Automation.choices, required=False)


class ImportSerializer(serializers.ModelSerializer[ImportBatch]):
    state = serializers.CharField(read_only=True, help_text="draft, running, done, reverting or reverted")
    columns = serializers.SerializerMethodField()
    done = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    class Meta:
        model = ImportBatch
        fields = [
            *("id", "kind", "name", "system", "state", "rows", "done", "columns", "mapping", "duplicates", "automation", "counts", "error"),
            *("created_at", "finished_at", "reverted_at"),
        ]
        read_only_fields = fields

    def get_columns(self, batch: ImportBatch) -> list[str]:
        """The names in the first row."""
        return [str(column["name"]) for column in batch.columns]

    def get_done(self, batch: ImportBatch) -> int:
        """How many rows have been dealt with, on the way in or back."""
        return batch.now_at.done if batch.now_at else 0

    def get_error(self, batch: ImportBatch) -> str:
        """Why it broke off."""
        return batch.now_at.error if batch.now_at else ""


class RefusedSerializer(serializers.ModelSerializer[ImportedRow]):
    class Meta:
        model = ImportedRow
        fields = ["id", "line", "reasons", "cells"]
        read_only_fields = fields


class ImportViewSet(viewsets.ReadOnlyModelViewSet[ImportBatch]):
    """Imports: post a file, look at what its columns are taken for, start, read what was refused, take it back."""

    queryset = ImportBatch.objects.none()
    serializer_class = ImportSerializer
    lookup_value_regex = r"\d{1,18}"
    parser_classes = [StrictJSONParser, MultiPartParser]

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.visible_to(self.request.user).select_related("job", "revert_job")

    @extend_schema(request={"multipart/form-data": ImportInput}, responses={201: ImportSerializer})
    def create(self, request: Request) -> Response:
        """Take a file in as a draft; nothing of it comes in before it is started. An Idempotency-Key doesn't remember files."""
        form = ImportInput(data=request.data)
        form.is_valid(raise_exception=True)
        batch = add_import(file=form.validated_data["file"], by=request.user, kind=form.validated_data.get("kind", ""))
        return Response(self.get_serializer(batch).data, status=201)

    @extend_schema(request=StartInput, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str | None = None) -> Response:
        """Bring a draft in, as guessed or as `mapping` (a field for each column) says."""
        batch = find_import(batch_id=int(pk or 0), by=request.user)
        form = StartInput(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        mapping = [dict(column) for column in asked.get("mapping", batch.mapping)]
        _require_known(batch, mapping)
        choose(
            batch=batch,
            by=request.user,
            mapping=mapping,
            options=batch.options,
            duplicates=asked.get("duplicates", batch.duplicates),
            automation=asked.get("automation", batch.automation),
        )
        return Response(self.get_serializer(start_import(batch_id=batch.pk, by=request.user)).data)

    @extend_schema(request=None, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def revert(self, request: Request, pk: str | None = None) -> Response:
        """Take the whole import back, in the background."""
        batch = find_import(batch_id=int(pk or 0), by=request.user)
        return Response(self.get_serializer(revert_import(batch_id=batch.pk, by=request.user)).data)

    @extend_schema(responses=RefusedSerializer(many=True))
    @action(detail=True, methods=["get"])
    def refused(self, request: Request, pk: str | None = None) -> Response:
        """The rows that did not come in, each with its reasons."""
        batch = find_import(batch_id=int(pk or 0), by=request.user)
        rows = self.paginate_queryset(batch.outcomes.filter(action=RowAction.REFUSED).order_by("id"))
        return self.get_paginated_response(RefusedSerializer(rows, many=True).data)


class ExportInput(StrictMixin, serializers.Serializer[Any]):
    """A list as its page shows it: a view, and what differs from it."""

    kind = serializers.CharField(max_length=10, help_text="company, contact or deal")
    format = serializers.ChoiceField(FORMATS, default="csv")
    fields_ = serializers.ChoiceField(CHOICES, default="all")
    view = serializers.CharField(max_length=40, required=False)
    filter = serializers.CharField(max_length=8_000, required=False, help_text="A filter as JSON, as lists take it.")
    text = serializers.CharField(max_length=100, required=False)
    order = serializers.CharField(max_length=80, required=False)
    columns = serializers.CharField(max_length=2_000, required=False, help_text="Keys with commas between, for `fields` = `shown`.")

    def validate_kind(self, kind: str) -> str:
        return _known_kind(kind)

    def get_fields(self) -> dict[str, Any]:
        """`fields` as others see it; the word is taken inside a serializer."""
        found = super().get_fields()
        found["fields"] = found.pop("fields_")
        return found


class ExportSerializer(serializers.ModelSerializer[Job]):
    kind = serializers.CharField(source="params.kind")
    format = serializers.CharField(source="params.format")
    name = serializers.CharField(source="params.name")
    state = serializers.CharField(read_only=True, help_text="waiting, running, done, failed or stopped")
    is_there = serializers.SerializerMethodField()
    kept_until = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = ["id", "kind", "format", "name", "state", "done", "total", "error", "is_there", "created_at", "finished_at", "kept_until"]
        read_only_fields = fields

    def get_is_there(self, job: Job) -> bool:
        """Whether the file can be had."""
        return file_of(job) is not None

    def get_kept_until(self, job: Job) -> str | None:
        """When the file is thrown away."""
        return (job.finished_at + KEPT).isoformat() if job.finished_at else None


class ExportViewSet(viewsets.GenericViewSet[Job]):
    """Lists as files, written in the background under the rights of whoever asks."""

    queryset = Job.objects.none()
    serializer_class = ExportSerializer
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.user).filter(kind=EXPORT)

    @extend_schema(request=ExportInput, responses={201: ExportSerializer})
    def create(self, request: Request) -> Response:
        """Have a list written; look at it until its file is there."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        form = ExportInput(data=request.data)
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        kind, format, fields = asked.pop("kind"), asked.pop("format"), asked.pop("fields")
        wanted = Wanted.read(kind=kind, query=urlencode(asked), format=format, fields=fields, reader=Reader.of(request.user))
        return Response(self.get_serializer(start_export(wanted=wanted, by=request.user)).data, status=201)

    def retrieve(self, request: Request, pk: str | None = None) -> Response:
        """How far it is."""
        return Response(self.get_serializer(find_export(job_id=int(pk or 0), by=request.user)).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str | None = None) -> FileResponse:
        """The file, to its owner alone, as long as it is kept."""
        return answer_file(find_export(job_id=int(pk or 0), by=request.user))


def _known_kind(kind: str) -> str:
    if kind not in IMPORTED:
        raise serializers.ValidationError(f"one of {', '.join(IMPORTED)}")
    return kind


def _require_known(batch: ImportBatch, mapping: list[dict[str, str]]) -> None:
    known = {target.key for target in registered()[batch.kind].targets()} | {""}
    wrong = {column["field"] for column in mapping if column["field"] not in known and column["field"].removesuffix("_label") not in known}
    if wrong:
        raise serializers.ValidationError({"mapping": [f"no such field: {name}" for name in sorted(wrong)]})
    if len(mapping) != len(batch.columns):
        raise serializers.ValidationError({"mapping": [f"one entry for each of the {len(batch.columns)} columns"]})
