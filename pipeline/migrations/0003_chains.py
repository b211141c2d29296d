"""A deal never stands in another pipeline's stage, and its visits form one chain in time."""

from decimal import Decimal
from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

# One key of both columns instead of two keys: checked as often as before.
STAGE_OF_ITS_PIPELINE = """
ALTER TABLE pipeline_deal ADD CONSTRAINT deal_stage_of_its_pipeline
    FOREIGN KEY (stage_id, pipeline_id) REFERENCES pipeline_stage (id, pipeline_id) DEFERRABLE INITIALLY DEFERRED
"""
STAGE_OF_ITS_PIPELINE_UNDO = "ALTER TABLE pipeline_deal DROP CONSTRAINT deal_stage_of_its_pipeline"

# Run at commit, once per touched row (twice for a visit that was given another deal or place), and read a handful of rows by index.
# Since every pair of neighbours is checked when one of them changes, the whole chain holds: in order of time, never two at once,
# and without a gap after a move.
CHAINS = """
CREATE FUNCTION pipeline_check_deal(touched bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    deal record;
    latest record;
BEGIN
    SELECT stage_id, outcome INTO deal FROM pipeline_deal WHERE id = touched;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT stage_id, left_at, exit INTO latest FROM pipeline_stagevisit WHERE deal_id = touched ORDER BY seq DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'deal % has no visit', touched USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'deal_follows_its_visits';
    END IF;
    IF latest.stage_id <> deal.stage_id OR latest.exit <> deal.outcome OR (deal.outcome = '') <> (latest.left_at IS NULL) THEN
        RAISE EXCEPTION 'deal % is in stage % (outcome "%"), its latest visit in stage % (exit "%")',
            touched, deal.stage_id, deal.outcome, latest.stage_id, latest.exit
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'deal_follows_its_visits';
    END IF;
END $$;
CREATE FUNCTION pipeline_check_chain(touched bigint, place integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT left_at, exit, lead(entered_at) OVER (ORDER BY seq) AS next_at FROM (
                (SELECT seq, entered_at, left_at, exit FROM pipeline_stagevisit WHERE deal_id = touched AND seq <= place ORDER BY seq DESC LIMIT 2)
                UNION ALL
                (SELECT seq, entered_at, left_at, exit FROM pipeline_stagevisit WHERE deal_id = touched AND seq > place ORDER BY seq LIMIT 1)
            ) AS near
        ) AS pair
        WHERE next_at IS NOT NULL AND (left_at IS NULL OR next_at < left_at OR (exit = 'moved' AND next_at <> left_at))
    ) THEN
        RAISE EXCEPTION 'the visits of deal % are no chain around number %', touched, place
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'visits_form_a_chain';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION pipeline_history_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'pipeline_deal' THEN
        PERFORM pipeline_check_deal(NEW.id);
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        IF TG_OP = 'DELETE' OR OLD.deal_id <> NEW.deal_id OR OLD.seq <> NEW.seq THEN
            PERFORM pipeline_check_deal(OLD.deal_id);
            PERFORM pipeline_check_chain(OLD.deal_id, OLD.seq);
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pipeline_check_deal(NEW.deal_id);
        PERFORM pipeline_check_chain(NEW.deal_id, NEW.seq);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER visit_is_followed_by_its_deal ON pipeline_stagevisit;
CREATE CONSTRAINT TRIGGER visit_is_followed_by_its_deal
    AFTER INSERT OR DELETE OR UPDATE OF deal_id, stage_id, seq, entered_at, left_at, exit ON pipeline_stagevisit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pipeline_history_holds();
"""
promises = import_module("pipeline.migrations.0002_promises")
CHAINS_UNDO = f"""
{promises.HISTORY_UNDO}
DROP FUNCTION pipeline_check_chain(bigint, integer);
DROP FUNCTION pipeline_check_deal(bigint);
{promises.HISTORY}
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_constraints"), ("pipeline", "0002_promises")]

    operations = [
        migrations.AlterField(
            model_name="deal",
            name="stage",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deals",
                to="pipeline.stage",
            ),
        ),
        migrations.AddConstraint(
            model_name="stage",
            constraint=models.UniqueConstraint(fields=("id", "pipeline"), name="stage_with_its_pipeline"),
        ),
        migrations.RunSQL(STAGE_OF_ITS_PIPELINE, STAGE_OF_ITS_PIPELINE_UNDO),
        migrations.RunSQL(CHAINS, CHAINS_UNDO),
        migrations.RemoveConstraint(model_name="stagevisit", name="visit_ends_after_it_began"),
        migrations.AddConstraint(
            model_name="stagevisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("exit", ""), ("left_at", None)),
                    models.Q(("left_at__gte", models.F("entered_at")), ("left_at__isnull", False), models.Q(("exit", ""), _negated=True)),
                    _connector="OR",
                ),
                name="visit_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank", None), ("rank__lt", Decimal("1E+29")), _connector="OR"), name="deal_rank_is_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="dealterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount", None), models.Q(("amount__gte", 0), ("amount__lte", Decimal("9999999999999.99"))), _connector="OR"
                ),
                name="deal_terms_amount_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="dealterms",
            constraint=models.CheckConstraint(condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="deal_terms_currency_code"),
        ),
        migrations.AddConstraint(
            model_name="pipeline",
            constraint=models.CheckConstraint(condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="pipeline_currency_code"),
        ),
    ]
