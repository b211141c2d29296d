"""What can be done to many contacts or companies at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import bulk, events
from crm.bulk import BulkAction, Chosen, Done
from crm.errors import Refused
from crm.forms.bulk import FieldForm, OwnerForm, TagForm, UntagForm
from crm.models import BulkChange, Company, Contact, Job, User
from crm.services import bulk_changes
from crm.services.bulk_changes import Act, Values, change_many
from crm.services.clients import find_or_add_company, save_client
from crm.services.put_back import put_back, take_values

MODELS: dict[str, type[Company] | type[Contact]] = {"company": Company, "contact": Contact}


class ContactFieldForm(FieldForm):
    """A field of contacts."""

    kind = "contact"

    def inputs(self, viewer: User) -> dict[str, forms.Field]:
        text = forms.TextInput(attrs={"autocomplete": "off"})
        return {
            "company": forms.CharField(label=_("Company"), max_length=200, widget=text),
            "position": forms.CharField(label=_("Position"), max_length=200, widget=text),
        }


class CompanyFieldForm(FieldForm):
    """A field of companies."""

    kind = "company"

    def inputs(self, viewer: User) -> dict[str, forms.Field]:
        return {"website": forms.CharField(label=_("Website"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))}


def register_clients() -> None:
    """Make them known; called once at start."""
    for kind, form in (("contact", ContactFieldForm), ("company", CompanyFieldForm)):
        act = _act(MODELS[kind])
        for key in ("owner", "add-tag", "remove-tag", "field"):
            bulk_changes.register(kind, key, act)
        bulk.register(kind, *usual_actions(form))


def usual_actions(form: type[FieldForm]) -> list[BulkAction]:
    """What every kind has."""
    return [
        BulkAction("owner", gettext_lazy("Assign"), "user", doing("owner"), OwnerForm),
        BulkAction("add-tag", gettext_lazy("Add tag"), "tag", doing("add-tag"), TagForm),
        BulkAction("remove-tag", gettext_lazy("Remove tag"), "tag", doing("remove-tag"), UntagForm),
        BulkAction("field", gettext_lazy("Edit a field"), "pencil", doing("field"), form),
    ]


def doing(action: str) -> Any:
    """The act behind a button of the selection bar."""

    def apply(chosen: Chosen, values: Values, by: User) -> Done:
        return told(*change_many(action=action, chosen=chosen, values=values, by=by))

    return apply


def values_of(form: Any) -> Values:
    """What was asked for, as a bulk change keeps it."""
    return dict(getattr(form, "values", form.cleaned_data)) if form is not None else {}


def told(change: BulkChange, job: Job | None) -> Done:
    """What came of it, in a line."""
    if job is not None:
        return Done("", progress=reverse("job", args=[job.pk]))
    undo = reverse("bulk_undo", args=[change.pk]) if change.counts.get("changed") else ""
    return Done(words_of(change), undo=undo)


def words_of(change: BulkChange) -> str:
    """How many changed, were so already, and were refused, with the reasons."""
    counts = change.counts
    changed = _("Deleted: %(count)d.") if change.action == "delete" else _("Changed: %(count)d.")
    said = [changed % {"count": counts.get("changed", 0)}]
    if counts.get("same"):
        said.append(_("Were so already: %(count)d.") % {"count": counts["same"]})
    if counts.get("refused"):
        said.append(_("Refused: %(count)d.") % {"count": counts["refused"]})
        said += _reasons(counts.get("reasons", {}))
    return " ".join(said)


def undo_words(change: BulkChange) -> str:
    """How many were put back, and what stays."""
    counts = change.counts
    back = _("Brought back: %(count)d.") if change.action == "delete" else _("Taken back: %(count)d.")
    said = [back % {"count": counts.get("back", 0)}]
    if counts.get("kept"):
        said.append(_("Not wholly: %(count)d.") % {"count": counts["kept"]})
        said += _reasons(counts.get("kept_reasons", {}))
    return " ".join(said)


def _reasons(reasons: dict[str, int]) -> list[str]:
    most = sorted(reasons.items(), key=lambda pair: -pair[1])[:3]
    return [f"{reason} (×{count})" if count > 1 else reason for reason, count in most]


def with_tags(now: list[str], values: Values) -> list[str]:
    """The tags of a record after one was put on or taken off."""
    if tag := values.get("add-tag"):
        return now if tag.casefold() in [one.casefold() for one in now] else [*now, tag]
    return [one for one in now if one.casefold() != values["remove-tag"].casefold()]


def read_owner_of(values: Values) -> Values:
    """The owner as a person, who has to work here still."""
    if values["owner"] is None:
        return {"owner": None}
    owner = User.objects.active().select_related("team").filter(pk=values["owner"]).first()
    if owner is None:
        raise Refused(_("This colleague doesn't work here any more. Choose another."))
    return {"owner": owner}


def _act(model: type[Company] | type[Contact]) -> Act:
    def do(pk: int, values: Values, by: User) -> tuple[Values, Values] | None:
        client = _locked(model.objects.visible_to(by), model, pk)
        given = dict(values)
        if given.keys() & {"add-tag", "remove-tag"}:
            given = {"tags": with_tags(client.tags, given)}
        elif "owner" in given:
            given = read_owner_of(given)
        elif given.get("company"):
            given["company"] = Company.objects.filter(pk=given["company"]).first()
        names = [name for name in given if name != "custom"]
        before = take_values(client, names, list(given.get("custom", {})))
        saved = save_client(model=model, by=by, pk=pk, **given)
        after = take_values(saved, names, list(given.get("custom", {})))
        return (before, after) if before != after else None

    def undo(pk: int, before: Values, after: Values, by: User) -> list[str]:
        client = _locked(model.objects.all(), model, pk)
        changed, kept = put_back(client, before, after)
        if changed:
            client.save()
            kind = model._meta.model_name or ""
            events.record(f"{kind}.edited", record=kind, record_id=pk, by=by, changes=changed)
        return kept

    return Act(do, undo, resolve=_resolve)


def _resolve(values: Values, by: User) -> Values:
    """The company that was named, once for all."""
    if values.get("company"):
        company = find_or_add_company(name=values["company"], by=by)
        return values | {"company": company.pk if company else None}
    return values | {"company": None} if "company" in values else values


def _locked(seen: Any, model: Any, pk: int) -> Any:
    if not seen.filter(pk=pk).exists():
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return model.objects.select_for_update(of=("self",)).get(pk=pk)
