"""Exports: a list under its reader's rights as a file, at once or, when it is long, by a job whose file is kept for a day."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm import events, jobs
from crm.errors import Refused
from crm.exporting.fields import ALL, SHOWN, ExportField, cells_of, export_fields
from crm.exporting.files import CSV, MAX_SHEET_ROWS, XLSX, keep_rows, kept_rows, write_csv, write_xlsx
from crm.filtering.reader import Reader
from crm.lists.asked import Asked
from crm.lists.kinds import list_kind
from crm.models import Job, User
from crm.queries.lists import count_up_to, read_records, sortable

EXPORT = "export"
AT_ONCE, CHUNK = 1_000, 1_000
# Not longer, since it goes on showing what its owner saw when it was written.
KEPT = timedelta(days=1)
FORMATS, CHOICES = (CSV, XLSX), (SHOWN, ALL)


@dataclass(frozen=True)
class Wanted:
    """A list as a file."""

    asked: Asked
    query: str
    format: str = CSV
    fields: str = SHOWN

    @classmethod
    def read(cls, *, kind: str, query: str, format: str, fields: str, reader: Reader) -> Wanted:
        """Refused, or Http404 for a list that there isn't."""
        found = list_kind(kind)
        if found is None:
            raise Http404(_("There is no such list."))
        if format not in FORMATS or fields not in CHOICES:
            raise Refused(_("A list is exported as CSV or as Excel, with the columns shown or with all fields."))
        asked = sortable(Asked.read(found, QueryDict(query[:10_000]), reader))
        if asked.tree.errors:
            raise Refused(*asked.tree.errors)
        return cls(asked, asked.query, format, fields)

    @property
    def columns(self) -> list[ExportField]:
        return export_fields(self.asked, self.fields)

    def name(self, at: datetime) -> str:
        """What the file is called on the reader's disk."""
        view = slugify(self.asked.view.name, allow_unicode=True)[:60] or self.asked.kind.key
        return f"{view}-{at:%Y-%m-%d}.{self.format}"


def is_short(wanted: Wanted) -> bool:
    """Whether it can be had at once; one query."""
    return count_up_to(wanted.asked, AT_ONCE) <= AT_ONCE


def export_now(*, wanted: Wanted, by: User) -> Iterator[bytes]:
    """A short list as a file, read before the first byte leaves; as many queries as a page of the list."""
    columns, reader = wanted.columns, wanted.asked.reader
    records, _next = read_records(wanted.asked, limit=AT_ONCE)
    rows = [cells_of(record, columns, reader) for record in records]
    events.record("list.exported", record="user", record_id=by.pk, by=by, kind=wanted.asked.kind.key, rows=len(rows), format=wanted.format)
    return _written(wanted.format, [column.label for column in columns], iter(rows))


def start_export(*, wanted: Wanted, by: User) -> Job:
    """Have a long list written in the background."""
    params = {
        "kind": wanted.asked.kind.key,
        "query": wanted.query,
        "format": wanted.format,
        "fields": wanted.fields,
        "name": wanted.name(wanted.asked.reader.now.astimezone(wanted.asked.reader.zone)),
        "at": wanted.asked.reader.now.isoformat(),
        "title": str(wanted.asked.view.name),
    }
    return jobs.start_job(kind=EXPORT, by=by, params=params)


def find_export(*, job_id: int, by: User) -> Job:
    """The export, if it is theirs; else Http404."""
    job = Job.objects.visible_to(by).filter(kind=EXPORT, pk=job_id).first()
    if job is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return job


def file_of(job: Job) -> Path | None:
    """The finished file, as long as it is kept."""
    if not job.is_done or not job.finished_at or job.finished_at + KEPT < timezone.now():
        return None
    path = place_of(job) / "file"
    return path if path.exists() else None


def place_of(job: Job) -> Path:
    """Where its files lie."""
    return Path(settings.DATA_DIR) / "exports" / str(job.pk)


def export_step(job: Job) -> bool:
    """Write down the next rows, with what their owner may see at this moment; behind the last ones make the file of them."""
    wanted = Wanted.read(
        kind=job.params["kind"],
        query=job.params["query"],
        format=job.params["format"],
        fields=job.params["fields"],
        reader=Reader.of(job.owner, now=datetime.fromisoformat(job.params["at"])),
    )
    place, columns = place_of(job), wanted.columns
    place.mkdir(parents=True, exist_ok=True)
    if job.total is None:
        job.total = count_up_to(wanted.asked, MAX_SHEET_ROWS)
        if wanted.format == XLSX and job.total >= MAX_SHEET_ROWS:
            raise Refused(_("Excel takes at most 1,048,575 rows. Narrow the list, or export it as CSV."))
    records, following = read_records(wanted.asked, after=job.cursor.get("after", ""), limit=CHUNK)
    rows = (cells_of(record, columns, wanted.asked.reader) for record in records)
    size = keep_rows(place / "rows", rows, size=job.cursor.get("size", 0))
    job.done += len(records)
    job.cursor = {"after": following, "size": size}
    if not following:
        _finish(job, wanted.format, [column.label for column in columns])
    return bool(following)


def sweep_exports() -> None:
    """Throw away files that are older than they are kept, whoever left them."""
    late = time.time() - KEPT.total_seconds()
    for place in (Path(settings.DATA_DIR) / "exports").glob("*"):
        if place.stat().st_mtime < late:
            shutil.rmtree(place, ignore_errors=True)


def _finish(job: Job, format: str, head: list[str]) -> None:
    place = place_of(job)
    with (place / "half").open("wb") as out:
        if format == XLSX:
            write_xlsx(out, head, kept_rows(place / "rows"))
        else:
            out.writelines(write_csv(head, kept_rows(place / "rows")))
        job.result = {"rows": job.done, "size": out.tell()}
    (place / "half").replace(place / "file")
    transaction.on_commit(lambda: (place / "rows").unlink(missing_ok=True), robust=True)


def _written(format: str, head: list[str], rows: Iterator[list[Any]]) -> Iterator[bytes]:
    if format == CSV:
        return write_csv(head, rows)
    out = io.BytesIO()
    write_xlsx(out, head, rows)
    return iter([out.getvalue()])
