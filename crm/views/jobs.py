"""Background work: what one has under way, how far it is, and stopping it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.jobs import kind_of, stop_job
from crm.models import Job

SHOWN = 50


@require_safe
@login_required
def show_jobs(request: HttpRequest) -> HttpResponse:
    """One's own background work, the latest first."""
    jobs = [shown(job) for job in Job.objects.visible_to(request.user)[:SHOWN]]
    return render(request, "jobs/jobs.html", {"jobs": jobs})


@require_safe
@login_required
def show_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far one piece of work is: a page that may be left."""
    return render(request, "jobs/job.html", {"entry": shown(get_object_or_404(Job.objects.visible_to(request.user), pk=job_id))})


@require_safe
@login_required
def show_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """The fragment that renews itself as long as the work goes on."""
    entry = shown(get_object_or_404(Job.objects.visible_to(request.user), pk=job_id))
    return render(request, "jobs/_progress.html", {"entry": entry, "just_ended": not entry["job"].is_open})


@require_POST
@login_required
def create_stop(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop it where it is."""
    job = stop_job(job_id=job_id, by=request.user)
    if request.htmx:
        return render(request, "jobs/_progress.html", {"entry": shown(job)})
    if job.is_done:
        messages.info(request, _("It was finished already."))
    return redirect("job", job.pk)


def shown(job: Job) -> dict[str, Any]:
    """A job as the fragment shows it."""
    kind = kind_of(job)
    return {"job": job, "label": kind.label(job) if kind else job.kind, "address": kind.address(job) if kind else ""}
