"""How far a background job is, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Job, JobState
from crm.templatetags.display import age_words, number

register = template.Library()
HUES = {JobState.RUNNING: "pill-accent", JobState.DONE: "pill-success", JobState.FAILED: "pill-danger", JobState.STOPPED: "pill-warning"}
MINUTE = timedelta(minutes=1)


@register.simple_tag
def job_hue(job: Job) -> str:
    """The colour of the pill that names its state."""
    return HUES.get(JobState(job.state), "")


@register.simple_tag
def job_words(job: Job, now: datetime) -> str:
    """“1,200 of 100,000 · about 3 minutes left”; of an ended one how much was done, and how long it took."""
    words = []
    if job.total:
        words.append(_("%(done)s of %(total)s") % {"done": number(job.done), "total": number(job.total)})
    elif job.done:
        words.append(ngettext("%(count)s done", "%(count)s done", job.done) % {"count": number(job.done)})
    left = job.left(now)
    if left is not None:
        words.append(_("less than a minute left") if left < MINUTE else _("about %(time)s left") % {"time": age_words(left)})
    elif job.finished_at and job.started_at:
        took = job.finished_at - job.started_at
        words.append(_("took less than a minute") if took < MINUTE else _("took %(time)s") % {"time": age_words(took)})
    return " · ".join(words)
