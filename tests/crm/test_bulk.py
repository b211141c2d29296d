"""Acts on many contacts, companies and deals: rights, reasons, the way back, background work."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import jobs
from crm.bulk import Chosen
from crm.errors import Refused
from crm.filtering.reader import Reader
from crm.lists.asked import Asked
from crm.lists.kinds import list_kind
from crm.models import BulkChange, BulkRow, Company, Contact, CustomField, Job, JobState, User
from crm.rows import read_row
from crm.services import bulk_changes
from crm.services.bulk_changes import bulk_step, change_many, undo_many
from crm.services.clients import save_client
from pipeline.gates import _gates
from pipeline.models import Deal, DealTerms, Stage, StageVisit
from tests.factories import make_deal
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db


def contacts_of(user: User, count: int = 3, **fields: Any) -> list[Contact]:
    return [save_client(model=Contact, by=user, name=f"Contact {number}", **fields) for number in range(count)]


def picked(kind: str, user: User, records: list[Any]) -> Chosen:
    found = list_kind(kind)
    assert found is not None
    return Chosen(found, Reader.of(user), ids=tuple(record.pk for record in records))


def everything(kind: str, user: User, query: str = "") -> Chosen:
    found = list_kind(kind)
    assert found is not None
    reader = Reader.of(user)
    return Chosen(found, reader, asked=Asked.read(found, QueryDict(query), reader))


def change(action: str, chosen: Chosen, by: User, **values: Any) -> BulkChange:
    return change_many(action=action, chosen=chosen, values=values, by=by)[0]


def test_many_get_an_owner_and_go_back_with_their_teams(anna: User, boris: User, clara: User) -> None:
    mine, other = contacts_of(anna), contacts_of(boris, 1)
    before = [read_row(Contact, record.pk) for record in [*mine, *other]]
    done = change("owner", picked("contact", clara, [*mine, *other]), clara, owner=boris.pk)
    assert (done.counts["changed"], done.counts["same"], done.counts["refused"]) == (3, 1, 0)
    assert set(Contact.objects.values_list("owner", flat=True)) == {boris.pk}
    undone, _job = undo_many(change_id=done.pk, by=clara)
    assert (undone.counts["back"], undone.counts["kept"]) == (3, 0)
    assert [read_row(Contact, record.pk) for record in [*mine, *other]] == before


def test_what_is_not_theirs_is_refused_with_a_reason_and_stays(anna: User, boris: User, stages: list[Stage]) -> None:
    mine, hidden, seen = contacts_of(anna, 2), contacts_of(boris, 1)[0], contacts_of(boris, 1)[0]
    make_deal(by=anna, contact=seen)  # seen through a deal, but not theirs to change
    done = change("add-tag", picked("contact", anna, [*mine, hidden, seen]), anna, **{"add-tag": "vip"})
    assert (done.counts["changed"], done.counts["refused"]) == (2, 2)
    assert dict(done.rows.exclude(refused="").values_list("record_id", "refused")) == {
        hidden.pk: "This record doesn't exist, or you may not see it.",
        seen.pk: "You may see this, but not change it. Ask your manager or an admin.",
    }
    assert set(Contact.objects.tagged("vip").values_list("pk", flat=True)) == {record.pk for record in mine}
    with pytest.raises(Exception, match="doesn't exist"):
        undo_many(change_id=done.pk, by=boris)


def test_whoever_gave_records_away_takes_them_back_unless_changed_since(anna: User, denis: User) -> None:
    first, second = contacts_of(anna, 2)
    done = change("owner", picked("contact", anna, [first, second]), anna, owner=denis.pk)
    assert not Contact.objects.visible_to(anna).exists()
    Contact.objects.filter(pk=second.pk).update(owner=None)
    undone, _job = undo_many(change_id=done.pk, by=anna)
    assert (undone.counts["back"], undone.counts["kept"]) == (1, 1)
    assert undone.counts["kept_reasons"] == {"“owner” stays, because it has changed since.": 1}
    assert list(Contact.objects.order_by("pk").values_list("owner", "team")) == [(anna.pk, anna.team_id), (None, denis.team_id)]
    with pytest.raises(Refused, match="already"):
        undo_many(change_id=done.pk, by=anna)


def test_tags_are_put_on_and_taken_off_one_by_one(anna: User) -> None:
    first, second = save_client(model=Company, by=anna, name="A", tags=["old", "vip"]), save_client(model=Company, by=anna, name="B")
    done = change("add-tag", everything("company", anna), anna, **{"add-tag": "VIP"})
    assert (done.counts["changed"], done.counts["same"]) == (1, 1)
    save_client(model=Company, by=anna, pk=second.pk, tags=["vip", "later"])
    undo_many(change_id=done.pk, by=anna)
    second.refresh_from_db()
    assert second.tags == ["later"]
    done = change("remove-tag", everything("company", anna), anna, **{"remove-tag": "old"})
    undo_many(change_id=done.pk, by=anna)
    first.refresh_from_db()
    assert first.tags == ["old", "vip"]


def test_a_field_of_the_own_kind_is_changed_and_put_back(anna: User, client: Client) -> None:
    CustomField.objects.create(kind="contact", key="size", labels={"en": "Size"}, type="number", position=1)
    records = contacts_of(anna)
    save_client(model=Contact, by=anna, pk=records[0].pk, custom={"size": "7"})
    client.force_login(anna)
    url = reverse("list_act", args=["contact", "field"])
    ids = ",".join(str(record.pk) for record in records)
    assert 'name="custom.size"' in client.get(url, {"ids": ids, "field": "custom.size"}).content.decode()
    told = client.post(url, {"ids": ids, "field": "custom.size", "custom.size": "12"}).json()
    assert told["text"] == "Changed: 3."
    assert [record.custom for record in Contact.objects.all()] == [{"size": "12"}] * 3
    assert client.post(told["undo"], headers={"HX-Request": "true"}).json()["text"] == "Taken back: 3."
    assert [record.custom for record in Contact.objects.order_by("pk")] == [{"size": "7"}, {}, {}]
    told = client.post(url, {"ids": ids, "field": "company", "company": "Vektor"}).json()
    assert Company.objects.get(name="Vektor").contacts.count() == 3
    assert "Vektor" not in client.get(told["undo"].replace("undo/", "")).content.decode()


def test_an_undo_that_was_stopped_half_way_is_finished(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 1)
    monkeypatch.setattr(bulk_changes, "CHUNK", 1)
    contacts_of(anna, 3)
    done, _job = change_many(action="add-tag", chosen=everything("contact", anna), values={"add-tag": "hot"}, by=anna)
    jobs.run_waiting()
    _change, undoing = undo_many(change_id=done.pk, by=anna)
    assert undoing is not None
    with pytest.raises(Refused, match="being taken back"):
        undo_many(change_id=done.pk, by=anna)
    claimed = jobs.claim()
    assert claimed is not None
    jobs.run_chunk(claimed)
    jobs.stop_job(job_id=undoing.pk, by=anna)
    assert Contact.objects.filter(tags=["hot"]).count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        _change, rest = undo_many(change_id=done.pk, by=anna)
    assert rest is not None and rest.total == 2
    jobs.run_waiting()
    assert not Contact.objects.filter(tags=["hot"]).exists()
    assert BulkChange.objects.get().counts["back"] == 3
    with pytest.raises(Refused, match="already"):
        undo_many(change_id=done.pk, by=anna)


def test_a_view_and_a_filter_of_the_api_both_narrow(clara: User, anna: User) -> None:
    contacts_of(anna, 1, tags=["x"])
    [hers] = contacts_of(clara, 1, tags=["x"])
    contacts_of(clara, 1)
    tagged = {"field": "tags", "op": "has_any", "value": ["x"]}
    asked = {"kind": "contact", "action": "add-tag", "view": "mine", "filter": tagged, "values": {"tag": "y"}}
    answer = client_of(clara).post("/api/v1/bulk/", json.dumps(asked), content_type="application/json")
    assert (answer.status_code, answer.json()["counts"]["changed"]) == (201, 1)
    assert list(Contact.objects.tagged("y")) == [hers]
    nonsense = client_of(clara).post("/api/v1/bulk/", json.dumps(asked | {"filter": {"field": "shoe"}}), content_type="application/json")
    assert nonsense.status_code == 422, nonsense.content


# Deals


def test_deals_are_edited_with_their_terms(anna: User, stages: list[Stage]) -> None:
    deals = [make_deal(by=anna) for _number in range(2)]
    done = change("field", picked("deal", anna, deals), anna, expected_close="2027-01-31")
    assert done.counts["changed"] == 2
    assert {str(deal.expected_close) for deal in Deal.objects.all()} == {"2027-01-31"}
    undo_many(change_id=done.pk, by=anna)
    assert {deal.expected_close for deal in Deal.objects.all()} == {None}
    assert [terms.expected_close for terms in DealTerms.objects.filter(deal=deals[0]).order_by("pk")][::2] == [None, None]


def test_deals_move_through_gates_and_back(anna: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    deals = [make_deal(f"Deal {number}", by=anna, stage=stages[number % 2]) for number in range(4)]
    monkeypatch.setattr("pipeline.gates._gates", [*_gates, lambda deal, stage, by: "Not this one." if deal.title == "Deal 3" else None])
    done = change("stage", picked("deal", anna, deals), anna, stage=stages[2].pk)
    assert (done.counts["changed"], done.counts["refused"], done.counts["reasons"]) == (3, 1, {"Not this one.": 1})
    assert list(Deal.objects.order_by("pk").values_list("stage", flat=True)) == [stages[2].pk] * 3 + [stages[1].pk]
    assert StageVisit.objects.filter(stage=stages[2]).count() == 3
    undo_many(change_id=done.pk, by=anna)
    assert list(Deal.objects.order_by("pk").values_list("stage", flat=True)) == [stages[number % 2].pk for number in range(4)]


def test_an_undo_of_moves_locks_where_deals_are_and_where_they_go_at_once(anna: User, stages: list[Stage]) -> None:
    deals = [make_deal(by=anna, stage=stages[number]) for number in (2, 1)]
    done = change("stage", picked("deal", anna, deals), anna, stage=stages[0].pk)
    with CaptureQueriesContext(connection) as captured:
        undo_many(change_id=done.pk, by=anna)
    locks = [query["sql"] for query in captured if 'FROM "pipeline_stage"' in query["sql"] and "FOR NO KEY UPDATE" in query["sql"]]
    assert f"IN ({', '.join(str(stage.pk) for stage in stages[:3])})" in locks[0]


def test_deals_are_won_and_opened_again_unless_touched(anna: User, stages: list[Stage]) -> None:
    deals = [make_deal(by=anna) for _number in range(2)]
    done = change("won", picked("deal", anna, deals), anna)
    Deal.objects.filter(pk=deals[1].pk).update(version=9)
    undone, _job = undo_many(change_id=done.pk, by=anna)
    assert list(Deal.objects.order_by("pk").values_list("outcome", flat=True)) == ["", "won"]
    assert undone.counts["kept_reasons"] == {"It has been moved, won or lost since.": 1}


# Many at once, in the background


def test_more_than_fit_in_a_request_are_a_job_that_resumes_without_doubles(
    anna: User, boris: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.JOBS_BREATH = 0
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 4)
    monkeypatch.setattr(bulk_changes, "CHUNK", 3)
    records, hidden = contacts_of(anna, 8), contacts_of(boris, 1)[0]
    chosen = everything("contact", anna, "filter=" + json.dumps({"field": "tags", "op": "empty"}))
    started, job = change_many(action="add-tag", chosen=chosen, values={"add-tag": "vip"}, by=anna)
    assert job is not None
    assert not BulkRow.objects.exists()
    late = contacts_of(anna, 1)[0]  # came after the choice
    claimed = jobs.claim()
    assert claimed is not None

    def dies(job: Job) -> bool:
        bulk_step(job)
        raise SystemExit

    with monkeypatch.context() as patch:
        kind = jobs.kind_of(claimed)
        assert kind is not None
        patch.setitem(jobs._kinds, claimed.kind, jobs.JobKind(claimed.kind, dies, kind.label, kind.address))
        with pytest.raises(SystemExit):
            jobs.run_chunk(claimed)
    assert not BulkRow.objects.exists()
    assert not Contact.objects.tagged("vip").exists()
    Job.objects.update(lease_until=timezone.now())
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 8, 8)
    started.refresh_from_db()
    assert started.counts["changed"] == 8
    assert started.rows.count() == 8
    assert set(Contact.objects.tagged("vip")) == set(records)
    assert {hidden.pk, late.pk}.isdisjoint(Contact.objects.tagged("vip").values_list("pk", flat=True))
    _change, back = undo_many(change_id=started.pk, by=anna)
    assert back is not None
    jobs.run_waiting()
    assert not Contact.objects.tagged("vip").exists()
    started.refresh_from_db()
    assert started.undone_at
    assert started.counts["back"] == 8


def test_a_filter_that_cannot_be_read_changes_nothing(anna: User) -> None:
    contacts_of(anna)
    with pytest.raises(Refused):
        change("add-tag", everything("contact", anna, "filter=rubbish"), anna, **{"add-tag": "vip"})
    assert not Contact.objects.tagged("vip").exists()


def test_it_can_be_taken_back_for_a_day(anna: User) -> None:
    done = change("add-tag", picked("contact", anna, contacts_of(anna)), anna, **{"add-tag": "vip"})
    BulkChange.objects.update(at=timezone.now() - bulk_changes.UNDO_WITHIN)
    with pytest.raises(Refused, match="for a day"):
        undo_many(change_id=done.pk, by=anna)


# The API


def test_the_api_does_the_same(anna: User, boris: User) -> None:
    mine, hidden = contacts_of(anna, 2), contacts_of(boris, 1)[0]
    api, other = client_of(anna), client_of(boris)
    asked = {"kind": "contact", "action": "owner", "ids": [mine[0].pk, mine[1].pk, hidden.pk], "values": {"owner": str(boris.pk)}}
    answer = api.post("/api/v1/bulk/", asked, content_type="application/json")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["counts"]["changed"], told["counts"]["refused"]) == (2, 1)
    assert told["refusals"][0]["id"] == hidden.pk
    undo = f"/api/v1/bulk/{told['id']}/undo/"
    assert other.post(undo, {}, content_type="application/json").status_code == 404
    assert api.post(undo, {}, content_type="application/json").json()["counts"]["back"] == 2
    # Neither records nor a filter, or both: an error, not everything.
    for wrong in ({}, {"ids": [1], "filter": {}}):
        answer = api.post("/api/v1/bulk/", {"kind": "contact", "action": "owner", **wrong}, content_type="application/json")
        assert answer.status_code == 400
    by_filter = {"kind": "contact", "action": "add-tag", "filter": {"field": "owner", "op": "is", "value": "me"}, "values": {"tag": "vip"}}
    assert api.post("/api/v1/bulk/", by_filter, content_type="application/json").json()["counts"]["changed"] == 2
