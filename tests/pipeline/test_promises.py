"""What the database itself refuses, whoever writes: raw SQL against every promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import User
from pipeline.models import Deal, Pipeline, Stage, StageVisit
from pipeline.services.fates import Stay, find_fates, rebuild_fates
from pipeline.services.history import History, Visit, record_history
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal, reopen_deal
from tests.factories import make_deal, make_pipeline
from tests.pipeline.invariants import check_invariants


@pytest.fixture
def world(anna: User, stages: list[Stage]) -> dict[str, Any]:
    """An open deal that has moved once, one that has not, a lost and a won one, and a stage of another pipeline."""
    moved, still, lost, won = (make_deal(name, by=anna) for name in ("moved", "still", "lost", "won"))
    move_deal(deal_id=moved.pk, to_stage=stages[1].pk, by=anna)
    close_deal(deal_id=lost.pk, outcome="lost", lost_reason="Price", by=anna)
    close_deal(deal_id=won.pk, outcome="won", by=anna)
    lost.refresh_from_db()
    return {
        "moved": moved.pk,
        "still": still.pk,
        "lost": lost.pk,
        "won": won.pk,
        "reason": lost.lost_reason_id,
        "one": stages[0].pk,
        "two": stages[1].pk,
        "three": stages[2].pk,
        "pipeline": stages[0].pipeline_id,
        "other": make_pipeline("Partners").pk,
        "foreign": Pipeline.objects.get(name="Partners").stages.first().pk,
        "anna": anna.pk,
    }


def run(sql: str, values: dict[str, Any]) -> None:
    """The statements and all that a commit would check."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in sql.split(";"):
            cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


