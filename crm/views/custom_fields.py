"""The settings of custom fields: find, call, render."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.custom_fields.registry import type_of
from crm.forms.custom_fields import FieldForm, NewFieldForm, OptionForm, spread_labels
from crm.marks import mark_of, values_of
from crm.models import CustomField, FieldKind
from crm.models.custom_fields import label_of
from crm.queries.custom_fields import MAX_COUNTED, count_choosers
from crm.services.custom_fields import (
    EDITABLE,
    add_field,
    add_option,
    archive_field,
    edit_field,
    edit_option,
    remove_option,
    reorder_fields,
    reorder_options,
    restore_field,
    restore_option,
)
from crm.templatetags.display import number
from crm.views.admins import for_admins
from crm.views.orders import answer_order, joined, read_key_order, read_order


@for_admins
@require_safe
def show_first(request: HttpRequest) -> HttpResponse:
    """The fields of deals, which most come for."""
    return redirect("custom_fields", FieldKind.DEAL)


@for_admins
@require_safe
def show_fields(request: HttpRequest, kind: str) -> HttpResponse:
    """The fields of one kind of record in their order."""
    found = [{"field": field, "type": type_of(field)} for field in CustomField.objects.of(_known(kind))]
    live = [row for row in found if row["field"].archived_at is None]
    context = {
        **_kinds(kind),
        "live": live,
        "archived": [row for row in found if row["field"].archived_at],
        "order": joined([row["field"].pk for row in live]),
    }
    return render(request, "settings/custom_fields.html", context)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def new_field(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a field."""
    form = NewFieldForm(request.POST or None, initial={"type": request.GET.get("type", "text")})
    asked = ("type", "labels", "key", "options", "is_required")
    _known(kind)
    field = form.carry_out(lambda: add_field(kind=kind, by=request.user, **{name: form.cleaned_data[name] for name in asked}))
    if field:
        undo = reverse("custom_field_archive", args=[field.pk])
        messages.success(request, _("“%(name)s” added") % {"name": field.label}, extra_tags=undo)
        return redirect("custom_fields", kind)
    return render(request, "settings/custom_field.html", {**_kinds(kind), "form": form}, status=form.status)


@for_admins
@require_POST
def order_fields(request: HttpRequest, kind: str) -> HttpResponse:
    """A new order of the fields."""
    was, order = read_order(request)
    reorder_fields(kind=_known(kind), order=order, was=was, by=request.user)
    return answer_order(request, was=was, order=order, page=reverse("custom_fields", args=[kind]))


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_field(request: HttpRequest, field_id: int) -> HttpResponse:
    """Rename a field, ask for it or no longer; its options stand below."""
    field = get_object_or_404(CustomField, pk=field_id)
    initial = values_of(field, EDITABLE) | spread_labels(field.labels) | {"mark": mark_of(field, EDITABLE)}
    form = FieldForm(request.POST or None, initial=initial)
    changed = form.carry_out(
        lambda: edit_field(
            field_id=field_id, changes={name: form.cleaned_data[name] for name in EDITABLE}, mark=form.cleaned_data["mark"], by=request.user
        )
    )
    if changed:
        messages.success(request, _("Saved"))
        return redirect("custom_fields", field.kind)
    return _show_field(request, field, form, OptionForm(prefix="new"), form.status)


@for_admins
@require_POST
def field_archive(request: HttpRequest, field_id: int) -> HttpResponse:
    """Show and ask for it no longer."""
    field = archive_field(field_id=field_id, by=request.user)
    undo = reverse("custom_field_restoration", args=[field_id])
    words = _("“%(name)s” is archived. Its values are kept and come back with it.")
    messages.success(request, words % {"name": field.label}, extra_tags=undo)
    return redirect("custom_fields", field.kind)


@for_admins
@require_POST
def field_restoration(request: HttpRequest, field_id: int) -> HttpResponse:
    """Show it again."""
    field = restore_field(field_id=field_id, by=request.user)
    messages.success(request, _("“%(name)s” is back") % {"name": field.label}, extra_tags=reverse("custom_field_archive", args=[field_id]))
    return redirect("custom_fields", field.kind)


