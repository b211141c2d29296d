"""Importing: a file is dropped, its columns are looked over, it comes in by itself, and can be taken back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.errors import Refused
from crm.forms.imports import Choices
from crm.importers.base import registered
from crm.models import Automation, Duplicates, ImportBatch, RowAction
from crm.queries.imports import preview
from crm.services.imports import (
    add_history,
    add_import,
    choose,
    drop_import,
    find_import,
    read_again,
    revert_import,
    start_import,
    too_large,
)
from crm.sheets import safe_cell
from crm.templatetags.display import number
from crm.views.jobs import shown

LISTED = 30
ROWS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """A place to drop a file, and the imports so far."""
    faults: list[str] = []
    if request.method == "POST":
        try:
            if not (file := request.FILES.get("file")):
                raise Refused(_("Choose a file first."))
            return redirect("import", add_import(file=file, by=request.user, kind=request.POST.get("kind", "")).pk)
        except Refused as refused:
            faults = list(refused.reasons)
    kind = request.GET.get("kind", "")
    batches = ImportBatch.objects.visible_to(request.user).select_related("job", "revert_job", "owner")[:LISTED]
    context = {"batches": batches, "faults": faults, "kind": kind if kind in registered() else "", "limit": settings.IMPORT_MAX_MB}
    context["too_large"] = too_large()
    return render(request, "imports/imports.html", context, status=422 if faults else 200)


@require_safe
@login_required
def show_import(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A draft with its choices, or what became of the rows."""
    batch = find_import(batch_id=batch_id, by=request.user)
    if batch.is_draft:
        return render(request, "imports/draft.html", _draft(request, batch))
    return render(request, "imports/result.html", _result(batch))


@require_POST
@login_required
def change_choices(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Something was chosen: kept, and answered with the preview anew; another kind, sheet or first row is the whole page anew."""
    batch = find_import(batch_id=batch_id, by=request.user)
    if (kind := request.POST.get("kind", batch.kind)) in registered() and kind != batch.kind:
        read_again(batch=batch, kind=kind)
        return redirect("import", batch.pk)
    if request.POST.get("header") in ("0", "1"):
        read_again(batch=batch, header=request.POST["header"] == "1")
        return redirect("import", batch.pk)
    if (sheet := request.POST.get("sheet")) in batch.format.get("sheets", []):
        read_again(batch=batch, sheet=sheet)
        return redirect("import", batch.pk)
    choose(batch=batch, by=request.user, **Choices(batch, request.user).read(request.POST))
    if request.htmx:
        return render(request, "imports/_choices.html", _draft(request, batch))
    return redirect("import", batch.pk)


@require_POST
@login_required
def create_start(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Bring it in, as chosen."""
    batch = find_import(batch_id=batch_id, by=request.user)
    if batch.is_draft:
        choose(batch=batch, by=request.user, **Choices(batch, request.user).read(request.POST))
        start_import(batch_id=batch.pk, by=request.user)
    return redirect("import", batch.pk)


@require_POST
@login_required
def create_history(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A second file tells when each deal came to which stage."""
    batch = find_import(batch_id=batch_id, by=request.user)
    if not (file := request.FILES.get("file")):
        raise Refused(_("Choose a file first."))
    add_history(batch=batch, file=file)
    return redirect("import", batch.pk)


@require_POST
@login_required
def create_revert(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take it back."""
    revert_import(batch_id=find_import(batch_id=batch_id, by=request.user).pk, by=request.user)
    return redirect("import", batch_id)


@require_POST
@login_required
def create_deletion(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Throw a draft away."""
    drop_import(batch_id=find_import(batch_id=batch_id, by=request.user).pk, by=request.user)
    messages.success(request, _("The file was thrown away; nothing of it came in."))
    return redirect("imports")


@require_safe
@login_required
def download_refused(request: HttpRequest, batch_id: int) -> StreamingHttpResponse:
    """The rows that did not come in, as they were, each with its reasons: to be mended and imported again."""
    batch = find_import(batch_id=batch_id, by=request.user)
    answer = StreamingHttpResponse(_refused_rows(batch), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="refused-{batch.pk}.csv"'
    return answer


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def _refused_rows(batch: ImportBatch) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([*(safe_cell(column["name"]) for column in batch.columns), _("Line"), _("Why it was refused")])
    width = len(batch.columns)
    for row in batch.outcomes.filter(action=RowAction.REFUSED).order_by("id").iterator(1_000):
        cells = [safe_cell(cell) for cell in [*row.cells, *[""] * width][: max(width, len(row.cells))]]
        yield writer.writerow([*cells, row.line, safe_cell(" ".join(row.reasons))])


COUNTED: dict[str, Callable[[int], str]] = {
    "deal": lambda count: ngettext("%(number)s deal", "%(number)s deals", count),
    "contact": lambda count: ngettext("%(number)s contact", "%(number)s contacts", count),
    "company": lambda count: ngettext("%(number)s company", "%(number)s companies", count),
    "note": lambda count: ngettext("%(number)s note", "%(number)s notes", count),
    "tag": lambda count: ngettext("%(number)s new tag", "%(number)s new tags", count),
    "user": lambda count: ngettext("%(number)s person who has left", "%(number)s people who have left", count),
    "stage": lambda count: ngettext("%(number)s new stage", "%(number)s new stages", count),
    "pipeline": lambda count: ngettext("%(number)s new pipeline", "%(number)s new pipelines", count),
    "source": lambda count: ngettext("%(number)s new source", "%(number)s new sources", count),
    "lost_reason": lambda count: ngettext("%(number)s new lost reason", "%(number)s new lost reasons", count),
}


def _draft(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    choices = Choices(batch, request.user)
    seen = preview(batch, request.user)
    return {
        "batch": batch,
        "kinds": registered().values(),
        "columns": choices.columns(),
        "owners": choices.owners(),
        "people": choices.people(),
        "extra": choices.importer.extra(),
        "extra_template": choices.importer.extra_template,
        "preview": seen,
        "coming": batch.rows - seen.refused if seen.is_whole else batch.rows,
        "duplicates": Duplicates.choices,
        "automations": Automation.choices,
        "has_automation": apps.is_installed("automation"),
    }


def _result(batch: ImportBatch) -> dict[str, Any]:
    job, refused = batch.now_at, batch.counts.get(f"refused.{batch.kind}", 0)
    rows = batch.outcomes.exclude(reasons=[]).order_by("id")
    return {
        "batch": batch,
        "kind": registered().get(batch.kind),
        "entry": shown(job) if job else None,
        "counts": _counts(batch),
        "told": rows.filter(action=RowAction.REFUSED)[:ROWS_SHOWN],
        "left": rows.filter(action__in=(RowAction.SKIPPED, RowAction.UPDATED))[:ROWS_SHOWN],
        "kept": batch.outcomes.exclude(kept=[]).order_by("id")[:ROWS_SHOWN],
        "refused": refused,
        "came": batch.rows - refused,
        "rows_shown": ROWS_SHOWN,
    }


def _counts(batch: ImportBatch) -> list[tuple[str, str]]:
    """How many of what was added, changed, left and refused, in a steady order."""
    verbs = {
        "created": pgettext("import", "Added"),
        "updated": pgettext("import", "Updated"),
        "skipped": _("Left as it was"),
        "refused": pgettext("import", "Refused"),
    }
    return [
        (verb, f"{label}: {say(count) % {'number': number(count)}}")
        for verb, label in verbs.items()
        for record, say in COUNTED.items()
        if (count := batch.counts.get(f"{verb}.{record}", 0))
    ]
