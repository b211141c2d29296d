"""Sources, lost reasons, competitors and roles of contacts: one set of views for all lists."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm.marks import mark_of, values_of
from crm.views.admins import for_admins
from pipeline.forms.labels import ChoiceForm, spread_labels
from pipeline.services.choices import EDITABLE, KINDS, add_choice, archive_choice, edit_choice, restore_choice

WORDS = {
    "source": {
        "title": gettext_lazy("Sources"),
        "lead": gettext_lazy("Where deals come from. A deal chooses one, and the report can be cut by it."),
        "add": gettext_lazy("Add a source"),
        "empty": gettext_lazy("No source yet"),
    },
    "lost_reason": {
        "title": gettext_lazy("Lost reasons"),
        "lead": gettext_lazy("Why deals are lost. Whoever loses a deal chooses one; short and few makes honest."),
        "add": gettext_lazy("Add a reason"),
        "empty": gettext_lazy("No reason yet"),
    },
    "competitor": {
        "title": gettext_lazy("Competitors"),
        "lead": gettext_lazy("Who else sells to your clients. A deal names those who bid for it, and the one it was lost to."),
        "add": gettext_lazy("Add a competitor"),
        "empty": gettext_lazy("No competitor yet"),
    },
    "contact_role": {
        "title": gettext_lazy("Roles of contacts"),
        "lead": gettext_lazy("Which part somebody plays in a deal: who decides, who uses it, who advises."),
        "add": gettext_lazy("Add a role"),
        "empty": gettext_lazy("No role yet"),
    },
}


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, kind: str) -> HttpResponse:
    """The list, and one more."""
    form = ChoiceForm(request.POST or None)
    added = form.carry_out(
        lambda: add_choice(kind=kind, name=form.cleaned_data["name"], labels=form.cleaned_data["labels"], by=request.user)
    )
    if added:
        messages.success(request, _("“%(name)s” added") % {"name": added.label}, extra_tags=reverse(f"{kind}_archive", args=[added.pk]))
        return redirect(f"settings_{kind}s")
    entries = KINDS[kind].objects.all()
    context = {
        "form": form,
        "kind": kind,
        "words": WORDS[kind],
        "live": [entry for entry in entries if entry.archived_at is None],
        "archived": [entry for entry in entries if entry.archived_at],
        "urls": {name: f"{kind}_{name}" for name in ("change", "archive", "restoration")},
    }
    return render(request, "settings/choices.html", context, status=form.status)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_choice(request: HttpRequest, kind: str, choice_id: int) -> HttpResponse:
    """Rename one."""
    choice = get_object_or_404(KINDS[kind], pk=choice_id)
    initial = values_of(choice, EDITABLE) | spread_labels(choice.labels) | {"mark": mark_of(choice, EDITABLE)}
    form = ChoiceForm(request.POST or None, initial=initial)
    changed = form.carry_out(
        lambda: edit_choice(
            kind=kind,
            choice_id=choice_id,
            changes={field: form.cleaned_data[field] for field in EDITABLE},
            mark=form.cleaned_data["mark"],
            by=request.user,
        )
    )
    if changed:
        messages.success(request, _("Saved"))
        return redirect(f"settings_{kind}s")
    context = {"form": form, "choice": choice, "words": WORDS[kind], "back": reverse(f"settings_{kind}s")}
    return render(request, "settings/choice.html", context, status=form.status)


@for_admins
@require_POST
def choice_archive(request: HttpRequest, kind: str, choice_id: int) -> HttpResponse:
    """Offer it no longer."""
    choice = archive_choice(kind=kind, choice_id=choice_id, by=request.user)
    undo = reverse(f"{kind}_restoration", args=[choice_id])
    messages.success(request, _("“%(name)s” is archived") % {"name": choice.label}, extra_tags=undo)
    return redirect(f"settings_{kind}s")


@for_admins
@require_POST
def choice_restoration(request: HttpRequest, kind: str, choice_id: int) -> HttpResponse:
    """Offer it again."""
    choice = restore_choice(kind=kind, choice_id=choice_id, by=request.user)
    undo = reverse(f"{kind}_archive", args=[choice_id])
    messages.success(request, _("“%(name)s” is back") % {"name": choice.label}, extra_tags=undo)
    return redirect(f"settings_{kind}s")
