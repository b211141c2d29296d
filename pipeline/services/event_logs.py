"""Importing a funnel's past from an event log: whole deals or nothing of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Max

from crm.models import Organisation, User
from pipeline.event_log.lines import EventLog, UnreadableFile
from pipeline.event_log.stories import BadRow, Row, Story, read_row
from pipeline.models import Colour, Deal, Pipeline, Stage
from pipeline.services.clients import Clients, Owners, find_or_create_lost_reasons, find_or_create_sources
from pipeline.services.history import History, Terms, Visit, record_history

LISTED = 1_000
CLEAR_HUES = [Colour.BLUE, Colour.CYAN, Colour.TEAL, Colour.GREEN, Colour.LIME, Colour.AMBER, Colour.ORANGE, Colour.PINK, Colour.VIOLET]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row could not be used."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What an import did: `rows` were read, `deals` written, `skipped` left out because they were bad or known already."""

    pipeline: int | None = None
    deals: int = 0
    rows: int = 0
    skipped: int = 0
    errors: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    is_stopped: bool = False

    def blame(self, line: int, reason: str) -> None:
        self.errors += 1
        if len(self.problems) < LISTED:
            self.problems.append(Problem(line, reason))


class StageNames:
    """Which stages a file may speak of, in which order."""

    def __init__(self, pipeline: Pipeline | None, given: Sequence[str]) -> None:
        existing = list(pipeline.stages.all()) if pipeline else []
        self.archived = {name.casefold() for stage in existing if stage.archived_at for name in _names(stage)}
        self.known = {name.casefold(): stage.name for stage in existing if not stage.archived_at for name in _names(stage)}
        self.is_closed = bool(given)
        self.order: list[str] = []
        self.allowed = {name.casefold() for name in given}
        for name in given:
            self._learn(name)

    def _learn(self, name: str) -> str:
        plain = self.known.setdefault(name.casefold(), name)
        if plain not in self.order:
            self.order.append(plain)
        return plain

    def resolve(self, name: str) -> str:
        """The stage's own name; BadRow when there can be no such stage."""
        key = name.casefold()
        if self.is_closed and key not in self.allowed:
            raise BadRow(f"stage “{name}” is not among --stages ({', '.join(self.order)})")
        if key in self.archived and key not in self.known:
            raise BadRow(f"stage “{name}” is archived; restore it first")
        return self._learn(name)


def _names(stage: Stage) -> list[str]:
    return [stage.name, *stage.labels.values()]


def import_event_log(
    *, path: Path, pipeline_name: str, by: User | None, stages: Sequence[str] = (), on_row_error: str = "skip", currency: str = ""
) -> ImportReport:
    """Read the file through, then write its good deals in one transaction; with `stop`, nothing unless all rows are good."""
    report = ImportReport()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One import at a time: two would both create the same pipeline, owner or company.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pipeline.import_event_log'))")
        pipeline = _find_pipeline(pipeline_name)
        names = StageNames(pipeline, stages)
        stories = _read_stories(EventLog(path), names, report)
        if report.errors and on_row_error == "stop":
            report.is_stopped, report.skipped = True, len(stories)
            report.pipeline = pipeline.pk if pipeline else None
            return report
        known = _find_known(pipeline, stories)
        good = [story for story in stories.values() if story.stays and not story.is_bad and story.deal not in known]
        report.skipped = len(stories) - len(good)
        if good:
            pipeline = pipeline or _create_pipeline(pipeline_name, currency or _only_currency(good))
            placed = _find_or_create_stages(pipeline, names, good)
            histories = _histories(good, pipeline, placed, currency)
            report.deals = record_history(pipeline=pipeline, histories=histories, by=by).deals
        report.pipeline = pipeline.pk if pipeline else None
    return report


def _find_pipeline(name: str) -> Pipeline | None:
    return next((pipeline for pipeline in Pipeline.objects.live() if name in (pipeline.name, *pipeline.labels.values())), None)


