"""Filling the base with people and with what was said, of any size: for the benchmark's pages of clients and timelines."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from crm.models import Call, Contact, Event, Message, Note
from pipeline.models import Pipeline
from pipeline.services.bulk import reserve_range
from pipeline.services.load import DOMAIN, NAME, SMALL, LoadReport
from pipeline.services.set_aside import set_aside
from pipeline.simulator.clients import EN, FAMILY, GIVEN, POSITIONS, RU, in_latin

DAYS = 600
# Everything below follows from a row's number by steps through the lists that have no common divisor with their lengths.
CONTACTS = """
INSERT INTO crm_contact (id, name, position, emails, phones, company_id, owner_id, team_id, created_at, is_sample)
SELECT %(first)s + n,
    given.list[1 + n %% %(given)s] || ' ' || family.list[1 + (n / 7) %% %(family)s],
    position.list[1 + n %% 6],
    jsonb_build_array(jsonb_build_object('address', latin.list[1 + (n / 7) %% %(family)s] || n || '@' || %(domain)s, 'label', 'work')),
    jsonb_build_array(jsonb_build_object('number', '+7900' || lpad((n * 7919 %% 10000000)::text, 7, '0'), 'label', 'mobile')),
    firms.ids[1 + n * 31 %% array_length(firms.ids, 1)],
    reps.ids[1 + n * 13 %% array_length(reps.ids, 1)], reps.teams[1 + n * 13 %% array_length(reps.ids, 1)],
    now() - make_interval(mins => (n * 37 %% (%(days)s * 1440))::int), false
FROM generate_series(0::bigint, %(count)s - 1) AS n,
    (SELECT %(given_names)s::text[] AS list) AS given, (SELECT %(family_names)s::text[] AS list) AS family,
    (SELECT %(latin_names)s::text[] AS list) AS latin, (SELECT %(positions)s::text[] AS list) AS position,
    (SELECT array_agg(id ORDER BY id) AS ids FROM crm_company WHERE name LIKE 'Load company %%') AS firms,
    (SELECT array_agg(id ORDER BY id) AS ids, array_agg(team_id ORDER BY id) AS teams FROM crm_user
     WHERE email LIKE 'load-rep-%%' AND team_id IS NOT NULL) AS reps
"""
# Six of ten entries are about a contact, three about a deal, one about a company.
ABOUT = """
FROM (
    SELECT n, CASE WHEN n %% 10 < 6 THEN 'contact' WHEN n %% 10 < 9 THEN 'deal' ELSE 'company' END AS record,
        CASE WHEN n %% 10 < 6 THEN %(first)s + n * 7919 %% %(count)s
             WHEN n %% 10 < 9 THEN %(first_deal)s + n * 7919 %% %(deals)s
             ELSE firms.ids[1 + n * 7919 %% array_length(firms.ids, 1)] END AS record_id,
        now() - make_interval(secs => (n * 104729 %% (%(days)s * 86400))::int) AS at,
        reps.ids[1 + n * 13 %% array_length(reps.ids, 1)] AS author
    FROM generate_series(0::bigint, %(entries)s - 1) AS n,
        (SELECT array_agg(id ORDER BY id) AS ids FROM crm_company WHERE name LIKE 'Load company %%') AS firms,
        (SELECT array_agg(id ORDER BY id) AS ids FROM crm_user WHERE email LIKE 'load-rep-%%') AS reps
) AS about
"""
SAID = {
    Note: "INSERT INTO crm_note (record, record_id, body, author_id, created_at) SELECT record, record_id, 'Talked about the offer, no. ' || n,"
    " author, at" + ABOUT + "WHERE n / 10 %% 20 < 10",
    Call: "INSERT INTO crm_call (record, record_id, direction, outcome, at, body, author_id, created_at)"
    " SELECT record, record_id, 'out', 'reached', at, 'Call no. ' || n, author, at" + ABOUT + "WHERE n / 10 %% 20 BETWEEN 10 AND 13",
    Message: "INSERT INTO crm_message (record, record_id, channel, direction, sender, recipients, subject, body, at, external_id, answered_at,"
    " author_id, created_at) SELECT record, record_id, 'email', 'in', 'a@client.example', '', 'Question no. ' || n, 'When?', at, '',"
    " CASE WHEN n %% 5000 <> 14 THEN at END, author, at" + ABOUT + "WHERE n / 10 %% 20 BETWEEN 14 AND 16",
    Event: "INSERT INTO crm_event (type, record, record_id, actor_id, payload, at, depth, dispatched_at) SELECT record || '.edited', record,"
    " record_id, author, jsonb_build_object('changes', jsonb_build_object('name', jsonb_build_array('Old ' || n, 'New ' || n))), at, 0, at"
    + ABOUT
    + "WHERE n / 10 %% 20 > 16",
}


# As the triggers of the table would have written them, but with the indexes made once, at the end.
FIND = """
ALTER TABLE crm_searchentry DETACH PARTITION crm_searchentry_contact;
ALTER TABLE crm_searchentry_contact DROP CONSTRAINT crm_searchentry_contact_pkey;
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'crm_searchentry_contact'::regclass LOOP
        EXECUTE 'DROP INDEX ' || name;
    END LOOP;
