"""What can be done to many deals at once: their fields, their stage, winning and losing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import bulk
from crm.bulk import BulkAction
from crm.bulk_clients import doing, read_owner_of, usual_actions, with_tags
from crm.errors import Refused
from crm.forms.bulk import BulkForm, FieldForm
from crm.models import Company, User
from crm.services import bulk_changes
from crm.services.bulk_changes import Act, Values
from crm.services.clients import find_or_add_company
from crm.services.put_back import take_values
from pipeline.filtering import all_stages
from pipeline.models import Deal, LostReason, Source, Stage
from pipeline.services.deals import edit_deal, put_back_deal
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal, reopen_deal
from pipeline.services.places import lock_stages

CHANGED_SINCE = gettext_lazy("It has been moved, won or lost since.")


class DealFieldForm(FieldForm):
    """A field of deals."""

    kind = "deal"

    def inputs(self, viewer: User) -> dict[str, forms.Field]:
        sources = [("", "–"), *((source.pk, source.label) for source in Source.objects.live())]
        return {
            "company": forms.CharField(label=_("Company"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})),
            "source": forms.TypedChoiceField(label=_("Source"), choices=sources, coerce=int, empty_value=None),
            "expected_close": forms.DateField(label=_("Expected close"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")),
        }


class StageForm(BulkForm):
    """Where to."""

    stage = forms.TypedChoiceField(label=gettext_lazy("Stage"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        archived = set(Stage.objects.exclude(archived_at=None).values_list("pk", flat=True))
        self.fields["stage"].choices = [(pk, label) for pk, label in all_stages(None) if int(pk) not in archived]  # type: ignore[attr-defined, arg-type]


class LostForm(BulkForm):
    """Why they were lost."""

    reason = forms.TypedChoiceField(label=gettext_lazy("Lost reason"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", "–"), *((one.pk, one.label) for one in LostReason.objects.live())]  # type: ignore[attr-defined]


def register_deals() -> None:
    """Make them known; called once at start."""
    edit = Act(_edit, put_back_deal, resolve=_resolve)
    for key in ("owner", "add-tag", "remove-tag", "field"):
        bulk_changes.register("deal", key, edit)
    bulk_changes.register("deal", "stage", Act(_move, _move_back, prepare=_lock))
    bulk_changes.register("deal", "won", Act(_close("won"), _reopen, prepare=_lock))
    bulk_changes.register("deal", "lost", Act(_close("lost"), _reopen, prepare=_lock))
    bulk.register(
        "deal",
        *usual_actions(DealFieldForm),
        BulkAction("stage", gettext_lazy("Move"), "arrow-right", doing("stage"), StageForm),
        BulkAction("won", gettext_lazy("Won"), "trophy", doing("won")),
        BulkAction("lost", gettext_lazy("Lost"), "circle-x", doing("lost"), LostForm),
    )


def _resolve(values: Values, by: User) -> Values:
    """The company that was named, once for all."""
    if "company" in values:
        company = find_or_add_company(name=values["company"] or "", by=by)
        return values | {"company": company.pk if company else None}
    return values


def _edit(pk: int, values: Values, by: User) -> tuple[Values, Values] | None:
    deal = Deal.objects.visible_to(by).select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if deal is None:
        raise Http404(_("This deal doesn't exist, or you may not see it."))
    given = dict(values)
    if given.keys() & {"add-tag", "remove-tag"}:
        given = {"tags": with_tags(deal.tags, given)}
    elif "owner" in given:
        given = read_owner_of(given)
    elif given.get("company"):
        given["company"] = Company.objects.filter(pk=given["company"]).first()
    elif given.get("source"):
        given["source"] = _source(given["source"])
    elif given.get("expected_close"):
        given["expected_close"] = Deal._meta.get_field("expected_close").to_python(given["expected_close"])
    names, custom = [name for name in given if name != "custom"], list(given.get("custom", {}))
    before = take_values(deal, names, custom)
    after = take_values(edit_deal(deal_id=pk, changes=given, by=by), names, custom)
    return (before, after) if before != after else None


def _source(pk: int) -> Source:
    found = Source.objects.live().filter(pk=pk).first()
    if found is None:
        raise Refused(_("This source doesn't exist any more. Choose another."))
    return found


def _lock(ids: list[int], values: Values) -> None:
    """All columns of a chunk at once, also those that an undo leads back to, in the order in which everybody locks them."""
    stages = set(Deal.objects.filter(pk__in=ids).values_list("stage_id", flat=True))
    lock_stages(stages | {each["stage"] for each in (values, *values.get("before", ())) if "stage" in each})


def _move(pk: int, values: Values, by: User) -> tuple[Values, Values] | None:
    if Deal.objects.visible_to(by).open().filter(pk=pk, stage=values["stage"]).exists():
        return None
    move = move_deal(deal_id=pk, to_stage=values["stage"], by=by)
    return {"stage": move.from_stage.pk}, {"stage": move.to_stage.pk, "version": _version(pk)}


def _move_back(pk: int, before: Values, after: Values, by: User) -> list[str]:
    if _version(pk) != after["version"]:
        return [str(CHANGED_SINCE)]
    move_deal(deal_id=pk, to_stage=before["stage"], by=by)
    return []


def _close(outcome: str) -> Any:
    def do(pk: int, values: Values, by: User) -> tuple[Values, Values] | None:
        if Deal.objects.visible_to(by).filter(pk=pk, outcome=outcome).exists():
            return None
        deal = close_deal(deal_id=pk, outcome=outcome, lost_reason=values.get("reason"), by=by)
        return {"outcome": ""}, {"outcome": outcome, "version": deal.version}

    return do


def _reopen(pk: int, before: Values, after: Values, by: User) -> list[str]:
    if _version(pk) != after["version"]:
        return [str(CHANGED_SINCE)]
    reopen_deal(deal_id=pk, by=by)
    return []


def _version(pk: int) -> int | None:
    return Deal.objects.filter(pk=pk).values_list("version", flat=True).first()
