"""What the database itself keeps true: a deal stands where its open visit says, and columns' totals follow every change."""

from django.db import migrations

# Runs at commit, once per touched row, and reads at most two rows by index.
HISTORY = """
CREATE FUNCTION pipeline_history_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint;
    deal record;
    latest record;
BEGIN
    IF TG_TABLE_NAME = 'pipeline_deal' THEN touched := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN touched := OLD.deal_id;
    ELSE touched := NEW.deal_id;
    END IF;
    SELECT stage_id, outcome INTO deal FROM pipeline_deal WHERE id = touched;
    IF NOT FOUND THEN RETURN NULL; END IF;
    SELECT stage_id, left_at, exit INTO latest FROM pipeline_stagevisit WHERE deal_id = touched ORDER BY seq DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'deal % has no visit', touched USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'deal_follows_its_visits';
    END IF;
    IF latest.stage_id <> deal.stage_id OR latest.exit <> deal.outcome OR (deal.outcome = '') <> (latest.left_at IS NULL) THEN
        RAISE EXCEPTION 'deal % is in stage % (outcome "%"), its latest visit in stage % (exit "%")',
            touched, deal.stage_id, deal.outcome, latest.stage_id, latest.exit
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'deal_follows_its_visits';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deal_follows_its_visits AFTER INSERT OR UPDATE OF stage_id, outcome ON pipeline_deal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pipeline_history_holds();
CREATE CONSTRAINT TRIGGER visit_is_followed_by_its_deal AFTER INSERT OR DELETE OR UPDATE OF deal_id, stage_id, seq, left_at, exit ON pipeline_stagevisit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pipeline_history_holds();
"""
HISTORY_UNDO = """
DROP TRIGGER visit_is_followed_by_its_deal ON pipeline_stagevisit;
DROP TRIGGER deal_follows_its_visits ON pipeline_deal;
DROP FUNCTION pipeline_history_holds();
"""

# Appends what each statement changed; never touches a row that another writer holds.
TALLY = """
CREATE FUNCTION pipeline_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO pipeline_stagetally (stage_id, owner_id, team_id, currency, next_step_on, deals, amount, is_folded)
        SELECT stage_id, owner_id, team_id, currency, next_step_on, count(*), coalesce(sum(amount), 0), false
        FROM after WHERE outcome = '' GROUP BY 1, 2, 3, 4, 5;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO pipeline_stagetally (stage_id, owner_id, team_id, currency, next_step_on, deals, amount, is_folded)
        SELECT stage_id, owner_id, team_id, currency, next_step_on, -count(*), -coalesce(sum(amount), 0), false
        FROM before WHERE outcome = '' GROUP BY 1, 2, 3, 4, 5;
    ELSE
        INSERT INTO pipeline_stagetally (stage_id, owner_id, team_id, currency, next_step_on, deals, amount, is_folded)
        SELECT stage_id, owner_id, team_id, currency, next_step_on, sum(n), sum(n * coalesce(amount, 0)), false
        FROM (
            SELECT stage_id, owner_id, team_id, currency, next_step_on, amount, 1 AS n FROM after WHERE outcome = ''
            UNION ALL
            SELECT stage_id, owner_id, team_id, currency, next_step_on, amount, -1 FROM before WHERE outcome = ''
        ) AS change
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 OR sum(n * coalesce(amount, 0)) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER deal_tally_insert AFTER INSERT ON pipeline_deal REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION pipeline_tally();
CREATE TRIGGER deal_tally_delete AFTER DELETE ON pipeline_deal REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION pipeline_tally();
CREATE TRIGGER deal_tally_update AFTER UPDATE ON pipeline_deal
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION pipeline_tally();
"""
TALLY_UNDO = """
DROP TRIGGER deal_tally_insert ON pipeline_deal;
DROP TRIGGER deal_tally_delete ON pipeline_deal;
DROP TRIGGER deal_tally_update ON pipeline_deal;
DROP FUNCTION pipeline_tally();
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial")]

    operations = [migrations.RunSQL(HISTORY, HISTORY_UNDO), migrations.RunSQL(TALLY, TALLY_UNDO)]