@for_admins
@require_POST
def new_option(request: HttpRequest, field_id: int) -> HttpResponse:
    """Offer one option more."""
    field = get_object_or_404(CustomField, pk=field_id)
    form = OptionForm(request.POST, prefix="new")
    option = form.carry_out(lambda: add_option(field_id=field_id, labels=form.cleaned_data["labels"], by=request.user))
    if option:
        undo = reverse("custom_option_removal", args=[field_id, option["key"]])
        messages.success(request, _("“%(name)s” added") % {"name": label_of(option["labels"])}, extra_tags=undo)
        return redirect("custom_field", field_id)
    return _show_field(request, field, _unbound(field), form, form.status)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_option(request: HttpRequest, field_id: int, key: str) -> HttpResponse:
    """Rename an option; says how many records have chosen it."""
    field = get_object_or_404(CustomField, pk=field_id)
    option = next((option for option in field.options if option["key"] == key), None)
    if option is None:
        raise Http404
    form = OptionForm(request.POST or None, initial=spread_labels(option["labels"]) | {"mark": json.dumps(option["labels"])})
    saved = form.carry_out(
        lambda: edit_option(field_id=field_id, key=key, labels=form.cleaned_data["labels"], was=_seen(form), by=request.user)
    )
    if saved:
        messages.success(request, _("Saved"))
        return redirect("custom_field", field_id)
    context = {**_kinds(field.kind), "field": field, "option": option, "label": label_of(option["labels"]), "form": form}
    return render(request, "settings/custom_option.html", context | {"used": _used(field, key, request.user)}, status=form.status)


@for_admins
@require_POST
def option_removal(request: HttpRequest, field_id: int, key: str) -> HttpResponse:
    """Offer it no longer, and say how many records keep it."""
    option = remove_option(field_id=field_id, key=key, by=request.user)
    field = get_object_or_404(CustomField, pk=field_id)
    words = _("“%(name)s” is removed.") % {"name": label_of(option["labels"])} + " " + _used(field, key, request.user)
    messages.success(request, words, extra_tags=reverse("custom_option_restoration", args=[field_id, key]))
    return redirect("custom_field", field_id)


@for_admins
@require_POST
def option_restoration(request: HttpRequest, field_id: int, key: str) -> HttpResponse:
    """Offer it again."""
    option = restore_option(field_id=field_id, key=key, by=request.user)
    undo = reverse("custom_option_removal", args=[field_id, key])
    messages.success(request, _("“%(name)s” is back") % {"name": label_of(option["labels"])}, extra_tags=undo)
    return redirect("custom_field", field_id)


@for_admins
@require_POST
def order_options(request: HttpRequest, field_id: int) -> HttpResponse:
    """A new order of the options."""
    was, order = read_key_order(request)
    reorder_options(field_id=field_id, order=order, was=was, by=request.user)
    return answer_order(request, was=was, order=order, page=reverse("custom_field", args=[field_id]))


def _show_field(request: HttpRequest, field: CustomField, form: FieldForm, option_form: OptionForm, status: int) -> HttpResponse:
    options = [{"key": option["key"], "label": label_of(option["labels"]), "removed": option.get("removed")} for option in field.options]
    context = {
        **_kinds(field.kind),
        "field": field,
        "type": type_of(field),
        "form": form,
        "option_form": option_form,
        "options": [option for option in options if not option["removed"]],
        "removed": [option for option in options if option["removed"]],
        "order": joined([option["key"] for option in field.live_options]),
    }
    return render(request, "settings/custom_field.html", context, status=status)


def _unbound(field: CustomField) -> FieldForm:
    return FieldForm(initial=values_of(field, EDITABLE) | spread_labels(field.labels) | {"mark": mark_of(field, EDITABLE)})


def _seen(form: OptionForm) -> dict[str, str] | None:
    """The names that the admin's page showed; a mark that says nothing guards nothing."""
    try:
        seen = json.loads(form.cleaned_data["mark"])
    except ValueError:
        return None
    return seen if isinstance(seen, dict) else None


def _used(field: CustomField, key: str, viewer: Any) -> str:
    count = count_choosers(field, key, viewer)
    if count > MAX_COUNTED:
        return _("More than %(count)s records have it chosen and keep it.") % {"count": number(MAX_COUNTED)}
    if not count:
        return _("No record has it chosen.")
    words = ngettext("%(count)s record has it chosen and keeps it.", "%(count)s records have it chosen and keep it.", count)
    return words % {"count": number(count)}


def _known(kind: str) -> str:
    if kind not in FieldKind.values:
        raise Http404
    return kind


def _kinds(kind: str) -> dict[str, Any]:
    return {"kind": kind, "kind_label": FieldKind(_known(kind)).label, "kinds": FieldKind.choices}
