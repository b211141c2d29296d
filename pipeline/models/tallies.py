"""What stands in each column, kept up to date by the database with every change of a deal."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.models import Team
from crm.models.visibility import OwnedQuerySet
from pipeline.models.pipelines import Stage

# Days before today all count as overdue, so folding writes them as this one day.
LONG_AGO = "0001-01-01"


class StageTally(models.Model):
    """A change in the number and amount of open deals of one kind; the sum over rows is what stands there now.

    A trigger appends the changes of each statement, so writers never wait for one another here;
    `fold_tallies` adds rows of a kind together. The kind is cut just fine enough for a viewer's rights,
    the currency and the state of the next step.
    """

    stage = models.ForeignKey(Stage, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    currency = models.CharField(max_length=3)
    next_step_on = models.DateField(null=True)
    deals = models.IntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    is_folded = models.BooleanField(default=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["stage", "owner"], name="tally_by_owner"),
            models.Index(fields=["stage", "team"], name="tally_by_team"),
            models.Index(fields=["id"], condition=Q(is_folded=False), name="tally_unfolded"),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.deals:+}"
