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
SET LOCAL statement_timeout = 0;
SELECT crm_search_contacts(ARRAY(SELECT id FROM crm_contact));
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0018_rich_notes")]

    operations = [migrations.RunSQL(PEOPLE, migrations.RunSQL.noop)]
