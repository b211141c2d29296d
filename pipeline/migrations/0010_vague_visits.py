"""Stays of which it isn't known when they began: marked, without a duration, and in no index of durations."""

from django.db import migrations, models
from django.db.models import Case, Q, When

from pipeline.models.visits import Steps

# A column and two indexes anew; a long history takes longer than a page may.
PATIENCE = "SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '256MB';"
KINDS = "CREATE STATISTICS visit_stays_kinds (ndistinct) ON stage_id, is_front, stay_steps FROM pipeline_stagevisit;"
KINDS_UNDO = "DROP STATISTICS IF EXISTS visit_stays_kinds;"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0009_search")]

    operations = [
        migrations.RunSQL(PATIENCE, PATIENCE),
        migrations.RunSQL(KINDS_UNDO, KINDS),
        migrations.RemoveIndex("stagevisit", "visit_stays"),
        migrations.RemoveConstraint("stagevisit", "visit_one_open_per_deal"),
        migrations.RemoveField("stagevisit", "stay_steps"),
        migrations.AddField("stagevisit", "is_vague", models.BooleanField(default=False, db_default=False)),
        migrations.AddField(
            "stagevisit",
            "stay_steps",
            models.GeneratedField(
                expression=Case(When(is_vague=False, then=Steps("left_at", "entered_at"))),
                output_field=models.IntegerField(null=True),
                db_persist=True,
                editable=False,
            ),
        ),
        migrations.AddConstraint(
            "stagevisit",
            models.UniqueConstraint(
                fields=["deal"],
                include=["stage", "entered_at", "is_front", "is_vague"],
                condition=Q(left_at=None),
                name="visit_one_open_per_deal",
            ),
        ),
        migrations.AddIndex(
            "stagevisit",
            models.Index(fields=["stage", "is_front", "stay_steps"], condition=Q(left_at__isnull=False, is_vague=False), name="visit_stays"),
        ),
        migrations.RunSQL(KINDS, KINDS_UNDO),
    ]
