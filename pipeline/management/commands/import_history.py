"""`manage.py import_history FILE --pipeline NAME`: the past of a funnel from an event log."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from crm.models.organisation import currency_code
from pipeline.event_log.lines import UnreadableFile
from pipeline.services.event_logs import ImportReport, import_event_log


class Command(BaseCommand):
    help = "Import the past of a funnel: a CSV file (also .gz) with one row per stage entry or outcome."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--pipeline", required=True, help="its name; created if absent")
        parser.add_argument("--stages", default="", help='the stages in order: "A,B,C"; any other stage is a bad row')
        parser.add_argument("--on-row-error", choices=["skip", "stop"], default="skip", help="leave bad deals out, or import nothing")
        parser.add_argument("--currency", default="", help="of amounts without a currency; default: the pipeline's")

    def handle(self, *, file: Path, pipeline: str, stages: str, on_row_error: str, currency: str, **options: Any) -> None:
        given = [name.strip() for name in stages.split(",") if name.strip()]
        self._check(pipeline, given, currency)
        try:
            report = import_event_log(
                path=file, pipeline_name=pipeline.strip(), by=None, stages=given, on_row_error=on_row_error, currency=currency
            )
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"nothing imported, the database refused: {str(error).splitlines()[0]}") from error
        self._tell(report)
        if report.is_stopped:
            raise CommandError(f"nothing imported: {report.errors:,} bad rows (--on-row-error skip leaves their deals out)")

    def _check(self, pipeline: str, stages: list[str], currency: str) -> None:
        for what, name in [("pipeline", pipeline.strip()), *[("stage", stage) for stage in stages]]:
            if not 0 < len(name) <= 80 or "\0" in name:
                raise CommandError(f"a {what}'s name has 1 to 80 characters")
        if len({name.casefold() for name in stages}) < len(stages):
            raise CommandError("--stages names a stage twice")
        try:
            if currency:
                currency_code(currency)
        except ValidationError:
            raise CommandError("--currency takes three capital letters, like EUR") from None

    def _tell(self, report: ImportReport) -> None:
        for name in report.ignored_columns:
            self.stderr.write(f"column {name} is not known and was ignored")
        for problem in report.problems:
            self.stderr.write(f"line {problem.line}: {problem.reason}")
        if report.errors > len(report.problems):
            self.stderr.write(f"… and {report.errors - len(report.problems):,} more")
        if report.errors:
            self.stderr.write(f"{report.errors:,} bad rows")
        answer = {name: getattr(report, name) for name in ("pipeline", "deals", "rows", "skipped", "errors")}
        self.stdout.write(json.dumps(answer))
