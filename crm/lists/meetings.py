"""The list of meetings: its columns, how rows are loaded, and the views that everybody has."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.reader import Reader
from crm.lists.columns import Column, register_columns
from crm.lists.kinds import ListKind, StandardView, Words, register_kind, register_views
from crm.models import Meeting, MeetingOutcome
from crm.queries.tasks import links_of

MINE = {"field": "colleague", "op": "is", "value": "me"}
TEAM = {"field": "colleague", "op": "is", "value": "my_team"}
COMING = {"field": "state", "op": "is", "value": "coming"}
UNTOLD = {"field": "state", "op": "is", "value": "untold"}
OUTCOME_CSS = {MeetingOutcome.HELD: "pill-success", MeetingOutcome.NO_SHOW: "pill-warning"}


def load_meetings(ids: list[int], reader: Reader) -> list[Any]:
    """Meetings with who of us comes, and with what they are about where the reader sees that.

    Two queries, and one for each kind of record that they are about.
    """
    found: Any = list(Meeting.objects.filter(pk__in=ids).select_related("created_by").prefetch_related("colleagues"))
    links = links_of(found, reader.user)
    for meeting in found:
        meeting.link = links.get((meeting.record, meeting.record_id))
    return found


def search_meetings(text: str, _reader: Reader) -> Q:
    """A part of what it is about, or of the place."""
    return Q(title__icontains=text) | Q(place__icontains=text)


def register_meetings() -> None:
    """Make them known; called once at start."""
    register_columns(
        "meeting",
        Column("title", pgettext_lazy("meeting", "What"), lambda meeting: meeting.title, order="title"),
        Column(
            "starts", pgettext_lazy("meeting", "Begins"), lambda meeting: (meeting.starts_at, ""), "due", order="starts_at", is_indexed=True
        ),
        Column("minutes", _("Minutes"), lambda meeting: int((meeting.ends_at - meeting.starts_at).total_seconds() // 60), "number"),
        Column("about", _("About"), lambda meeting: meeting.link and (meeting.link.text, meeting.link.url), "link"),
        Column("people", _("Colleagues"), lambda meeting: ", ".join(person.name for person in meeting.colleagues.all())),
        Column("place", _("Place or link"), lambda meeting: meeting.place, order="place"),
        Column("outcome", _("How it went"), _outcome, "pill", order="outcome"),
        Column("outcome_note", _("What came of it"), lambda meeting: meeting.outcome_note),
        Column("created_by", pgettext_lazy("meeting", "Planned by"), lambda meeting: meeting.created_by and meeting.created_by.name),
        Column("created", _("Added"), lambda meeting: meeting.created_at, "moment", order="created_at", starts_down=True),
    )
    register_kind(MEETINGS)
    register_views(
        "meeting",
        StandardView("untold", _("Over, not told how they went"), {"all": [MINE, UNTOLD]}, order="-starts"),
        StandardView("team", _("My team's meetings"), {"all": [TEAM, COMING]}),
        StandardView("all", _("All meetings"), {}, order="-starts"),
    )


def _outcome(meeting: Any) -> tuple[str, str] | None:
    if meeting.is_cancelled:
        return str(_("Called off")), "pill-danger"
    return (meeting.get_outcome_display(), OUTCOME_CSS[meeting.outcome]) if meeting.outcome else None


MEETINGS = ListKind(
    key="meeting",
    model=Meeting,
    icon="calendar",
    url_name="meetings",
    record_url="meeting",
    words=Words(
        title=_("Meetings"),
        new=_("New meeting"),
        search=_("Search by subject or place"),
        nothing_yet=_("No meetings ahead"),
        what_for=_("Meetings with colleagues and clients: when, where, and what came of them."),
        first=_("Plan a meeting"),
        nothing_fits=_("No meeting fits"),
    ),
    load=load_meetings,
    search=search_meetings,
    columns=("title", "starts", "about", "people", "place", "outcome"),
    order="starts",
    new_url="new_meeting",
    filter={"all": [MINE, COMING]},
    everything=_("My meetings"),
    is_imported=False,
)
