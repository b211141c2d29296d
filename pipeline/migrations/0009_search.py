"""Deals can be found, by their title, company and contact; and they lend their readers the sight of both (docs/adr/0007)."""

from django.db import migrations

# Filling millions goes around the index and the triggers.
ENTRY = """
CREATE TABLE crm_searchentry_deal (LIKE crm_searchentry INCLUDING DEFAULTS INCLUDING GENERATED);
ALTER TABLE crm_searchentry_deal ALTER COLUMN text SET STATISTICS 1000;

CREATE FUNCTION pipeline_search_deals(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO crm_searchentry AS entry (kind, record_id, text, own)
    SELECT 'deal', deal.id, crm_search_text(concat_ws(E'\u0001', deal.title, company.name, contact.name)), crm_search_keys(deal.owner_id, deal.team_id)
    FROM pipeline_deal deal LEFT JOIN crm_company company ON company.id = deal.company_id
    LEFT JOIN crm_contact contact ON contact.id = deal.contact_id
    WHERE deal.id = ANY(ids) ORDER BY deal.id
    ON CONFLICT (kind, record_id) DO UPDATE SET text = excluded.text, own = excluded.own
    WHERE entry.text <> excluded.text OR entry.own <> excluded.own
$$;

-- Who sees a company or a contact because of its deals, counted anew.
CREATE FUNCTION pipeline_search_lend(companies bigint[], contacts bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE crm_searchentry entry SET lent = fresh.lent FROM (
        SELECT client, ARRAY(SELECT DISTINCT key FROM pipeline_deal deal, unnest(crm_search_keys(deal.owner_id, deal.team_id)) AS key
                             WHERE deal.company_id = client ORDER BY key) AS lent
        FROM unnest(companies) AS client
    ) fresh WHERE entry.kind = 'company' AND entry.record_id = fresh.client AND entry.lent <> fresh.lent;
    UPDATE crm_searchentry entry SET lent = fresh.lent FROM (
        SELECT client, ARRAY(SELECT DISTINCT key FROM pipeline_deal deal, unnest(crm_search_keys(deal.owner_id, deal.team_id)) AS key
                             WHERE deal.contact_id = client ORDER BY key) AS lent
        FROM unnest(contacts) AS client
    ) fresh WHERE entry.kind = 'contact' AND entry.record_id = fresh.client AND entry.lent <> fresh.lent;
$$;

-- Everything anew, for loads that set the triggers aside.
CREATE FUNCTION pipeline_search_rebuild() RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = 'crm_searchentry_deal'::regclass) THEN
        ALTER TABLE crm_searchentry DETACH PARTITION crm_searchentry_deal;
    END IF;
    ALTER TABLE crm_searchentry_deal DROP CONSTRAINT IF EXISTS crm_searchentry_deal_pkey;
    FOR name IN SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'crm_searchentry_deal'::regclass LOOP
        EXECUTE 'DROP INDEX ' || name;
    END LOOP;
    TRUNCATE crm_searchentry_deal;
    INSERT INTO crm_searchentry_deal (kind, record_id, text, own)
        SELECT 'deal', deal.id, crm_search_text(concat_ws(E'\u0001', deal.title, company.name, contact.name)), crm_search_keys(deal.owner_id, deal.team_id)
        FROM pipeline_deal deal LEFT JOIN crm_company company ON company.id = deal.company_id
        LEFT JOIN crm_contact contact ON contact.id = deal.contact_id
        ORDER BY deal.id;
    ALTER TABLE crm_searchentry ATTACH PARTITION crm_searchentry_deal FOR VALUES IN ('deal');
    INSERT INTO crm_searchnews (words)
        SELECT words FROM (SELECT crm_search_words(ARRAY(SELECT title FROM (SELECT DISTINCT lower(title) AS title FROM pipeline_deal))) AS words)
        WHERE words <> '{}';
    UPDATE crm_searchentry entry SET lent = fresh.lent FROM (
        SELECT company_id AS id, array_agg(DISTINCT key ORDER BY key) AS lent
        FROM pipeline_deal, unnest(crm_search_keys(owner_id, team_id)) AS key WHERE company_id IS NOT NULL GROUP BY company_id
    ) fresh WHERE entry.kind = 'company' AND entry.record_id = fresh.id AND entry.lent <> fresh.lent;
    UPDATE crm_searchentry entry SET lent = fresh.lent FROM (
        SELECT contact_id AS id, array_agg(DISTINCT key ORDER BY key) AS lent
        FROM pipeline_deal, unnest(crm_search_keys(owner_id, team_id)) AS key WHERE contact_id IS NOT NULL GROUP BY contact_id
    ) fresh WHERE entry.kind = 'contact' AND entry.record_id = fresh.id AND entry.lent <> fresh.lent;
    PERFORM crm_search_tasks(ARRAY(SELECT id FROM crm_task WHERE record = 'deal'));
END $$;
"""
ENTRY_UNDO = """
DROP FUNCTION pipeline_search_rebuild();
DROP FUNCTION pipeline_search_lend(bigint[], bigint[]);
DROP FUNCTION pipeline_search_deals(bigint[]);
DROP TABLE crm_searchentry_deal;
"""

