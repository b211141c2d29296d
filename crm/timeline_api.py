"""The API of what is said about a record: notes, calls, messages, files, and the timeline of them all."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm import records, timeline
from crm.api_parsing import StrictJSONParser
from crm.downloads import content_of
from crm.idempotency import answer_once
from crm.models import Attachment, Call, CallOutcome, Channel, Direction, Message, Note
from crm.serializers import IdField, StrictMixin
from crm.services.attachments import add_file, find_file
from crm.services.calls import find_call, log_call
from crm.services.messages import find_message, record_message
from crm.services.notes import add_note, find_note
from crm.wall_clock import zone_of

ABOUT = "`deal`, `company` or `contact`."


class AboutFilter(serializers.Serializer):
    """Which record; lists are always of one, so that they cost the same however much there is."""

    record = serializers.CharField(max_length=20, help_text=ABOUT)
    record_id = IdField()


class NoteSerializer(StrictMixin, serializers.ModelSerializer[Note]):
    body = serializers.CharField(required=False, source="text", help_text="Plain text.")
    html = serializers.CharField(required=False, help_text="The same with markup; send one of the two.")

    class Meta:
        model = Note
        fields = ["id", "record", "record_id", "body", "html", "author", "created_at"]
        read_only_fields = ["id", "author", "created_at"]
        extra_kwargs = {"record": {"required": True, "help_text": ABOUT}, "record_id": {"required": True, "min_value": 1}}


class CallSerializer(StrictMixin, serializers.ModelSerializer[Call]):
    outcome = serializers.ChoiceField(CallOutcome.choices, default=CallOutcome.REACHED)
    direction = serializers.ChoiceField(Direction.choices, default=Direction.OUT)

    class Meta:
        model = Call
        fields = ["id", "record", "record_id", "direction", "outcome", "at", "seconds", "body", "author", "created_at"]
        read_only_fields = ["id", "author", "created_at"]
        extra_kwargs = {"record": {"required": True, "help_text": ABOUT}, "record_id": {"required": True, "min_value": 1}}


class MessageSerializer(StrictMixin, serializers.ModelSerializer[Message]):
    channel = serializers.ChoiceField(Channel.choices, default=Channel.OTHER)
    direction = serializers.ChoiceField(Direction.choices, default=Direction.IN)
    record_id = IdField(required=False)

    class Meta:
        model = Message
        fields = [
            *("id", "record", "record_id", "channel", "direction", "sender", "recipients", "subject", "body", "at", "external_id"),
            *("answered_at", "author", "created_at"),
        ]
        read_only_fields = ["id", "answered_at", "author", "created_at"]
        extra_kwargs = {"record": {"help_text": f"{ABOUT} Left out: the contact whose address the other side's is, else a new one."}}
        # The service finds a message that came before; the database keeps the promise.
        validators: list[Any] = []


class FileSerializer(StrictMixin, serializers.ModelSerializer[Attachment]):
    content = serializers.CharField(write_only=True, help_text="The content in base64; or send `file` as multipart/form-data.")

    class Meta:
        model = Attachment
        fields = ["id", "record", "record_id", "name", "content", "size", "content_type", "sha256", "uploaded_by", "at"]
        read_only_fields = ["id", "size", "content_type", "sha256", "uploaded_by", "at"]
        extra_kwargs = {"record": {"required": True, "help_text": ABOUT}, "record_id": {"required": True, "min_value": 1}}


class AboutViewSet(viewsets.ReadOnlyModelViewSet[Any]):
    """Rows about a record that the key's user may see."""

    lookup_value_regex = r"\d{1,18}"
    find: Any

    def get_queryset(self) -> QuerySet[Any]:
        form = AboutFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        records.visible_record(wanted["record"], wanted["record_id"], self.request.user)
        return self.queryset.model._default_manager.filter(**wanted)  # type: ignore[union-attr]

    def get_object(self) -> Any:
        return type(self).find(int(self.kwargs["pk"]), self.request.user)

    @extend_schema(parameters=[AboutFilter])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def create(self, request: Request) -> Response:
        """Write one down."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        saved, is_new = self.write(request, form.validated_data)
        return Response(self.get_serializer(saved).data, status=201 if is_new else 200)

    def write(self, request: Request, values: dict[str, Any]) -> tuple[Any, bool]:
        """What the service makes of the values, and whether it is new."""
        raise NotImplementedError


class NoteViewSet(AboutViewSet):
    """Notes about a record."""

    queryset = Note.objects.none()
    serializer_class = NoteSerializer

    @staticmethod
    def find(pk: int, user: Any) -> Note:
        return find_note(note_id=pk, by=user)

    def write(self, request: Request, values: dict[str, Any]) -> tuple[Any, bool]:
        return add_note(by=request.user, body=values.pop("text", ""), **values), True


class CallViewSet(AboutViewSet):
    """Calls about a record."""

    queryset = Call.objects.none()
    serializer_class = CallSerializer

    @staticmethod
    def find(pk: int, user: Any) -> Call:
        return find_call(call_id=pk, by=user)

    def write(self, request: Request, values: dict[str, Any]) -> tuple[Any, bool]:
        return log_call(by=request.user, **values), True


class MessageViewSet(AboutViewSet):
    """Messages about a record. The same `external_id` of a channel again is the same message (200)."""

    queryset = Message.objects.none()
    serializer_class = MessageSerializer

    @staticmethod
    def find(pk: int, user: Any) -> Message:
        return find_message(message_id=pk, by=user)

    def write(self, request: Request, values: dict[str, Any]) -> tuple[Any, bool]:
        return record_message(by=request.user, **values)


class FileViewSet(AboutViewSet):
    """Files about a record: as JSON with `content`, or as a form with `file`."""

    queryset = Attachment.objects.none()
    serializer_class = FileSerializer
    parser_classes = [StrictJSONParser, MultiPartParser]

    @staticmethod
    def find(pk: int, user: Any) -> Attachment:
        return find_file(file_id=pk, by=user)

    def create(self, request: Request) -> Response:
        """Add one; files are not remembered by an Idempotency-Key."""
        upload = request.FILES.get("file") if request.FILES else None
        if upload is None:
            return answer_once(request, lambda: self._create(request))
        form = AboutFilter(data=request.data)
        form.is_valid(raise_exception=True)
        added = add_file(name=upload.name or "", chunks=upload.chunks(), by=request.user, **form.validated_data)
        return Response(self.get_serializer(added).data, status=201)

    def write(self, request: Request, values: dict[str, Any]) -> tuple[Any, bool]:
        return add_file(by=request.user, chunks=_decoded(values.pop("content")), **values), True

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str | None = None) -> FileResponse:
        """The content, as a download."""
        return content_of(self.get_object())


def _decoded(content: str) -> Iterable[bytes]:
    try:
        return [base64.b64decode(content, validate=True)]
    except (binascii.Error, ValueError):
        raise serializers.ValidationError({"content": ["not base64"]}) from None


class TimelineFilter(AboutFilter):
    """Which record, and how much of it."""

    kind = serializers.MultipleChoiceField(choices=[], required=False)
    before = serializers.CharField(required=False, help_text="The `next` of the page before.")
    page_size = serializers.IntegerField(min_value=1, max_value=timeline.MOST, default=50)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(source.key, source.label) for source in timeline.sources()]


class EntrySerializer(serializers.Serializer):
    """One line of a timeline; `id` is the id of the note, call … or of the event that tells it."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    what = serializers.CharField(help_text="Such as `note`, `call-missed`, `task.done`, `moved`.")
    id = serializers.IntegerField()
    record = serializers.CharField()
    record_id = serializers.IntegerField()
    actor = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()


