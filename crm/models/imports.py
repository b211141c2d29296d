"""Imports: one file, what became of each of its rows, and all that is needed to take it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.jobs import Job, JobState


class ImportState(models.TextChoices):
    DRAFT = "draft", _("Being prepared")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    REVERTING = "reverting", _("Being taken back")
    REVERTED = "reverted", _("Taken back")


class Automation(models.TextChoices):
    """What automation does with what an import brings."""

    NO = "no", _("No: nothing happens by itself")
    YES = "yes", _("Yes: rules run as if people had entered it")
    SIMULATE = "simulate", _("Only simulate: see what rules would have done")


class Duplicates(models.TextChoices):
    """What happens to a row whose record is there already."""

    FILL = "fill", _("Fill in what is empty")
    UPDATE = "update", _("Update it with the file")
    SKIP = "skip", _("Leave it as it is")
    ADD = "add", _("Add it once more")


class RowAction(models.TextChoices):
    CREATED = "created", _("Added")
    UPDATED = "updated", _("Updated")
    SKIPPED = "skipped", _("Left as it was")
    REFUSED = "refused", _("Refused")


class ImportQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: Any) -> Self:
        """Everybody's own; an admin sees all."""
        return self if user.is_authenticated and user.is_admin else self.filter(owner=user.pk)


class ImportBatch(models.Model):
    """One file on its way in: `columns` are its profile, `mapping` says what each holds, `options` what the person chose."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports", db_index=False)
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    folder = models.CharField(max_length=32, unique=True)
    system = models.CharField(max_length=20, blank=True)
    format = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    automation = models.CharField(max_length=8, choices=Automation, default=Automation.NO)
    duplicates = models.CharField(max_length=6, choices=Duplicates, default=Duplicates.FILL)
    state = models.CharField(max_length=9, choices=ImportState, default=ImportState.DRAFT)
    counts = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    revert_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    reverted_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["owner", "-id"], name="import_by_owner")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_known"),
            models.CheckConstraint(condition=Q(automation__in=Automation.values), name="import_automation_known"),
            models.CheckConstraint(condition=Q(duplicates__in=Duplicates.values), name="import_duplicates_known"),
            models.CheckConstraint(condition=Q(folder__regex=r"^[0-9a-f]{32}$"), name="import_folder_plain"),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def root() -> Path:
        """Where the files of all imports lie."""
        return Path(settings.DATA_DIR) / "imports"

    @property
    def place(self) -> Path:
        """Where its files lie."""
        return self.root() / self.folder

    @property
    def table(self) -> Path:
        """Its rows in the plain form."""
        return self.place / "rows"

    @property
    def history(self) -> Path:
        """What a second file tells of stages."""
        return self.place / "history.db"

    @property
    def is_draft(self) -> bool:
        return self.state == ImportState.DRAFT

    @property
    def is_under_way(self) -> bool:
        """Whether a worker is, or will be, at it."""
        job = self.revert_job if self.state == ImportState.REVERTING else self.job
        return self.state in (ImportState.RUNNING, ImportState.REVERTING) and job is not None and job.is_open

    @property
    def is_broken_off(self) -> bool:
        """Stopped or failed half-way: what was brought in until then can still be taken back."""
        return self.state in (ImportState.RUNNING, ImportState.REVERTING) and not self.is_under_way

    @property
    def can_be_reverted(self) -> bool:
        return self.state == ImportState.DONE or self.is_broken_off

    @property
    def now_at(self) -> Job | None:
        """The job that is to be watched."""
        return self.revert_job if self.state in (ImportState.REVERTING, ImportState.REVERTED) else self.job

    @property
    def has_failed(self) -> bool:
        return self.now_at is not None and self.now_at.state == JobState.FAILED


class ImportedRow(models.Model):
    """What became of one row, or of something that a row brought along; `before` and `after` hold the fields that it changed."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="outcomes", db_index=False)
    line = models.PositiveIntegerField()
    record = models.CharField(max_length=20)
    record_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=8, choices=RowAction)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    cells = models.JSONField(default=list)
    # What came of taking it back: empty where it went without a hitch.
    kept = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["batch", "action", "id"], name="imported_row_by_action")]
        constraints = [models.CheckConstraint(condition=Q(action__in=RowAction.values), name="imported_row_action_known")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.line}: {self.action}"


class ExternalId(models.Model):
    """By which number another program knows a record, so that its next file finds it again."""

    system = models.CharField(max_length=20)
    record = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    record_id = models.BigIntegerField()
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "record", "key"], name="external_id_once")]
        indexes = [models.Index(fields=["record", "record_id"], name="external_id_of_record")]

    def __str__(self) -> str:
        return f"{self.system}:{self.key}"


class MappingMemory(models.Model):
    """What a person chose for a file with these columns, offered again with the next one like it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    signature = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)
    mapping = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "signature", "kind"], name="mapping_memory_once")]

    def __str__(self) -> str:
        return self.signature