KEEP = """
CREATE FUNCTION pipeline_search_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pipeline_search_deals(ARRAY(SELECT id FROM after));
    -- A new deal can but add readers: nothing is written where its company and contact are known to them already.
    UPDATE crm_searchentry entry SET lent = ARRAY(SELECT DISTINCT key FROM unnest(entry.lent || fresh.keys) AS key ORDER BY key) FROM (
        SELECT company_id AS id, array_agg(DISTINCT key) AS keys FROM after, unnest(crm_search_keys(owner_id, team_id)) AS key
        WHERE company_id IS NOT NULL GROUP BY company_id
    ) fresh WHERE entry.kind = 'company' AND entry.record_id = fresh.id AND NOT entry.lent @> fresh.keys;
    UPDATE crm_searchentry entry SET lent = ARRAY(SELECT DISTINCT key FROM unnest(entry.lent || fresh.keys) AS key ORDER BY key) FROM (
        SELECT contact_id AS id, array_agg(DISTINCT key) AS keys FROM after, unnest(crm_search_keys(owner_id, team_id)) AS key
        WHERE contact_id IS NOT NULL GROUP BY contact_id
    ) fresh WHERE entry.kind = 'contact' AND entry.record_id = fresh.id AND NOT entry.lent @> fresh.keys;
    RETURN NULL;
END $$;
CREATE FUNCTION pipeline_search_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM crm_searchentry WHERE kind = 'deal' AND record_id IN (SELECT id FROM before);
    PERFORM pipeline_search_lend(
        ARRAY(SELECT DISTINCT company_id FROM before WHERE company_id IS NOT NULL ORDER BY 1),
        ARRAY(SELECT DISTINCT contact_id FROM before WHERE contact_id IS NOT NULL ORDER BY 1));
    RETURN NULL;
END $$;
CREATE FUNCTION pipeline_search_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pipeline_search_deals(ARRAY[NEW.id]);
    IF (OLD.company_id, OLD.contact_id, OLD.owner_id, OLD.team_id) IS DISTINCT FROM (NEW.company_id, NEW.contact_id, NEW.owner_id, NEW.team_id) THEN
        PERFORM pipeline_search_lend(
            array_remove(ARRAY[NEW.company_id, nullif(OLD.company_id, NEW.company_id)], NULL),
            array_remove(ARRAY[NEW.contact_id, nullif(OLD.contact_id, NEW.contact_id)], NULL));
    END IF;
    RETURN NULL;
END $$;
-- Deals are found by the names of their company and contact too.
CREATE FUNCTION pipeline_search_rename() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE renamed bigint[] := ARRAY(SELECT after.id FROM after JOIN before USING (id) WHERE after.name <> before.name);
BEGIN
    IF renamed = '{}' THEN
        RETURN NULL;
    ELSIF TG_TABLE_NAME = 'crm_company' THEN
        PERFORM pipeline_search_deals(ARRAY(SELECT id FROM pipeline_deal WHERE company_id = ANY(renamed)));
    ELSE
        PERFORM pipeline_search_deals(ARRAY(SELECT id FROM pipeline_deal WHERE contact_id = ANY(renamed)));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER search_insert AFTER INSERT ON pipeline_deal REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION pipeline_search_insert();
CREATE TRIGGER search_delete AFTER DELETE ON pipeline_deal REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION pipeline_search_delete();
-- By row, since only such a trigger can wait for columns to be named: a move names none of these and pays nothing.
CREATE TRIGGER search_update AFTER UPDATE OF title, company_id, contact_id, owner_id, team_id ON pipeline_deal FOR EACH ROW
    WHEN (OLD.title <> NEW.title OR (OLD.company_id, OLD.contact_id, OLD.owner_id, OLD.team_id) IS DISTINCT FROM (NEW.company_id, NEW.contact_id, NEW.owner_id, NEW.team_id))
    EXECUTE FUNCTION pipeline_search_change();
CREATE TRIGGER search_rename_deals AFTER UPDATE ON crm_company
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION pipeline_search_rename();
CREATE TRIGGER search_rename_deals AFTER UPDATE ON crm_contact
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION pipeline_search_rename();
"""
KEEP_UNDO = """
DROP TRIGGER search_rename_deals ON crm_contact;
DROP TRIGGER search_rename_deals ON crm_company;
DROP TRIGGER search_update ON pipeline_deal;
DROP TRIGGER search_delete ON pipeline_deal;
DROP TRIGGER search_insert ON pipeline_deal;
DROP FUNCTION pipeline_search_rename(); DROP FUNCTION pipeline_search_change();
DROP FUNCTION pipeline_search_delete(); DROP FUNCTION pipeline_search_insert();
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0008_deal_tags"), ("crm", "0016_search")]

    operations = [
        migrations.RunSQL(ENTRY, ENTRY_UNDO),
        migrations.RunSQL("SET LOCAL statement_timeout = 0; SELECT pipeline_search_rebuild()", migrations.RunSQL.noop),
        migrations.RunSQL(KEEP, KEEP_UNDO),
    ]
