"""The background work that the product knows: its names, where it leads, and how its end is told."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from crm import jobs
from crm.bulk import label_of_action
from crm.exporting.clients import register_clients
from crm.importers import base, clients
from crm.models import Job, JobState
from crm.notices import Notice, Target, Words, register, register_target
from crm.services import tag_changes
from crm.services.bulk_changes import BULK, BULK_UNDO, bulk_step, undo_step
from crm.services.duplicates import DUPLICATES, search_step
from crm.services.exports import EXPORT, export_step
from crm.services.imports import IMPORT, REVERT, import_step, revert_step


def register_all() -> None:
    """Called once at start."""
    base.register(clients.ContactImporter)
    base.register(clients.CompanyImporter)
    jobs.register(IMPORT, import_step, label=_importing, address=_address)
    jobs.register(REVERT, revert_step, label=_reverting, address=_address)
    jobs.register(EXPORT, export_step, label=_exporting, address=_export)
    register_clients()
    jobs.register(DUPLICATES, search_step, label=lambda job: _("Looking for duplicates"), address=lambda job: reverse("duplicates"))
    jobs.register(tag_changes.TAGS, tag_changes.tags_step, label=tag_changes.label, address=lambda job: reverse("settings_tags"))
    jobs.register(BULK, bulk_step, label=_changing, address=_change_address)
    jobs.register(BULK_UNDO, undo_step, label=_taking_back, address=_change_address)
    register(Notice("job.finished", "hourglass", _finished, _work))
    register_target("job", Target(Job.objects.visible_to, "job"))


def _finished(words: Words) -> str:
    if words.get("state") == JobState.FAILED:
        return _("Failed: %(work)s") % {"work": words.get("label")}
    return _("Finished: %(work)s") % {"work": words.get("label")}


def _work(words: Words) -> str:
    return str(words.get("address") or reverse("jobs"))


def _importing(job: Job) -> str:
    return _("Import of “%(file)s”") % {"file": job.params.get("name", "")}


def _reverting(job: Job) -> str:
    return _("Taking back the import of “%(file)s”") % {"file": job.params.get("name", "")}


def _changing(job: Job) -> str:
    return _("Many at once: %(action)s") % {"action": label_of_action(job.params["kind"], job.params["action"])}


def _taking_back(job: Job) -> str:
    return _("Taking back: %(action)s") % {"action": label_of_action(job.params["kind"], job.params["action"])}


def _change_address(job: Job) -> str:
    return reverse("bulk_change", args=[job.params["change"]])


def _address(job: Job) -> str:
    return reverse("import", args=[job.params["batch"]])


def _exporting(job: Job) -> str:
    return _("Export of “%(view)s”") % {"view": job.params.get("title", "")}


def _export(job: Job) -> str:
    return reverse("export", args=[job.pk])