class TimelinePageSerializer(serializers.Serializer):
    results = EntrySerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="Ask again with `before` set to it.")


class TimelineView(APIView):
    """The timeline of a record and of what belongs to it, latest first, as far as the key's user sees it."""

    @extend_schema(parameters=[TimelineFilter], responses=TimelinePageSerializer, operation_id="timeline_list")
    def get(self, request: Request) -> Response:
        """One page."""
        form = TimelineFilter(data=request.query_params)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        before = timeline.Key.read(asked["before"]) if "before" in asked else None
        if "before" in asked and before is None:
            raise serializers.ValidationError({"before": ["not a place in a timeline"]})
        records.visible_record(asked["record"], asked["record_id"], request.user)
        subjects = timeline.subjects_of(asked["record"], asked["record_id"], request.user)
        with timezone.override(zone_of(request.user)):
            page = timeline.read(subjects, kinds=asked.get("kind", ()), before=before, limit=asked["page_size"])
        return Response({"results": [_entry(entry) for entry in page.entries], "next": page.next or None})


def _entry(entry: timeline.Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "kind": entry.source.key,
        "what": entry.kind,
        "id": entry.id,
        "record": entry.record,
        "record_id": entry.record_id,
        "actor": entry.actor.pk if entry.actor else None,
        "text": str(entry.row),
    }
