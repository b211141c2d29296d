"""Background work of the journal: each finds its work in PostgreSQL, one call, safe to run twice."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from crm import broker, events, jobs
from crm.models import Event, IdempotentAnswer
from crm.services import attachments, bulk_changes, dictionary
from crm.services.exports import sweep_exports
from crm.services.imports import forget_drafts
from crm.services.letters import send_due_letters
from crm.services.reminders import fire_due_reminders
from crm.services.removals import forget_old_removals

LATE = timedelta(seconds=5)


@shared_task(rate_limit="10/s")
def dispatch_events() -> None:
    """Dispatch what has just been recorded; many events in a short time need one task."""
    broker.heard("crm.tasks.dispatch_events")
    events.dispatch_all(Event.objects.undispatched().filter(at__gte=timezone.now() - LATE))


@shared_task
def sweep_events() -> None:
    """Dispatch what no worker was told of: the hand-over was lost, a worker died with it, or a subscriber failed."""
    events.dispatch_all(Event.objects.undispatched().filter(at__lt=timezone.now() - LATE))
    IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - timedelta(days=2)).delete()


@shared_task
def run_jobs() -> None:
    """Give a waiting background job its turn; also those whose worker died."""
    broker.heard("crm.tasks.run_jobs")
    jobs.run_waiting()


@shared_task
def forget_old_jobs() -> None:
    """Drop what has had its time: jobs with their files, bulk changes, deleted records, and drafts nobody went on with."""
    jobs.forget_old()
    forget_drafts()
    bulk_changes.forget_old()
    forget_old_removals()
    sweep_exports()


@shared_task
def learn_words() -> None:
    """Let misspelt words find what has been written since."""
    while dictionary.learn_words():
        pass


@shared_task
def fire_reminders() -> None:
    """Remind of what is due; the beat only ticks, and what is due is read from the rows."""
    fire_due_reminders(now=timezone.now())


@shared_task
def send_letters() -> None:
    """Send the mail that waits."""
    broker.heard("crm.tasks.send_letters")
    send_due_letters()


@shared_task
def sweep_files() -> None:
    """Throw away contents of files that no record has named for a day."""
    attachments.sweep_files()
