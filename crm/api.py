"""The API of companies, contacts and tasks: thin, over the services that the pages use."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.idempotency import answer_once
from crm.models import Company, Contact, Organisation, Task
from crm.queries.reach import find_by_email, find_by_phone
from crm.removals_api import delete_by_api
from crm.serializers import CompanySerializer, ContactSerializer, IdField, TaskSerializer
from crm.services.clients import save_client
from crm.services.tasks import add_task, edit_task, finish_task
from crm.views_api import FILTERS, narrowed_by_filter


class ReachFilter(serializers.Serializer):
    """Who has this address or number, the main one or another of theirs."""

    email = serializers.CharField(required=False, max_length=254)
    phone = serializers.CharField(required=False, max_length=60, help_text="however written, with or without the country code")


class ClientViewSet(viewsets.ReadOnlyModelViewSet[Any]):
    """What companies and contacts have in common."""

    model: type[Company] | type[Contact]
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Any]:
        seen = self.model.objects.visible_to(self.request.user)
        if self.action != "list":
            return seen
        asked = ReachFilter(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        if "email" in asked.validated_data:
            seen = find_by_email(seen, asked.validated_data["email"])
        if "phone" in asked.validated_data:
            seen = find_by_phone(seen, asked.validated_data["phone"], region=Organisation.current().country)
        return narrowed_by_filter(seen, self.model._meta.model_name or "", self.request)

    @extend_schema(parameters=[ReachFilter, *FILTERS])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def create(self, request: Request) -> Response:
        """Add one, owned by the key's user unless said otherwise."""
        return answer_once(request, lambda: self._save(request, None))

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Edit fields."""
        return self._save(request, self.get_object())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Delete it with everything about it; it can be brought back for thirty days."""
        return delete_by_api(request, self.model._meta.model_name or "", pk)

    def _save(self, request: Request, found: Any) -> Response:
        form = self.get_serializer(found, data=request.data, partial=found is not None)
        form.is_valid(raise_exception=True)
        saved = save_client(model=self.model, by=request.user, pk=found and found.pk, **form.validated_data)
        return Response(self.get_serializer(saved).data, status=200 if found else 201)


class CompanyViewSet(ClientViewSet):
    """Companies that the key's user may see."""

    model = Company
    queryset = Company.objects.none()
    serializer_class = CompanySerializer


class ContactViewSet(ClientViewSet):
    """Contacts that the key's user may see."""

    model = Contact
    queryset = Contact.objects.none()
    serializer_class = ContactSerializer


class TaskFilter(serializers.Serializer):
    record = serializers.CharField(required=False)
    record_id = IdField(required=False)
    assignee = IdField(required=False)
    done = serializers.BooleanField(required=False, allow_null=True, default=None)


class TaskViewSet(viewsets.ReadOnlyModelViewSet[Task]):
    """Own tasks and those about records that the key's user may see."""

    serializer_class = TaskSerializer
    queryset = Task.objects.none()
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Task]:
        tasks = Task.objects.visible_to(self.request.user)
        if self.action != "list":
            return tasks
        form = TaskFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        wanted = dict(form.validated_data)
        done = wanted.pop("done")
        tasks = tasks.filter(**wanted) if done is None else tasks.filter(**wanted, done_at__isnull=not done)
        return narrowed_by_filter(tasks, "task", self.request)

    @extend_schema(parameters=[TaskFilter, *FILTERS])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def create(self, request: Request) -> Response:
        """Plan a task."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(self.get_serializer(add_task(by=request.user, **form.validated_data)).data, status=201)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change title, due time or assignee."""
        task = self.get_object()
        form = self.get_serializer(task, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return Response(self.get_serializer(edit_task(task_id=task.pk, by=request.user, **form.validated_data)).data)

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str | None = None) -> Response:
        """Tick it off; twice is once."""
        return Response(self.get_serializer(finish_task(task_id=self.get_object().pk, by=request.user)).data)