VISIT = "INSERT INTO pipeline_stagevisit (deal_id, stage_id, seq, entered_at, left_at, exit, is_front, fate) VALUES "
BREACHES = {
    # Which promise is asked first depends on which index was made first.
    "two open visits": (VISIT + "(%(still)s, %(one)s, 5, now(), NULL, '', false, '')", None),
    "overlapping visits": (
        VISIT + "(%(lost)s, %(one)s, 5, '2001-01-01', '2001-02-01', 'moved', false, ''),"
        " (%(lost)s, %(one)s, 6, '2001-01-15', '2001-03-01', 'moved', false, '')",
        "visit_no_overlap",
    ),
    "the same number twice": (VISIT + "(%(lost)s, %(one)s, 0, '2001-01-01', '2001-02-01', 'moved', false, '')", "visit_seq_once"),
    "a visit that ends before it began": ("UPDATE pipeline_stagevisit SET left_at = '2001-01-01' WHERE deal_id = %(lost)s", None),
    "an unknown exit": ("UPDATE pipeline_stagevisit SET exit = 'gone' WHERE deal_id = %(lost)s", "visit_exit_known"),
    "an exit without an end": ("UPDATE pipeline_stagevisit SET exit = 'won' WHERE deal_id = %(still)s", "visit_ends_after_it_began"),
    "a fate without its time": ("UPDATE pipeline_stagevisit SET fate = 'lost' WHERE deal_id = %(still)s", "visit_fate_has_time"),
    "a visit's lost reason on a win": (
        "UPDATE pipeline_stagevisit SET lost_reason_id = %(reason)s WHERE deal_id = %(won)s",
        "visit_reason_only_when_lost",
    ),
    "a deal elsewhere than its visit": ("UPDATE pipeline_deal SET stage_id = %(three)s WHERE id = %(still)s", "deal_follows_its_visits"),
    "a visit elsewhere than its deal": (
        "UPDATE pipeline_stagevisit SET stage_id = %(three)s WHERE deal_id = %(still)s",
        "deal_follows_its_visits",
    ),
    "a deal without a visit": ("DELETE FROM pipeline_stagevisit WHERE deal_id = %(still)s", "deal_follows_its_visits"),
    "a deal's latest visit deleted": (
        "DELETE FROM pipeline_stagevisit WHERE deal_id = %(moved)s AND left_at IS NULL",
        "deal_follows_its_visits",
    ),
    "a visit given to another deal": (
        "UPDATE pipeline_stagevisit SET deal_id = %(lost)s, seq = 7, entered_at = '2100-01-01' WHERE deal_id = %(still)s",
        "deal_follows_its_visits",
    ),
    "an old visit given to another deal": (
        "UPDATE pipeline_stagevisit SET deal_id = %(moved)s, seq = 9, left_at = entered_at WHERE deal_id = %(won)s",
        "deal_follows_its_visits",
    ),
    "an open deal whose visit has ended": (
        "UPDATE pipeline_stagevisit SET left_at = '2100-01-01', exit = 'moved' WHERE deal_id = %(still)s",
        "deal_follows_its_visits",
    ),
    "a closed deal whose visit is open": (
        "UPDATE pipeline_stagevisit SET left_at = NULL, exit = '' WHERE deal_id = %(won)s",
        "deal_follows_its_visits",
    ),
    "a closed deal with an open visit numbered before the last": (
        "UPDATE pipeline_stagevisit SET seq = 5 WHERE deal_id = %(won)s;"
        + VISIT
        + "(%(won)s, %(one)s, 1, now() + interval '1 day', NULL, '', false, '')",
        "visits_form_a_chain",
    ),
    "visits numbered against time": (
        "UPDATE pipeline_stagevisit SET seq = 5 WHERE deal_id = %(moved)s AND left_at IS NULL;"
        + VISIT
        + "(%(moved)s, %(one)s, 3, '2001-01-01', '2001-01-02', 'won', false, '')",
        "visits_form_a_chain",
    ),
    "a gap after a move": (
        "UPDATE pipeline_stagevisit SET entered_at = entered_at + interval '1 hour' WHERE deal_id = %(moved)s AND left_at IS NULL",
        "visits_form_a_chain",
    ),
    "an outcome without a closed visit": (
        "UPDATE pipeline_deal SET outcome = 'won', rank = NULL, closed_at = now() WHERE id = %(still)s",
        "deal_follows_its_visits",
    ),
    "another outcome than the visit's": (
        "UPDATE pipeline_deal SET outcome = 'lost' WHERE id = %(won)s",
        "deal_follows_its_visits",
    ),
    "an unknown outcome": ("UPDATE pipeline_deal SET outcome = 'gone' WHERE id = %(won)s", "deal_outcome_known"),
    "a stage of another pipeline": (
        "UPDATE pipeline_deal SET stage_id = %(foreign)s WHERE id = %(still)s;"
        "UPDATE pipeline_stagevisit SET stage_id = %(foreign)s WHERE deal_id = %(still)s",
        "deal_stage_of_its_pipeline",
    ),
    "a pipeline that its stage is not of": (
        "UPDATE pipeline_deal SET pipeline_id = %(other)s WHERE id = %(still)s",
        "deal_stage_of_its_pipeline",
    ),
    "a stage carried off to another pipeline": (
        "UPDATE pipeline_stage SET pipeline_id = %(other)s, position = 77 WHERE id = %(one)s",
        "deal_stage_of_its_pipeline",
    ),
    "a stage deleted under its deals": ("DELETE FROM pipeline_stage WHERE id = %(one)s", None),
    "equal ranks in a stage": (
        "UPDATE pipeline_deal SET rank = 1, stage_id = %(one)s WHERE id IN (%(moved)s, %(still)s)",
        "deal_rank_once_in_stage",
    ),
    "an open deal without a rank": ("UPDATE pipeline_deal SET rank = NULL WHERE id = %(still)s", "deal_open_has_rank"),
    "a rank that is no number": ("UPDATE pipeline_deal SET rank = 'NaN' WHERE id = %(still)s", "deal_rank_is_a_number"),
    "a closed deal with a rank": ("UPDATE pipeline_deal SET rank = 5 WHERE id = %(won)s", "deal_open_has_rank"),
    "a lost reason on a won deal": (
        "UPDATE pipeline_deal SET lost_reason_id = %(reason)s WHERE id = %(won)s",
        "deal_reason_only_when_lost",
    ),
    "a negative amount": ("UPDATE pipeline_deal SET amount = -1 WHERE id = %(still)s", "deal_amount_sane"),
    "an amount that is no number": ("UPDATE pipeline_deal SET amount = 'NaN' WHERE id = %(still)s", "deal_amount_sane"),
    "a bad currency": ("UPDATE pipeline_deal SET currency = 'eur' WHERE id = %(still)s", "deal_currency_code"),
    "terms with a negative amount": ("UPDATE pipeline_dealterms SET amount = -1", "deal_terms_amount_sane"),
    "terms in a bad currency": ("UPDATE pipeline_dealterms SET currency = '$'", "deal_terms_currency_code"),
    "a pipeline in a bad currency": ("UPDATE pipeline_pipeline SET currency = 'x'", "pipeline_currency_code"),
    "a negative version": ("UPDATE pipeline_deal SET version = -1", "pipeline_deal_version_check"),
    "two stages in one place": ("UPDATE pipeline_stage SET position = 0 WHERE pipeline_id = %(pipeline)s", "stage_position_once"),
    "a probability beyond certainty": ("UPDATE pipeline_stage SET probability = 101 WHERE id = %(one)s", "stage_probability_percent"),
    "an unknown colour": ("UPDATE pipeline_stage SET colour = 'red' WHERE id = %(one)s", "stage_colour_known"),
    "one deal imported twice": ("UPDATE pipeline_deal SET import_key = 'a'", "deal_import_key_once"),
    "a chain of events six deep": ("UPDATE crm_event SET depth = 6", "event_chain_is_bounded"),
    "a second organisation": (
        "INSERT INTO crm_organisation (id, name, time_zone, country, currency, language, has_sample_data, first_run)"
        " VALUES (2, 'x', 'UTC', 'RU', 'EUR', 'en', false, '')",
        "organisation_is_one",
    ),
    "an organisation in a bad currency": (
        "INSERT INTO crm_organisation (id, name, time_zone, country, currency, language, has_sample_data, first_run)"
        " VALUES (1, 'x', 'UTC', 'RU', '', 'en', false, '')",
        "organisation_currency_code",
    ),
    "a rate that is no number": (
        "INSERT INTO crm_exchangerate (currency, since, rate) VALUES ('USD', '2026-01-01', 'NaN')",
        "exchange_rate_positive",
    ),
    "a task about number seven of nothing": (
        "INSERT INTO crm_task (title, due_at, created_at, record, record_id) VALUES ('x', now(), now(), '', 7)",
        "task_is_about_a_record_or_none",
    ),
    "a task about a deal of no number": (
        "INSERT INTO crm_task (title, due_at, created_at, record, record_id) VALUES ('x', now(), now(), 'deal', 0)",
        "task_is_about_a_record_or_none",
    ),
    "a note about nothing": (
        "INSERT INTO crm_note (body, created_at, record, record_id) VALUES ('x', now(), '', 0)",
        "note_is_about_a_record",
    ),
    "an unknown role": ("UPDATE crm_user SET role = 'god'", "user_role_known"),
    "one e-mail in two spellings": (
        "INSERT INTO crm_user (password, email, name, role, language, is_active, pinned_views, created_at)"
        " SELECT '', upper(email), 'x', 'rep', '', true, '{}', now() FROM crm_user WHERE id = %(anna)s",
        "user_email_any_case",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("sql", "promise"), BREACHES.values(), ids=BREACHES)
def test_the_database_refuses(world: dict[str, Any], sql: str, promise: str | None) -> None:
    with pytest.raises(IntegrityError) as refusal:
        run(sql, world)
    if promise:
        assert refusal.value.__cause__.diag.constraint_name == promise
    check_invariants()


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["1e15", "'Infinity'"])
def test_the_database_has_no_room_for_an_absurd_amount(world: dict[str, Any], amount: str) -> None:
    with pytest.raises((DataError, IntegrityError)):
        run(f"UPDATE pipeline_deal SET amount = {amount}", world)


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_breaks_the_history_is_refused_whole(anna: User, stages: list[Stage]) -> None:
    """The same at a real commit: what stood before in the transaction goes with it."""
    deal = make_deal(by=anna)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(title="renamed")
        Deal.objects.filter(pk=deal.pk).update(stage=stages[2])
    deal.refresh_from_db()
    assert (deal.title, deal.stage) == ("A deal", stages[0])


