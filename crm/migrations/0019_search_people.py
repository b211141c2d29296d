"""A person is found by their own words alone: the company's name would tell of a company that the viewer may not see."""

from django.db import migrations

PEOPLE = """
DROP TRIGGER search_rename ON crm_company;
DROP FUNCTION crm_search_rename();
CREATE OR REPLACE FUNCTION crm_search_contacts(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO crm_searchentry AS entry (kind, record_id, text, own)
    SELECT 'contact', contact.id, crm_search_client(to_jsonb(contact), ''), crm_search_keys(owner_id, team_id)
    FROM crm_contact contact WHERE contact.id = ANY(ids) ORDER BY contact.id
    ON CONFLICT (kind, record_id) DO UPDATE SET text = excluded.text, own = excluded.own
    WHERE entry.text <> excluded.text OR entry.own <> excluded.own
$$;
"""
# A million entries are written anew in a minute without their indexes, in an hour with them. No word is new and nobody sees more or
# less, so the triggers behind them have nothing to do.
FILL = """
SET LOCAL statement_timeout = 0;
SET LOCAL maintenance_work_mem = '256MB';
DROP INDEX search_by_words;
DROP INDEX search_by_start;
ALTER TABLE crm_searchentry DISABLE TRIGGER search_follow;
UPDATE crm_searchentry entry SET text = crm_search_client(to_jsonb(contact), '')
FROM crm_contact contact WHERE entry.kind = 'contact' AND entry.record_id = contact.id AND contact.company_id IS NOT NULL;
ALTER TABLE crm_searchentry ENABLE TRIGGER search_follow;
CREATE INDEX search_by_start ON crm_searchentry (("left"(text, 60) COLLATE "C"));
CREATE INDEX search_by_words ON crm_searchentry USING gin (keys, text gin_trgm_ops) WITH (gin_pending_list_limit = 256);
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0018_rich_notes")]

    operations = [migrations.RunSQL(PEOPLE, migrations.RunSQL.noop), migrations.RunSQL(FILL, migrations.RunSQL.noop)]
