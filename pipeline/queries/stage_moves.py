"""Where a deal went, as lines of a timeline: each stay's beginning, and its end where that closed the deal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from crm.timeline import Entry, Subject
from pipeline.models import Exit, StageVisit

# A stay has two points that are told: its beginning, and its end if that was the deal's. A deal has few stays, read by one key.
LATEST = """
SELECT latest.id FROM unnest(%s::bigint[]) AS subject(id) CROSS JOIN LATERAL (
    SELECT visit.id, point.at, visit.id * 2 + point.is_end AS place
    FROM pipeline_stagevisit AS visit CROSS JOIN LATERAL (VALUES (visit.entered_at, 0), (visit.left_at, 1)) AS point(at, is_end)
    WHERE visit.deal_id = subject.id AND (point.is_end = 0 OR visit.exit IN ('won', 'lost'))
    AND (point.at, visit.id * 2 + point.is_end) < (%s, %s)
    ORDER BY 2 DESC, 3 DESC LIMIT %s
) AS latest ORDER BY latest.at DESC, latest.place DESC LIMIT %s
"""
CLOSING = (Exit.WON, Exit.LOST)


class Moves:
    """The stage history."""

    key, label, icon, order = "move", _("Moves"), "stairs-up", 60
    template = "timeline/_move.html"

    def latest(self, subjects: Sequence[Subject], *, before: tuple[datetime, int], limit: int) -> list[Entry]:
        """The latest points; see `Source.latest`. No query where no deal is among the records."""
        deals = [subject.record_id for subject in subjects if subject.record == "deal"]
        if not deals:
            return []
        earlier = StageVisit.objects.filter(deal=OuterRef("deal"), seq__lt=OuterRef("seq")).order_by("-seq").values("exit")[:1]
        visits = (
            StageVisit.objects.filter(pk__in=RawSQL(LATEST, [deals, *before, limit, limit]))  # noqa: S611 - no words of a person
            .select_related("stage", "entered_by", "left_by", "lost_reason")
            .annotate(exit_before=Subquery(earlier))
            .order_by()
        )
        points = [entry for visit in visits for entry in self._points(visit) if (entry.at, entry.id) < before]
        return sorted(points, key=lambda entry: (entry.at, entry.id), reverse=True)[:limit]

    def _points(self, visit: StageVisit) -> Iterator[Entry]:
        exit_before = visit.exit_before  # type: ignore[attr-defined]
        kind = "created" if exit_before is None else "reopened" if exit_before in CLOSING else "moved"
        yield Entry(visit.entered_at, self, visit.pk * 2, "deal", visit.deal_id, visit.entered_by, visit, kind)
        if visit.exit in CLOSING and visit.left_at:
            yield Entry(visit.left_at, self, visit.pk * 2 + 1, "deal", visit.deal_id, visit.left_by, visit, visit.exit)
