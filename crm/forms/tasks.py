"""Tasks as people write them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from crm.forms.services import ServiceForm
from crm.marks import mark_of
from crm.models import Priority, Repeat, Task, User
from crm.queries.people import possible_owners
from crm.services.tasks import EDITABLE
from crm.when import END_OF_DAY, MAX_TEXT, read_when

REMINDERS = [
    ("", gettext_lazy("No reminder")),
    ("0", gettext_lazy("When it is due")),
    ("5", gettext_lazy("5 minutes before")),
    ("15", gettext_lazy("15 minutes before")),
    ("60", gettext_lazy("An hour before")),
    ("180", gettext_lazy("3 hours before")),
    ("1440", gettext_lazy("A day before")),
]


class WhenField(forms.CharField):
    """A time as it was typed; its form knows from when and where it is seen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=pgettext_lazy("task", "When"), max_length=MAX_TEXT, **options)
        self.widget.attrs.update(
            {"autocomplete": "off", "data-when": reverse_lazy("explain_when"), "placeholder": gettext_lazy("tomorrow 10:00")}
        )


class RemindField(forms.TypedChoiceField):
    """How long before; a reminder that another program set stays among the choices."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=gettext_lazy("Reminder"), choices=REMINDERS, coerce=int, empty_value=None, required=False, **options)

    def offer(self, minutes: int | None) -> None:
        if minutes is not None and str(minutes) not in dict(REMINDERS):
            self.choices = [*REMINDERS, (str(minutes), _("%(count)s min before") % {"count": minutes})]


class WhenForm(forms.Form):
    """A form with a due time, which must lie ahead."""

    due = WhenField()

    def __init__(self, *args: Any, now: datetime, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now, self.zone = now, zone

    def clean_due(self) -> datetime:
        text = self.cleaned_data["due"]
        due = read_when(text, self.now, self.zone, get_language() or "en")
        if due is None:
            raise forms.ValidationError(
                _("“%(text)s” is no time I know. Try tomorrow 10:00, fri 15:00, in 3 days or 25.12.") % {"text": text}
            )
        if due < self.now:
            raise forms.ValidationError(_("That time has passed already."))
        return due


class TaskForm(WhenForm, ServiceForm):
    """A next step: what, and when; the rest has good defaults and stands behind “More”."""

    title = forms.CharField(label=gettext_lazy("Next step"), max_length=Task._meta.get_field("title").max_length)
    is_high = forms.BooleanField(label=gettext_lazy("Important"), required=False)
    assignee = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Who does it"), required=False, empty_label=None)
    remind = RemindField()
    repeat = forms.ChoiceField(label=gettext_lazy("Repeat"), choices=[("", gettext_lazy("Once")), *Repeat.choices], required=False)
    repeat_until = forms.DateField(
        label=gettext_lazy("Repeat until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(
        label=gettext_lazy("Details"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=Task._meta.get_field("note").validators,
    )
    field_order = ["title", "due", "is_high", "assignee", "remind", "repeat", "repeat_until", "note"]
    MORE = ("is_high", "assignee", "remind", "repeat", "repeat_until", "note")

    def __init__(self, *args: Any, task: Task | None = None, by: User | None = None, **options: Any) -> None:
        self.task = task
        super().__init__(*args, **options)
        if task is not None:
            self.initial = {**self.shown_of(task), **self.initial}
            self.fields["remind"].offer(task.remind)  # type: ignore[attr-defined]
        elif by is not None:
            self.initial.setdefault("assignee", by.pk)
        self.fields["assignee"].queryset = possible_owners(task.assignee if task else by)  # type: ignore[attr-defined]
        self.fields["repeat"].widget.attrs["data-repeats"] = ""

    def shown_of(self, task: Task) -> dict[str, Any]:
        due = task.due_at.astimezone(self.zone)
        return {
            "title": task.title,
            "due": f"{due:%Y-%m-%d}" if due.time() == END_OF_DAY else f"{due:%Y-%m-%d %H:%M}",
            "is_high": task.priority == Priority.HIGH,
            "assignee": task.assignee_id,
            "remind": "" if task.remind is None else str(task.remind),
            "repeat": task.repeat,
            "repeat_until": task.repeat_until,
            "note": task.note,
            "mark": mark_of(task, EDITABLE),
        }

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        """What somebody else has made of it, as far as it differs from what was typed."""
        typed, due, assignee = self.cleaned_data, values["due_at"], values["assignee"]
        now = {"title": values["title"], "note": values["note"]}
        if due != typed["due"]:
            now["due"] = f"{due.astimezone(self.zone):%Y-%m-%d %H:%M}"
        return now | ({"assignee": str(assignee)} if assignee != typed.get("assignee") else {})

    def clean_due(self) -> datetime:
        """A task that is overdue may stay so while something else about it is changed."""
        if self.task is not None and self.cleaned_data["due"] == self.initial["due"]:
            return self.task.due_at
        return super().clean_due()

    def changes(self) -> dict[str, Any]:
        """What the services take; of a quick form only what it had."""
        data = self.cleaned_data
        changes = {"title": data["title"], "due_at": data["due"]}
        if "assignee" not in self.data:
            return changes
        kept = {name: data[name] for name in ("assignee", "remind", "repeat", "repeat_until", "note") if name != "assignee" or data[name]}
        return changes | kept | {"priority": Priority.HIGH if data["is_high"] else Priority.NONE}