END $$;
INSERT INTO crm_searchentry_contact (kind, record_id, text, own)
    SELECT 'contact', id, crm_search_client(to_jsonb(contact), ''), crm_search_keys(owner_id, team_id)
    FROM crm_contact contact WHERE id BETWEEN %(first)s AND %(last)s ORDER BY id;
ALTER TABLE crm_searchentry ATTACH PARTITION crm_searchentry_contact FOR VALUES IN ('contact');
INSERT INTO crm_searchnews (words)
    SELECT words FROM (SELECT crm_search_words(ARRAY(SELECT DISTINCT lower(name) FROM crm_contact WHERE id BETWEEN %(first)s AND %(last)s))
                       AS words) AS each WHERE words <> '{}';
"""


def seed_clients(*, contacts: int, entries: int) -> LoadReport:
    """Add so many contacts to the load's companies, and so many entries to the timelines of its contacts, deals and companies.

    `seed_load` comes first. Half of the entries are notes, the rest calls, messages and edits.
    """
    report = LoadReport(Pipeline.objects.get(name=NAME))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SELECT min(id), count(*) FROM pipeline_deal WHERE pipeline_id = %s", [report.pipeline.pk])
        first_deal, deals = cursor.fetchone()
        ids = reserve_range(Contact, contacts)
        given, family = GIVEN[RU] + GIVEN[EN], [*FAMILY[RU], *FAMILY[EN]]
        values = {
            "first": ids.start,
            "count": contacts,
            "entries": entries,
            "first_deal": first_deal,
            "deals": deals,
            "days": DAYS,
            "domain": DOMAIN,
            "given": len(given),
            "family": len(family),
            "given_names": [name for name, _ending in given],
            "family_names": family,
            "latin_names": [in_latin(name) for name in family],
            "positions": [*POSITIONS[RU]],
        }
        if contacts + entries > SMALL:
            with set_aside([Contact, *SAID], phase=report.phase):
                _write(cursor, values, report)
            cursor.execute(FIND, {"first": ids[0], "last": ids[-1]})
            report.phase("search")
        else:
            _write(cursor, values, report)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in ("crm_searchentry", *(model._meta.db_table for model in (Contact, *SAID))):
            cursor.execute(f'VACUUM ANALYZE "{table}"')
        cursor.execute("RESET statement_timeout")
    report.phase("vacuum and analyse")
    return report


def _write(cursor: Any, values: dict[str, Any], report: LoadReport) -> None:
    cursor.execute(CONTACTS, values)
    report.phase("contacts")
    for model, statement in SAID.items():
        cursor.execute(statement, values)
        report.phase(str(model._meta.verbose_name_plural))
