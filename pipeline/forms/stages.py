"""A stage of a pipeline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pipeline.forms.labels import LabelledForm
from pipeline.models import Colour, Stage

MAX_ROT_DAYS = 3650


class StageForm(LabelledForm):
    """Every setting of a stage; each is explained under `/help/settings/`."""

    colour = forms.ChoiceField(label=_("Colour"), choices=Colour.choices, initial=Colour.BLUE, widget=forms.RadioSelect)
    probability = forms.IntegerField(
        label=_("Win probability, %"),
        min_value=0,
        max_value=100,
        initial=50,
        help_text=_("How many deals in this stage are won in the end. The weighted sum of the column counts with it."),
    )
    rot_days = forms.IntegerField(
        label=_("Days until a deal rots"),
        min_value=1,
        max_value=MAX_ROT_DAYS,
        required=False,
        help_text=_("A deal that stands here longer is marked. Empty: never."),
    )


class NewStageForm(StageForm):
    """A stage to be added, with its place."""

    before = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, *args: Any, stages: list[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autofocus"] = True
        places = [(str(stage.pk), _("Before “%(stage)s”") % {"stage": stage.label}) for stage in stages]
        self.fields["before"].choices = [("", _("At the end")), *places]  # type: ignore[attr-defined]


class ArchiveStageForm(forms.Form):
    """Where the open deals of a stage go before it is archived."""

    move_to = forms.ChoiceField(label=_("Move them to"), widget=forms.Select(attrs={"class": "input"}))

    def __init__(self, *args: Any, stages: list[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["move_to"].choices = [(str(stage.pk), stage.label) for stage in stages]  # type: ignore[attr-defined]