def _read_stories(log: EventLog, names: StageNames, report: ImportReport) -> dict[str, Story]:
    zone = Organisation.current().zone
    stories: dict[str, Story] = {}
    for record in log:
        report.rows += 1
        deal = record.cells.get("deal", "")
        story = stories.setdefault(deal, Story(deal))
        try:
            row = read_row(record, zone)
            stage = names.resolve(row.stage) if row.stage else ""
        except BadRow as error:
            report.blame(record.line, str(error))
            story.is_bad = True
            continue
        # What follows a bad row is left out with its deal, and not blamed for what the bad row broke.
        if not story.is_bad:
            _tell(story, row, stage, record.line, report)
    report.ignored_columns = log.ignored
    if not report.rows:
        raise UnreadableFile(f"{log.path} has no rows below its first line")
    return stories


def _tell(story: Story, row: Row, stage: str, line: int, report: ImportReport) -> None:
    try:
        story.tell(row, stage)
    except BadRow as error:
        report.blame(line, f"deal “{story.deal}” {error}" if not str(error).startswith("time") else f"deal “{story.deal}”: {error}")
        story.is_bad = True


def _find_known(pipeline: Pipeline | None, stories: Iterable[str]) -> set[str]:
    """Keys that an earlier import brought."""
    if pipeline is None:
        return set()
    return set(Deal.objects.in_pipeline(pipeline).filter(import_key__in=list(stories)).values_list("import_key", flat=True))


def _only_currency(stories: Iterable[Story]) -> str:
    """The file's currency, when it has just one."""
    seen = {story.terms[-1].currency for story in stories} - {""}
    return seen.pop() if len(seen) == 1 else ""


def _create_pipeline(name: str, currency: str) -> Pipeline:
    last = Pipeline.objects.aggregate(last=Max("position"))["last"]
    return Pipeline.objects.create(
        name=name, currency=currency or Organisation.current().currency, position=0 if last is None else last + 1
    )


def _find_or_create_stages(pipeline: Pipeline, names: StageNames, stories: Iterable[Story]) -> dict[str, Stage]:
    """The stages by name; missing ones are appended in the order given, else as the file first shows them."""
    placed = {stage.name: stage for stage in pipeline.stages.live()}
    needed = {stay.stage for story in stories for stay in story.stays}
    missing = [name for name in names.order if name not in placed and (names.is_closed or name in needed)]
    start = 0 if (last := pipeline.stages.aggregate(last=Max("position"))["last"]) is None else last + 1
    for position, name in enumerate(missing, start=start):
        placed[name] = Stage.objects.create(
            pipeline=pipeline,
            name=name,
            position=position,
            colour=CLEAR_HUES[position % len(CLEAR_HUES)],
            probability=min(95, 100 * (position + 1) // (start + len(missing) + 1)),
        )
    return placed


def _histories(stories: Sequence[Story], pipeline: Pipeline, stages: dict[str, Stage], currency: str) -> Iterator[History]:
    owners = Owners({known.owner for story in stories for known in story.terms})
    clients = Clients([(story.names.get("company", ""), story.names.get("contact", "")) for story in stories])
    sources = find_or_create_sources({story.names.get("source", "") for story in stories})
    reasons = find_or_create_lost_reasons({_reason(story, index) for story in stories for index in range(len(story.stays))})
    for story in stories:
        known = story.terms[-1]
        owner = owners.get(known.owner)
        company, contact = clients.get(story.names.get("company", ""), story.names.get("contact", ""), owner)
        yield History(
            key=story.deal,
            title=story.names.get("title") or story.deal,
            amount=known.amount,
            currency=known.currency or currency or pipeline.currency,
            owner=owner,
            team=owner.team if owner else None,
            company=company,
            contact=contact,
            source=sources.get(story.names.get("source", "")),
            visits=[
                Visit(stages[stay.stage], stay.entered_at, stay.left_at, stay.exit, reasons.get(_reason(story, index)))
                for index, stay in enumerate(story.stays)
            ],
            terms=[
                Terms(
                    term.since,
                    term.amount,
                    term.currency or currency or pipeline.currency,
                    owners.get(term.owner),
                    owners.team_of(term.owner),
                )
                for term in story.terms
            ],
        )


def _reason(story: Story, index: int) -> str:
    """Why that visit ended in a loss; a reason told only in a later row belongs to the last one."""
    stay = story.stays[index]
    if stay.exit != "lost":
        return ""
    return stay.lost_reason or (story.names.get("lost_reason", "") if index == len(story.stays) - 1 else "")
