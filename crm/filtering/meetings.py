"""What meetings can be filtered by; like tasks, by the clock of whoever looks."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.fields import FilterField, register
from crm.filtering.reader import Reader
from crm.filtering.tasks import OWN_DATE, about_record, among
from crm.filtering.types import CHOICE, NOTHING, PERSON, RECORD, TEXT
from crm.models import Attendance, Contact, Meeting, MeetingOutcome

STATES = {
    "coming": pgettext_lazy("meeting", "Coming"),
    "untold": pgettext_lazy("meeting", "Over, not told how it went"),
    "held": MeetingOutcome.HELD.label,
    "no_show": MeetingOutcome.NO_SHOW.label,
    "called_off": _("Called off"),
}
COMER = FilterField("user", "", PERSON, "user")


def about_state(operator: str, value: Any, reader: Reader) -> Q:
    """Ahead or over, how it went, or called off; a meeting always is one of these."""
    stands = Q(cancelled_at=None)
    conditions = {
        "coming": stands & Q(outcome="", ends_at__gt=reader.now),
        "untold": stands & Q(outcome="", ends_at__lte=reader.now),
        "held": stands & Q(outcome=MeetingOutcome.HELD),
        "no_show": stands & Q(outcome=MeetingOutcome.NO_SHOW),
        "called_off": ~stands,
    }
    if operator in ("empty", "filled"):
        return NOTHING if operator == "empty" else Q()
    found = reduce(or_, [conditions[one] for one in (value if isinstance(value, list) else [value])])
    return ~found if operator in ("is_not", "none_of") else found


def about_colleague(operator: str, value: Any, reader: Reader) -> Q:
    """Who of us comes."""
    comes = PERSON.condition("any_of", value if isinstance(value, list) else [value], COMER, reader)
    found = Q(pk__in=Attendance.objects.filter(comes).order_by().values("meeting"))
    return ~found if operator in ("is_not", "none_of") else found


def about_client(operator: str, value: Any, reader: Reader) -> Q:
    """Which contact comes, or whom it is about, of those that the reader sees."""
    comes = Meeting.contacts.through.objects.order_by()
    if operator in ("empty", "filled"):
        found = Q(pk__in=comes.values("meeting_id")) | Q(record="contact")
        return ~found if operator == "empty" else found
    seen = Contact.objects.visible_to(reader.user).filter(pk__in=value if isinstance(value, list) else [value]).order_by().values("pk")
    found = Q(pk__in=comes.filter(contact__in=seen).values("meeting_id")) | Q(record="contact", record_id__in=seen)
    return ~found if operator == "is_not" else found


def register_meetings() -> None:
    """Make them known; called once at start."""
    register(
        "meeting",
        FilterField("title", pgettext_lazy("meeting", "What"), TEXT, "title"),
        FilterField("state", _("State"), CHOICE, condition=about_state, choices=lambda _reader: STATES.items()),
        FilterField("starts", pgettext_lazy("meeting", "Begins"), OWN_DATE, "starts_at", is_instant=True),
        FilterField("colleague", _("Colleagues"), PERSON, condition=about_colleague),
        FilterField("created_by", pgettext_lazy("meeting", "Planned by"), PERSON, "created_by"),
        FilterField("contact", _("Contact"), RECORD, condition=about_client, record="contact"),
        FilterField("company", _("Company"), RECORD, condition=about_record("company"), record="company"),
        FilterField("place", _("Place or link"), TEXT, "place"),
        FilterField("note", _("Details"), TEXT, "note"),
        FilterField("outcome_note", _("What came of it"), TEXT, "outcome_note"),
        FilterField("outcome", _("How it went"), CHOICE, condition=among("outcome"), choices=lambda _reader: MeetingOutcome.choices),
        FilterField("created", _("Added"), OWN_DATE, "created_at", is_instant=True),
    )
