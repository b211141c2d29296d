"""Durations of stays and steps as columns, and the indexes that answer the figures from them alone."""

import pipeline.models.visits
from django.db import migrations, models

# One rewrite of the table for both columns; a long history takes longer than a page may.
COLUMNS = """
SET LOCAL statement_timeout = 0;
SET LOCAL maintenance_work_mem = '256MB';
ALTER TABLE pipeline_stagevisit
    ADD COLUMN stay_steps integer GENERATED ALWAYS AS (ceil(date_part('epoch', left_at - entered_at) / 600)::integer) STORED,
    ADD COLUMN fate_steps integer GENERATED ALWAYS AS (ceil(date_part('epoch', fate_at - entered_at) / 600)::integer) STORED;
"""
COLUMNS_UNDO = "ALTER TABLE pipeline_stagevisit DROP COLUMN fate_steps, DROP COLUMN stay_steps;"

# How many kinds of steps there are, which the planner can't guess: knowing it, it counts in several processes.
KINDS = """
CREATE STATISTICS visit_fates_kinds (ndistinct) ON stage_id, furthest_before_id, fate, fate_steps FROM pipeline_stagevisit;
CREATE STATISTICS visit_stays_kinds (ndistinct) ON stage_id, is_front, stay_steps FROM pipeline_stagevisit;
"""
KINDS_UNDO = "DROP STATISTICS visit_stays_kinds; DROP STATISTICS visit_fates_kinds;"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0003_chains")]

    operations = [
        migrations.RunSQL(
            COLUMNS,
            COLUMNS_UNDO,
            state_operations=[
                migrations.AddField(
                    "stagevisit",
                    "stay_steps",
                    models.GeneratedField(
                        db_persist=True,
                        expression=pipeline.models.visits.Steps("left_at", "entered_at"),
                        output_field=models.IntegerField(null=True),
                    ),
                ),
                migrations.AddField(
                    "stagevisit",
                    "fate_steps",
                    models.GeneratedField(
                        db_persist=True,
                        expression=pipeline.models.visits.Steps("fate_at", "entered_at"),
                        output_field=models.IntegerField(null=True),
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "stagevisit",
            models.Index(fields=["stage", "furthest_before", "fate", "fate_steps"], condition=models.Q(is_front=True), name="visit_fates"),
        ),
        migrations.AddIndex("stagevisit", models.Index(fields=["stage", "is_front", "stay_steps"], name="visit_stays")),
        migrations.AddIndex(
            "stagevisit",
            models.Index(
                fields=["stage", "deal"],
                include=["seq", "entered_at", "left_at"],
                condition=models.Q(is_front=False),
                name="visit_returns",
            ),
        ),
        migrations.AddIndex(
            "stagevisit",
            models.Index(
                fields=["deal", "seq"],
                include=["stage"],
                condition=models.Q(is_front=True, exit__in=["won", "lost"]),
                name="visit_closed",
            ),
        ),
        migrations.RunSQL(KINDS, KINDS_UNDO),
    ]
