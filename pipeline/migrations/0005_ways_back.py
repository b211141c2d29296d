"""Ways back are known by two flags, and what is still open has narrow indexes of its own."""

from django.db import migrations, models

# Every visit on a way forward has neither flag already, so only the few others are written.
FLAGS = """
SET LOCAL statement_timeout = 0;
SET LOCAL maintenance_work_mem = '256MB';
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE pipeline_stagevisit visit
SET is_late = NOT EXISTS (
        SELECT FROM pipeline_stagevisit earlier
        WHERE earlier.deal_id = visit.deal_id AND earlier.stage_id = visit.stage_id AND earlier.seq < visit.seq
    ),
    is_back = there.position > here.position
FROM pipeline_stagevisit origin JOIN pipeline_stage there ON there.id = origin.stage_id, pipeline_stage here
WHERE NOT visit.is_front AND origin.deal_id = visit.deal_id AND origin.seq = visit.seq - 1 AND here.id = visit.stage_id;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0004_visit_steps")]

    operations = [
        migrations.AddField("stagevisit", "is_late", models.BooleanField(default=False, db_default=False)),
        migrations.AddField("stagevisit", "is_back", models.BooleanField(default=False, db_default=False)),
        migrations.RunSQL(FLAGS, migrations.RunSQL.noop),
        migrations.RemoveIndex("stagevisit", "visit_fates"),
        migrations.RemoveIndex("stagevisit", "visit_stays"),
        migrations.RemoveIndex("stagevisit", "visit_returns"),
        migrations.RemoveIndex("stagevisit", "visit_closed"),
        migrations.RemoveConstraint("stagevisit", "visit_one_open_per_deal"),
        migrations.AddConstraint(
            "stagevisit",
            models.UniqueConstraint(
                fields=["deal"],
                include=["stage", "entered_at", "is_front"],
                condition=models.Q(left_at=None),
                name="visit_one_open_per_deal",
            ),
        ),
        migrations.AddIndex(
            "stagevisit",
            models.Index(
                fields=["stage", "furthest_before", "fate", "fate_steps"],
                condition=models.Q(is_front=True) & ~models.Q(fate=""),
                name="visit_fates",
            ),
        ),
        migrations.AddIndex(
            "stagevisit",
            models.Index(fields=["stage", "is_front", "stay_steps"], condition=models.Q(left_at__isnull=False), name="visit_stays"),
        ),
        migrations.AddIndex(
            "stagevisit",
            models.Index(
                fields=["deal"],
                include=["stage", "furthest_before", "entered_at"],
                condition=models.Q(is_front=True, fate=""),
                name="visit_ahead",
            ),
        ),
        migrations.AddIndex(
            "stagevisit",
            models.Index(
                fields=["stage", "deal"],
                include=["entered_at", "left_at", "is_late", "is_back"],
                condition=models.Q(is_front=False),
                name="visit_returns",
            ),
        ),
    ]