@pytest.mark.django_db
def test_raw_sql_that_keeps_the_promises_is_welcome(world: dict[str, Any]) -> None:
    run(
        "UPDATE pipeline_stagevisit SET left_at = '2100-01-01', exit = 'moved' WHERE deal_id = %(still)s;"
        + VISIT
        + "(%(still)s, %(two)s, 1, '2100-01-01', NULL, '', true, '');"
        "UPDATE pipeline_deal SET stage_id = %(two)s, rank = 99 WHERE id = %(still)s",
        world,
    )
    run("DELETE FROM pipeline_dealterms; DELETE FROM pipeline_stagevisit; DELETE FROM pipeline_deal", world)


@pytest.mark.django_db(transaction=True)
def test_the_promises_can_be_taken_back_and_given_again(anna: User, stages: list[Stage]) -> None:
    """Migrating down and up again leaves them whole."""
    deal = make_deal(by=anna)
    try:
        call_command("migrate", "pipeline", "0002", verbosity=0)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE pipeline_deal SET stage_id = %s WHERE id = %s", [stages[1].pk, deal.pk])
    finally:
        call_command("migrate", verbosity=0)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_stagevisit SET stage_id = %s WHERE deal_id = %s", [stages[1].pk, deal.pk])


ACTS = st.lists(st.tuples(st.sampled_from(["move", "won", "lost", "reopen"]), st.integers(0, 3)), max_size=12)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_fates_written_move_by_move_are_those_of_a_rebuild(admin: User, stages: list[Stage], acts: list[tuple[str, int]]) -> None:
    deal = make_deal(by=admin)
    is_open = True
    for act, number in acts:
        if act == "move" and is_open:
            move_deal(deal_id=deal.pk, to_stage=stages[number].pk, by=admin)
        elif act in ("won", "lost") and is_open:
            close_deal(deal_id=deal.pk, outcome=act, lost_reason="Price", by=admin)
            is_open = False
        elif act == "reopen" and not is_open:
            reopen_deal(deal_id=deal.pk, stage=stages[number].pk, by=admin)
            is_open = True
    check_invariants()


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["moved", "won", "lost"])), min_size=1, max_size=8))
def test_fates_of_a_recorded_past_are_those_of_a_rebuild(sales: Pipeline, stages: list[Stage], steps: list[tuple[int, int, str]]) -> None:
    """Steps are (stage, hours, exit); stays of no length and gaps after an outcome included."""
    clock = datetime(2020, 1, 1, tzinfo=UTC)
    visits = []
    for place, hours, exit in steps:
        left = clock + timedelta(hours=hours)
        visits.append(Visit(stages[place], clock, left, exit))
        clock = left + timedelta(hours=hours if exit != "moved" else 0)
    if steps[-1][2] == "moved":
        visits[-1] = Visit(visits[-1].stage, visits[-1].entered_at)
    record_history(pipeline=sales, histories=[History("past", visits)], by=None)
    deal = Deal.objects.latest("id")
    told = list(deal.visits.order_by("seq").values_list("is_front", "fate", "fate_at", "is_late", "is_back"))
    fresh = find_fates([Stay(visit.stage.position, visit.entered_at, visit.left_at, str(visit.exit)) for visit in visits])
    assert told == [(fate.is_front, str(fate.fate), fate.fate_at, fate.is_late, fate.is_back) for fate in fresh]
    assert rebuild_fates(deal_ids=[deal.pk]) == 0
    check_invariants()
    StageVisit.objects.filter(deal=deal).update(is_front=False, furthest_before=None, fate="", fate_at=None, is_late=False, is_back=False)
    rebuild_fates(deal_ids=[deal.pk])
    assert told == list(deal.visits.order_by("seq").values_list("is_front", "fate", "fate_at", "is_late", "is_back"))


@pytest.mark.django_db
def test_every_promise_of_the_models_is_in_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
