"""Whoever sees a deal finds everybody who has a part in it, not only its main contact."""

from django.db import migrations

LEND = """
CREATE OR REPLACE FUNCTION pipeline_search_lend(companies bigint[], contacts bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE crm_searchentry entry SET lent = fresh.lent FROM (
        SELECT client, ARRAY(SELECT DISTINCT key FROM pipeline_deal deal, unnest(crm_search_keys(deal.owner_id, deal.team_id)) AS key
                             WHERE deal.company_id = client ORDER BY key) AS lent
        FROM unnest(companies) AS client
    ) fresh WHERE entry.kind = 'company' AND entry.record_id = fresh.client AND entry.lent <> fresh.lent;
    UPDATE crm_searchentry entry SET lent = fresh.lent FROM (
        SELECT client, ARRAY(SELECT DISTINCT key FROM (
            SELECT owner_id, team_id FROM pipeline_deal WHERE contact_id = client
            UNION SELECT owner_id, team_id FROM pipeline_dealcontact part JOIN pipeline_deal deal ON deal.id = part.deal_id
            WHERE part.contact_id = client
        ) deal, unnest(crm_search_keys(deal.owner_id, deal.team_id)) AS key ORDER BY key) AS lent
        FROM unnest(contacts) AS client
    ) fresh WHERE entry.kind = 'contact' AND entry.record_id = fresh.client AND entry.lent <> fresh.lent;
$$;
CREATE OR REPLACE FUNCTION pipeline_search_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pipeline_search_deals(ARRAY[NEW.id]);
    IF (OLD.company_id, OLD.contact_id, OLD.owner_id, OLD.team_id) IS DISTINCT FROM (NEW.company_id, NEW.contact_id, NEW.owner_id, NEW.team_id) THEN
        PERFORM pipeline_search_lend(
            array_remove(ARRAY[NEW.company_id, nullif(OLD.company_id, NEW.company_id)], NULL),
            array_remove(ARRAY[NEW.contact_id, nullif(OLD.contact_id, NEW.contact_id)], NULL)
                || ARRAY(SELECT contact_id FROM pipeline_dealcontact WHERE deal_id = NEW.id));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION pipeline_search_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM pipeline_search_lend('{}', ARRAY(SELECT DISTINCT contact_id FROM after ORDER BY 1));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM pipeline_search_lend('{}', ARRAY(SELECT DISTINCT contact_id FROM before ORDER BY 1));
    ELSE
        PERFORM pipeline_search_lend('{}', ARRAY(SELECT contact_id FROM before UNION SELECT contact_id FROM after ORDER BY 1));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_insert AFTER INSERT ON pipeline_dealcontact
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION pipeline_search_part();
CREATE TRIGGER search_delete AFTER DELETE ON pipeline_dealcontact
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION pipeline_search_part();
CREATE TRIGGER search_update AFTER UPDATE ON pipeline_dealcontact
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION pipeline_search_part();
SET LOCAL statement_timeout = 0;
SELECT pipeline_search_lend('{}', ARRAY(SELECT DISTINCT contact_id FROM pipeline_dealcontact ORDER BY 1));
"""

# The two functions that are replaced go with the migration that made them; what they lend beyond it is no more than is seen.
UNDO = """
DROP TRIGGER search_update ON pipeline_dealcontact;
DROP TRIGGER search_delete ON pipeline_dealcontact;
DROP TRIGGER search_insert ON pipeline_dealcontact;
DROP FUNCTION pipeline_search_part();
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0013_closed_deals")]

    operations = [migrations.RunSQL(LEND, UNDO)]
