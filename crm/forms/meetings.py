"""Meetings as people write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from crm.forms.services import ServiceForm
from crm.forms.tasks import RemindField, WhenField
from crm.marks import mark_of_values
from crm.models import Contact, Meeting, MeetingOutcome, User
from crm.queries.people import possible_owners
from crm.services.meetings import meeting_values
from crm.when import read_when

AN_HOUR = timedelta(hours=1)
MAX_OFFERED = 30


class MeetingForm(ServiceForm):
    """What, from when to when, where, and who comes."""

    title = forms.CharField(label=pgettext_lazy("meeting", "Subject"), max_length=200)
    starts = WhenField()
    ends = WhenField(required=False)
    place = forms.CharField(label=gettext_lazy("Place or link"), max_length=300, required=False)
    colleagues = forms.ModelMultipleChoiceField(
        User.objects.none(), label=gettext_lazy("Colleagues"), widget=forms.CheckboxSelectMultiple, required=False
    )
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), label=gettext_lazy("Clients"), widget=forms.CheckboxSelectMultiple, required=False
    )
    remind = RemindField()
    note = forms.CharField(
        label=gettext_lazy("Details"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=Meeting._meta.get_field("note").validators,
    )

    def __init__(
        self, *args: Any, now: datetime, zone: ZoneInfo, by: User, meeting: Meeting | None = None, about: Any = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.now, self.zone, self.meeting = now, zone, meeting
        self.fields["starts"].label = pgettext_lazy("meeting", "Begins")
        self.fields["ends"].label = pgettext_lazy("meeting", "Ends")
        self.fields["ends"].widget.attrs["placeholder"] = gettext_lazy("an hour later")
        self.fields["ends"].widget.attrs.pop("data-when")
        if meeting is not None:
            self.initial = {**self.shown_of(meeting), **self.initial}
            self.fields["remind"].offer(meeting.remind)  # type: ignore[attr-defined]
        else:
            invited = [about.pk] if isinstance(about, Contact) else []
            usual = {"colleagues": [by.pk], "contacts": invited, "remind": "15", "starts": _("tomorrow 10:00")}
            self.initial = {**usual, **self.initial}
        coming = [attendance.user_id for attendance in meeting.attendances.all()] if meeting else []
        self.fields["colleagues"].queryset = possible_owners(by) | User.objects.filter(pk__in=coming)  # type: ignore[attr-defined]
        offered = _offered(about, by) | {contact.pk for contact in meeting.contacts.all()} if meeting else _offered(about, by)
        self.fields["contacts"].queryset = Contact.objects.visible_to(by).filter(pk__in=offered)  # type: ignore[attr-defined]
        if not offered:
            del self.fields["contacts"]

    def shown_of(self, meeting: Meeting) -> dict[str, Any]:
        starts, ends = (at.astimezone(self.zone) for at in (meeting.starts_at, meeting.ends_at))
        return {
            "title": meeting.title,
            "starts": f"{starts:%Y-%m-%d %H:%M}",
            "ends": f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%Y-%m-%d %H:%M}",
            "place": meeting.place,
            "colleagues": [attendance.user_id for attendance in meeting.attendances.all()],
            "contacts": [contact.pk for contact in meeting.contacts.all()],
            "remind": "" if meeting.remind is None else str(meeting.remind),
            "note": meeting.note,
            "mark": mark_of_values(meeting_values(meeting)),
        }

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        """What somebody else has made of it, as far as it differs from what was typed."""
        typed = self.cleaned_data
        now = {name: values[name] for name in ("title", "place", "note")}
        for name in ("starts", "ends"):
            if values[f"{name}_at"] != typed[f"{name}_at"]:
                now[name] = f"{values[f'{name}_at'].astimezone(self.zone):%Y-%m-%d %H:%M}"
        is_same = values["colleagues"] == sorted(map(str, typed["colleagues"]))
        return now | ({} if is_same else {"colleagues": ", ".join(values["colleagues"])})

    def clean(self) -> dict[str, Any]:
        """The end is read as seen from the start: 15:30 is that day's, “in 2 hours” is how long it lasts."""
        data = super().clean() or self.cleaned_data
        language = get_language() or "en"
        if "starts" not in data or "ends" not in data:
            return data
        unchanged = self.meeting and (data["starts"], data["ends"]) == (self.initial["starts"], self.initial["ends"])
        starts = self.meeting.starts_at if unchanged and self.meeting else read_when(data["starts"], self.now, self.zone, language)
        if starts is None:
            self.add_error("starts", _("“%(text)s” is no time I know. Try tomorrow 10:00 or fri 15:00.") % {"text": data["starts"]})
            return data
        ends = starts + AN_HOUR if not data["ends"] else read_when(data["ends"], starts, self.zone, language)
        if unchanged and self.meeting:
            ends = self.meeting.ends_at
        if ends is None:
            self.add_error("ends", _("“%(text)s” is no time I know. Try 15:30 or in 2 hours.") % {"text": data["ends"]})
        elif ends <= starts:
            self.add_error("ends", _("A meeting ends after it begins."))
        return data | {"starts_at": starts, "ends_at": ends}

    def changes(self) -> dict[str, Any]:
        """What the services take."""
        data = self.cleaned_data
        names = ("title", "starts_at", "ends_at", "place", "remind", "note", "colleagues")
        contacts = {"contacts": data["contacts"]} if "contacts" in data else {}
        return {name: data[name] for name in names} | contacts


class OutcomeForm(ServiceForm):
    """How it went."""

    outcome = forms.ChoiceField(label=gettext_lazy("How it went"), choices=MeetingOutcome.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("What came of it"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )


def _offered(about: Any, by: User) -> set[int]:
    """The people of whatever the meeting is about: the contact itself, a company's, a deal's."""
    if isinstance(about, Contact):
        return {about.pk}
    company = getattr(about, "company_id", None) if hasattr(about, "company_id") else getattr(about, "pk", None)
    people = Contact.objects.visible_to(by).filter(company=company).order_by("name") if company else Contact.objects.none()
    return {*people.values_list("pk", flat=True)[:MAX_OFFERED], *([about.contact_id] if getattr(about, "contact_id", None) else [])}
