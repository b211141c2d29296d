"""Exporting: a list as a file, at once or from a page that waits for it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.exporting.files import CONTENT_TYPES
from crm.models import Job
from crm.services.exports import KEPT, Wanted, export_now, file_of, find_export, is_short, start_export
from crm.views.jobs import shown
from crm.views.lists import reader_of


@require_POST
@login_required
def create_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list that the page shows as a file; a long one is written in the background."""
    reader = reader_of(request)
    format, _dot, fields = request.POST.get("choice", "csv.shown").partition(".")
    wanted = Wanted.read(kind=kind, query=request.POST.get("query", ""), format=format, fields=fields, reader=reader)
    if not is_short(wanted):
        return redirect("export", start_export(wanted=wanted, by=request.user).pk)
    answer = StreamingHttpResponse(export_now(wanted=wanted, by=request.user), content_type=CONTENT_TYPES[wanted.format])
    answer.headers["Content-Disposition"] = content_disposition_header(True, wanted.name(request.now.astimezone(reader.zone))) or ""
    return answer


@require_safe
@login_required
def show_export(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far it is, and the file when it is ready."""
    job = find_export(job_id=job_id, by=request.user)
    until = job.finished_at and job.finished_at + KEPT
    return render(request, "exports/export.html", {"entry": shown(job), "job": job, "is_there": bool(file_of(job)), "until": until})


@require_safe
@login_required
def download_export(request: HttpRequest, job_id: int) -> FileResponse:
    """The file, to its owner alone, as long as it is kept."""
    return answer_file(find_export(job_id=job_id, by=request.user))


def answer_file(job: Job) -> FileResponse:
    """The file of a finished export; else Http404."""
    path = file_of(job)
    if path is None:
        raise Http404(_("This file isn't kept any more. Export the list again."))
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=job.params["name"], content_type=CONTENT_TYPES[job.params["format"]]
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
