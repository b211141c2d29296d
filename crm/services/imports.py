"""Imports: a file is taken in, its columns are chosen, its rows brought in by a job, and all of it can be taken back."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, jobs
from crm.errors import Refused
from crm.importers.base import BadRow, Importer, Outcome, refused, registered
from crm.importers.known import parts_of
from crm.importers.undo import open_outcomes, undo_rows
from crm.importing.errors import UnreadableFile
from crm.importing.headers import Column, plain, recognise, signature
from crm.importing.moves import keep_moves
from crm.importing.reader import prepare, read_rows
from crm.importing.tables import Row
from crm.models import ExternalId, ImportBatch, ImportedRow, ImportState, Job, MappingMemory, RowAction, User

IMPORT, REVERT = "import", "import.revert"
CHUNK = 500
# A record of very many rows is still one record, but not for ever.
MAX_GROUP = 2_000
KEPT_DRAFTS = timedelta(days=7)


def find_import(*, batch_id: int, by: User) -> ImportBatch:
    """The import, if it is theirs; else Http404."""
    batch = ImportBatch.objects.visible_to(by).select_related("job", "revert_job").filter(pk=batch_id).first()
    if batch is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return batch


def add_import(*, file: UploadedFile, by: User, kind: str = "") -> ImportBatch:
    """Take a file in, read it through and guess what it holds. Refused says what is wrong with it."""
    if (file.size or 0) > settings.IMPORT_MAX_MB * 1024**2:
        raise Refused(too_large())
    name = Path(file.name or "").name.replace("\0", "")[-200:] or "file"
    batch = ImportBatch(owner=by, name=name, folder=uuid.uuid4().hex)
    batch.place.mkdir(parents=True)
    try:
        source = batch.place / "source"
        with source.open("wb") as out:
            for part in file.chunks():
                out.write(part)
        read_file(batch, kind=kind)
        with transaction.atomic():
            batch.save()
            events.record("import.added", record="import", record_id=batch.pk, by=by, name=name, rows=batch.rows)
    except BaseException:
        shutil.rmtree(batch.place, ignore_errors=True)
        raise
    return batch


def too_large() -> str:
    """What is said of a file beyond the limit."""
    return _("The file is larger than %(count)s MB. Split it, or ask whoever runs the server to raise IMPORT_MAX_MB.") % {
        "count": settings.IMPORT_MAX_MB
    }


def read_file(batch: ImportBatch, *, kind: str = "", header: bool | None = None, sheet: str = "") -> None:
    """Read the file through anew, and guess its kind and columns; what was chosen for one like it comes first."""
    try:
        prepared = prepare(batch.place / "source", batch.name, batch.table, header=header, sheet=sheet or batch.format.get("sheet", ""))
    except UnreadableFile as error:
        raise Refused(str(error)) from None
    batch.format = {"kind": prepared.format.kind, "encoding": prepared.format.encoding, "separator": prepared.format.separator}
    batch.format |= {"has_header": prepared.has_header, "sheet": prepared.format.sheet, "sheets": list(prepared.format.sheets)}
    batch.columns = prepared.as_json()["columns"]
    batch.rows = prepared.rows
    guess_mapping(batch, kind)


def guess_mapping(batch: ImportBatch, kind: str = "") -> None:
    """What each column holds, as remembered from a file like it, else by its name."""
    names = [column["name"] for column in batch.columns] if batch.format["has_header"] else []
    kept = MappingMemory.objects.filter(owner=batch.owner, signature=_sign(batch)).order_by("-used_at") if names else []
    remembered = next((memory for memory in kept if kind in ("", memory.kind) and memory.kind in registered()), None)
    found = recognise(names, kind if kind in registered() else "")
    batch.kind = remembered.kind if remembered else found.kind if found.kind in registered() else kind or next(iter(registered()))
    batch.system = found.system
    if remembered and len(remembered.mapping) == len(batch.columns):
        batch.mapping, batch.options = remembered.mapping, remembered.options
    else:
        batch.mapping = _guess(batch, names, found.columns)
        batch.options = {}


def _guess(batch: ImportBatch, names: list[str], columns: list[Column]) -> list[dict[str, str]]:
    """Columns by the words of many programs, else by what this one calls its own fields: so an export of ours is read again."""
    targets = registered()[batch.kind].targets() if names else []
    known = {target.key for target in targets}
    found = [column if _is_known(column.field, known) else Column() for column in columns]
    found += [Column()] * (len(batch.columns) - len(found))
    free = {plain(str(target.label)): target.key for target in targets if target.key not in {column.field for column in found}}
    for index, name in enumerate(names):
        if not found[index].field and (key := free.pop(plain(name), "")):
            found[index] = Column(key)
    return [_plain(column) for column in found]


def _is_known(field: str, known: set[str]) -> bool:
    return field in known or field.removesuffix("_label") in known


def _plain(column: Column) -> dict[str, str]:
    return {"field": column.field, "label": column.label, "slot": column.slot}


def _sign(batch: ImportBatch) -> str:
    return hashlib.sha256(signature([column["name"] for column in batch.columns]).encode()).hexdigest()


def choose(
    *, batch: ImportBatch, mapping: list[dict[str, str]], options: dict[str, Any], duplicates: str, automation: str, by: User
) -> None:
    """Keep what was chosen for the columns, here and for the next file like it."""
    with transaction.atomic():
        held = _held_draft(batch)
        if (held.kind, held.columns) != (batch.kind, batch.columns):
            raise Refused(_("The file is being read in another way now. Open the page again."))
        batch.mapping, batch.options = mapping, options
        batch.duplicates, batch.automation = duplicates, automation
        batch.save(update_fields=["mapping", "options", "duplicates", "automation"])
        if batch.format["has_header"]:
            MappingMemory.objects.update_or_create(
                owner=by,
                signature=_sign(batch),
                kind=batch.kind,
                defaults={"mapping": mapping, "options": options, "used_at": timezone.now()},
            )


def read_again(*, batch: ImportBatch, kind: str = "", header: bool | None = None, sheet: str = "") -> None:
    """Take the file for another kind, its first row for names or for none, or another sheet of it; its columns are guessed anew."""
    with transaction.atomic():
        held = _held_draft(batch)
        if sheet:
            read_file(held, sheet=sheet)
        elif header is not None:
            read_file(held, kind=held.kind, header=header)
        else:
            guess_mapping(held, kind)
        held.save(update_fields=["kind", "system", "format", "columns", "rows", "mapping", "options"])


def _held_draft(batch: ImportBatch) -> ImportBatch:
    """The draft as it is now, locked: it may have begun meanwhile, in another window or by a second click."""
    held = ImportBatch.objects.select_for_update().filter(pk=batch.pk).first()
    if held is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    _require_draft(held)
    return held


def _require_draft(batch: ImportBatch) -> None:
    if not batch.is_draft:
        raise Refused(_("This import has begun already. Upload the file again to bring it in anew."))


def add_history(*, batch: ImportBatch, file: UploadedFile) -> None:
    """Take in a second file that tells when each deal of the first came to which stage (Salesforce's OpportunityHistory)."""
    if (file.size or 0) > settings.IMPORT_MAX_MB * 1024**2:
        raise Refused(too_large())
    source, table = batch.place / "history", batch.place / "history.rows"
    with transaction.atomic():
        held = _held_draft(batch)
        with source.open("wb") as out:
            for part in file.chunks():
                out.write(part)
        try:
            prepared = prepare(source, file.name or "history.csv", table)
        except UnreadableFile as error:
            raise Refused(str(error)) from None
        batch.options = {**held.options, "history": keep_moves(prepared, table, held.system, held.history)}
        batch.save(update_fields=["options"])


def start_import(*, batch_id: int, by: User) -> ImportBatch:
    """Bring the rows in, in the background. Only the importing person's own drafts; twice is once."""
    with transaction.atomic():
        batch = _locked(batch_id, by)
        _require_draft(batch)
        if not any(column.get("field") for column in batch.mapping):
            raise Refused(_("Say of at least one column what it holds."))
        batch.state = ImportState.RUNNING
        batch.job = jobs.start_job(kind=IMPORT, by=by, params={"batch": batch.pk, "name": batch.name}, total=batch.rows)
        batch.save()
        events.record("import.started", record="import", record_id=batch.pk, by=by, automation=batch.automation)
    return batch


def revert_import(*, batch_id: int, by: User) -> ImportBatch:
    """Take the whole import back, in the background."""
    with transaction.atomic():
        batch = _locked(batch_id, by)
        if not batch.can_be_reverted:
            raise Refused(_("There is nothing to take back now."))
        if batch.job and batch.job.is_open:
            jobs.stop_job(job_id=batch.job.pk, by=batch.job.owner)
        count = open_outcomes(batch, None).count()
        batch.state = ImportState.REVERTING
        batch.revert_job = jobs.start_job(kind=REVERT, by=by, params={"batch": batch.pk, "name": batch.name}, total=count)
        batch.save(update_fields=["state", "revert_job"])
        events.record("import.reverting", record="import", record_id=batch.pk, by=by)
    return batch


def drop_import(*, batch_id: int, by: User) -> None:
    """Throw a draft away."""
    with transaction.atomic():
        batch = _locked(batch_id, by)
        _require_draft(batch)
        events.record("import.dropped", record="import", record_id=batch.pk, by=by)
        batch.delete()
        transaction.on_commit(lambda: shutil.rmtree(batch.place, ignore_errors=True))


def forget_drafts() -> None:
    """Throw away what nobody went on with, and the files of imports that are over for long, or broke off."""
    before = timezone.now() - KEPT_DRAFTS
    for pk in ImportBatch.objects.filter(state=ImportState.DRAFT, created_at__lt=before).values_list("pk", flat=True):
        with transaction.atomic():
            # Not one that somebody begins at this moment.
            batch = ImportBatch.objects.select_for_update(skip_locked=True).filter(pk=pk, state=ImportState.DRAFT).first()
            if batch is not None:
                batch.delete()
        if batch is not None:
            shutil.rmtree(batch.place, ignore_errors=True)
    under_way = Q(job__in=Job.objects.open()) | Q(revert_job__in=Job.objects.open())
    present = [place.name for place in ImportBatch.root().glob("*")]
    for names in parts_of(present, CHUNK):
        over = ImportBatch.objects.filter(folder__in=names, created_at__lt=before).exclude(state=ImportState.DRAFT)
        for batch in over.exclude(finished_at__gte=before).exclude(under_way):
            shutil.rmtree(batch.place, ignore_errors=True)


def _locked(batch_id: int, by: User) -> ImportBatch:
    batch = ImportBatch.objects.visible_to(by).select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return batch


# The jobs.


def import_step(job: Job) -> bool:
    """Bring in one chunk of rows."""
    batch = ImportBatch.objects.filter(pk=job.params["batch"]).first()
    if batch is None:
        raise Refused(_("The import is gone."))
    importer = registered()[batch.kind](batch, job.owner)
    groups, place = next_groups(importer, job.cursor.get("place", 0))
    drafts, outcomes = [], []
    for rows in groups:
        try:
            drafts.append(importer.read(rows))
        except BadRow as bad:
            outcomes += refused(rows, bad.reasons)
    outcomes = _owners_added(importer) + outcomes + _write(importer, drafts)
    ImportedRow.objects.bulk_create([outcome.row(batch) for outcome in outcomes], batch_size=1_000)
    _count(batch, outcomes)
    job.done += sum(map(len, groups))
    job.cursor = {"place": place}
    is_over = not groups or place >= batch.table.stat().st_size
    if is_over:
        batch.state, batch.finished_at = ImportState.DONE, timezone.now()
        events.record("import.finished", record="import", record_id=batch.pk, by=job.owner, **batch.counts)
    batch.save(update_fields=["counts", "state", "finished_at"])
    return not is_over


def next_groups(importer: Importer, place: int, limit: int = CHUNK) -> tuple[list[list[Row]], int]:
    """The next rows, those of one record together, and the place behind them."""
    groups: list[list[Row]] = []
    count, last, behind = 0, "", place
    for row, after in read_rows(importer.batch.table, place):
        key = "" if row.problem else importer.key_of(row)
        if groups and key and key == last and len(groups[-1]) < MAX_GROUP:
            groups[-1].append(row)
        elif count >= limit:
            break
        else:
            groups.append([row])
        count, last, behind = count + 1, key, after
    return groups, behind


def _write(importer: Importer, drafts: list[Any]) -> list[Outcome]:
    """Bring the drafts in; should the database refuse them, those alone that it refuses are left out."""
    if not drafts:
        return []
    try:
        with transaction.atomic():
            return importer.write(drafts)
    except (DataError, IntegrityError, BadRow) as error:
        if len(drafts) == 1:
            reasons = error.reasons if isinstance(error, BadRow) else [_("The database refuses this row.")]
            return refused(importer.rows_of(drafts[0]), reasons)
        middle = len(drafts) // 2
        return _write(importer, drafts[:middle]) + _write(importer, drafts[middle:])


def _owners_added(importer: Importer) -> list[Outcome]:
    return [Outcome(0, "user", person.pk, RowAction.CREATED) for person in importer.owners.created]


def _count(batch: ImportBatch, outcomes: list[Outcome]) -> None:
    counts = batch.counts
    for outcome in outcomes:
        name = f"{outcome.action}.{outcome.record or batch.kind}"
        counts[name] = counts.get(name, 0) + 1


def revert_step(job: Job) -> bool:
    """Take one chunk of outcomes back, the latest first."""
    batch = ImportBatch.objects.filter(pk=job.params["batch"]).first()
    if batch is None:
        raise Refused(_("The import is gone."))
    rows = list(open_outcomes(batch, job.cursor.get("before"))[:CHUNK])
    undo_rows(batch, rows, by=job.owner)
    job.done += len(rows)
    if rows:
        job.cursor = {"before": rows[-1].pk}
    kept = sum(bool(row.kept) for row in rows)
    batch.counts["kept"] = batch.counts.get("kept", 0) + kept
    is_over = len(rows) < CHUNK
    if is_over:
        _forget_numbers(batch)
        batch.state, batch.reverted_at = ImportState.REVERTED, timezone.now()
        events.record("import.reverted", record="import", record_id=batch.pk, by=job.owner, kept=batch.counts["kept"])
    batch.save(update_fields=["counts", "state", "reverted_at"])
    return not is_over


def _forget_numbers(batch: ImportBatch) -> None:
    """Outside numbers of what is gone mean nothing; of what stays they still do."""
    kept = batch.outcomes.filter(action=RowAction.CREATED).exclude(kept=[])
    for record in ExternalId.objects.filter(batch=batch).values_list("record", flat=True).distinct():
        stays = kept.filter(record=record).values("record_id")
        ExternalId.objects.filter(batch=batch, record=record).exclude(record_id__in=stays).delete()
