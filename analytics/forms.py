"""What may be asked of a report; the page and the API take the same questions."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import Http404
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from analytics.queries.filters import HORIZON, Cohort, Count, Filters, Per
from crm.filtering.reader import Reader
from crm.models import Organisation, SavedView, Team, User
from pipeline.models import Deal, Pipeline, Source

EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
# In an address an unescaped "+" arrives as a blank.
LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")


class DayField(forms.DateField):
    """A day that some calendar of ours can hold."""

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(_("Choose a day between 1970 and 2200."))
        return day


class InstantField(forms.Field):
    """A point in time, or a day, which means its end; without an offset in the organisation's zone."""

    widget = forms.DateInput(attrs={"type": "date"})

    def to_python(self, value: Any) -> date | datetime | None:
        if not value:
            return None
        text = LOST_PLUS.sub(r"+\1", str(value).strip())
        try:
            found = parse_date(text) or parse_datetime(text)
        except ValueError:
            found = None
        if found is None:
            raise forms.ValidationError(_("Enter a time like 2026-04-11T09:00:00+03:00, or a day like 2026-04-11."))
        if not EARLIEST <= (found.date() if isinstance(found, datetime) else found) <= LATEST:
            raise forms.ValidationError(_("Choose a day between 1970 and 2200."))
        return found


class ReportForm(forms.Form):
    """The filters of a report. What the reader may not see or what does not exist is not found."""

    pipeline = forms.IntegerField(label=_("Pipeline"), min_value=1)
    owner = forms.IntegerField(label=_("Owner"), min_value=1, required=False)
    team = forms.IntegerField(label=_("Team"), min_value=1, required=False)
    source = forms.IntegerField(label=_("Source"), min_value=1, required=False)
    segment = forms.IntegerField(label=_("Segment"), min_value=1, required=False)
    as_of = InstantField(label=_("As of"), required=False)
    cohort = forms.ChoiceField(label=_("Choose deals by"), choices=Cohort, required=False)
    count = forms.ChoiceField(label=_("Count"), choices=Count, required=False)
    per = forms.ChoiceField(label=_("Stays"), choices=Per, required=False)
    horizon_days = forms.IntegerField(label=_("Horizon, days"), min_value=1, max_value=3650, required=False)

    def __init__(self, data: Any, *, viewer: User, organisation: Organisation, now: datetime) -> None:
        super().__init__(data)
        # "from" is no name that Python allows for an attribute.
        self.fields["from"] = DayField(label=_("From"), required=False)
        self.fields["to"] = DayField(label=_("To"), required=False)
        self.viewer, self.organisation, self.now = viewer, organisation, now

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("from") and values.get("to") and values["from"] > values["to"]:
            self.add_error("to", _("The period ends before it begins."))
        return values

    def find_pipeline(self) -> Pipeline:
        """The pipeline asked for."""
        return _find(Pipeline.objects.all(), self.cleaned_data["pipeline"])

    def find_filters(self) -> Filters:
        """The question in terms of records; several short queries, one for each record named."""
        values = self.cleaned_data
        return Filters(
            period_from=values["from"],
            period_to=values["to"],
            as_of=self._instant(values["as_of"]),
            owner=self._find_owner(values["owner"]),
            team=self._find_team(values["team"]),
            source=_find(Source.objects.all(), values["source"]) if values["source"] else None,
            segment=self._find_segment(values["segment"]),
            reader=Reader.of(self.viewer, self.organisation, self.now),
            cohort=values["cohort"] or Cohort.CREATED,
            count=values["count"] or Count.FURTHEST,
            per=values["per"] or Per.VISIT,
            horizon_days=values["horizon_days"] or HORIZON,
            zone=self.organisation.zone,
            now=self.now,
        )

    def _instant(self, value: date | datetime | None) -> datetime | None:
        """Nothing is known of the future, so a later time means now."""
        if value is None:
            return None
        if not isinstance(value, datetime):
            value = datetime.combine(value + timedelta(days=1), time())
        if value.tzinfo is None:
            value = value.replace(tzinfo=self.organisation.zone)
        # PostgreSQL knows fewer offsets than Python.
        return value.astimezone(UTC) if value < self.now else None

    def _find_owner(self, key: int | None) -> User | None:
        if key is None:
            return None
        owner = _find(User.objects.select_related("team"), key)
        colleague = (
            self.viewer.is_admin
            or owner == self.viewer
            or (self.viewer.is_manager and owner.team_id and owner.team_id == self.viewer.team_id)
        )
        if not colleague and not Deal.objects.visible_to(self.viewer).filter(owner=owner).exists():
            raise Http404
        return owner

    def _find_segment(self, key: int | None) -> SavedView | None:
        """A saved view that this reader may look at, and that says something of deals."""
        if key is None:
            return None
        return _find(SavedView.objects.visible_to(self.viewer).filter(kind__in=("deal", "contact", "company")), key)

    def _find_team(self, key: int | None) -> Team | None:
        if key is None:
            return None
        if not self.viewer.is_admin and key != self.viewer.team_id:
            raise Http404
        return _find(Team.objects.all(), key)


def _find(records: Any, key: int) -> Any:
    """The record, or not found; also for a number that no key can be."""
    found = records.filter(pk=key).first() if key < 2**63 else None
    if found is None:
        raise Http404
    return found
