"""What the settings show of pipelines and stages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from pipeline.models import Deal, Pipeline, Stage

# A new order of stages touches up to half of all visits: 330,000 of them took 7 to 28 s on two busy cores.
STAYS_PER_SECOND = 15_000
WORTH_A_WORD = 4


@dataclass(frozen=True)
class ShapedPipeline:
    """A pipeline with its live and archived stages; `open` counts the open deals of a stage."""

    pipeline: Pipeline
    live: list[Stage]
    archived: list[Stage]

    @property
    def order(self) -> str:
        return ",".join(str(stage.pk) for stage in self.live)


def shaped_pipeline(*, pipeline: Pipeline) -> ShapedPipeline:
    """Two queries."""
    stages = list(pipeline.stages.all())
    counts = open_counts(stages=stages)
    for stage in stages:
        stage.open = counts.get(stage.pk, 0)  # type: ignore[attr-defined]
    return ShapedPipeline(pipeline, [s for s in stages if s.archived_at is None], [s for s in stages if s.archived_at])


def open_counts(*, stages: list[Stage]) -> dict[int, int]:
    """Open deals by stage; one query."""
    deals = Deal.objects.open().filter(stage__in=[stage.pk for stage in stages])
    return dict(deals.order_by().values_list("stage").annotate(Count("pk")))


def pipelines_with_counts() -> list[Pipeline]:
    """All pipelines, the archived ones too, with the number of their live stages (`stage_count`); one query."""
    counted = Pipeline.objects.annotate(stage_count=Count("stages", filter=Q(stages__archived_at=None)))
    return list(counted.order_by("position", "id"))  # the model's own order is dropped where rows are grouped


def stays_estimate() -> int:
    """How many visits there are, about: PostgreSQL's own estimate, which costs nothing; one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'pipeline_stagevisit'::regclass")
        return int(cursor.fetchone()[0])


def reorder_seconds(stays: int) -> int:
    """About how long a new order of stages takes with that many visits; nothing where it is over before one wonders."""
    seconds = round(stays / STAYS_PER_SECOND)
    return seconds if seconds >= WORTH_A_WORD else 0
