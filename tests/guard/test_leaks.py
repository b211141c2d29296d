"""What one may not see leaves no trace: neither in numbers, nor in places, nor in lists, nor through ids of related records."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import Http404
from django.test import Client
from django.utils import timezone

from crm.models import ApiKey, Contact, Note, Role, Task, Team, User
from crm.services.notes import add_note, delete_note
from crm.services.tasks import add_task
from pipeline.models import Deal, DealTerms, Source, Stage
from pipeline.services.moves import move_deal
from tests.crm.test_streams import heard, session_of, stream
from tests.factories import make_deal, make_user
from tests.pipeline.test_api import client_of, post


@pytest.fixture
def api(anna: User) -> Any:
    return client_of(anna)


@pytest.fixture
def secret(denis: User, stages: list[Stage]) -> Deal:
    """A deal of the other team, with a company and a contact of its own."""
    deal = make_deal("Secret deal", by=denis, company="Secret company", stage=stages[1])
    contact = Contact.objects.create(name="Secret person", company=deal.company, owner=denis, team=denis.team)
    Deal.objects.filter(pk=deal.pk).update(contact=contact)
    deal.refresh_from_db()
    return deal


@pytest.mark.django_db
def test_unassigned_records_are_seen_by_the_team_or_by_managers(
    anna: User, boris: User, clara: User, denis: User, admin: User, robot: User, south: Team, stages: list[Stage]
) -> None:
    dora = make_user("Dora Dale", role=Role.MANAGER, team=south)
    lone = make_user("Lone Leader", role=Role.MANAGER)
    former = make_user("Former Fox", team=anna.team, is_active=False)
    of_team, of_nobody, of_former = (make_deal(by=anna) for _n in range(3))
    Deal.objects.filter(pk=of_team.pk).update(owner=None)
    Deal.objects.filter(pk=of_nobody.pk).update(owner=None, team=None)
    Deal.objects.filter(pk=of_former.pk).update(owner=former)

    def seers(deal: Deal) -> set[str]:
        people = (anna, boris, clara, denis, dora, lone, admin, robot, former)
        return {person.name.split()[0] for person in people if Deal.objects.visible_to(person).filter(pk=deal.pk).exists()}

    assert seers(of_team) == {"Anna", "Boris", "Clara", "Ada"}
    assert seers(of_nobody) == {"Clara", "Dora", "Lone", "Ada"}
    assert seers(of_former) == {"Clara", "Ada"}


@pytest.mark.django_db
def test_the_card_below_tells_nothing_when_it_is_not_ones_to_see(api: Any, anna: User, secret: Deal, stages: list[Stage]) -> None:
    """Dropped above a card one doesn't see: as above one that isn't there."""
    last = make_deal("last", by=anna, stage=stages[1])
    answers = []
    for before in (secret.pk, 10**9):
        deal = make_deal("dropped", by=anna)
        answer = post(api, f"deals/{deal.pk}/moves/", {"stage": stages[1].pk, "before": before}).json()
        answers.append((answer["at_end"], answer["rank"] > str(last.rank)))
        Deal.objects.filter(pk=deal.pk).delete()
    assert answers == [(True, True), (True, True)]
    own = make_deal("dropped", by=anna)
    assert not move_deal(deal_id=own.pk, to_stage=stages[1].pk, before=last.pk, by=anna).at_end


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["company", "contact"])
def test_related_records_of_others_are_as_unknown_as_none(api: Any, anna: User, secret: Deal, stages: list[Stage], field: str) -> None:
    foreign = getattr(secret, f"{field}_id")
    own = make_deal(by=anna)
    for number in (foreign, 10**9):
        made = post(api, "deals/", {"title": "x", "stage": stages[0].pk, field: number})
        edited = api.patch(f"/api/v1/deals/{own.pk}/", {field: number}, format="json")
        assert made.status_code == edited.status_code == 400
        assert str(made.json()).replace(str(number), "N") == str(edited.json()).replace(str(number), "N")
    own.refresh_from_db()
    assert getattr(own, f"{field}_id") is None and Deal.objects.count() == 2


@pytest.mark.django_db
def test_people_sources_and_stages_that_are_gone_are_refused(api: Any, stages: list[Stage]) -> None:
    gone = make_user("Gone Gray", is_active=False)
    source = Source.objects.create(name="Fax", archived_at=timezone.now())
    Stage.objects.filter(pk=stages[3].pk).update(archived_at=timezone.now())
    for fields in ({"owner": gone.pk}, {"source": source.pk}, {"stage": stages[3].pk}):
        assert post(api, "deals/", {"title": "x", "stage": stages[0].pk} | fields).status_code in (400, 422)
    assert not Deal.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (
            "deals/",
            ["id", "pipeline", "team", "rank", "version", "outcome", "lost_reason", "created_at", "closed_at", "is_sample", "import_key"],
        ),
        ("companies/", ["id", "team", "created_at", "is_sample"]),
        ("contacts/", ["id", "team", "created_at", "is_sample"]),
        ("tasks/", ["id", "done_at", "created_by", "created_at"]),
    ],
)
def test_fields_that_are_not_ones_to_write_are_refused(api: Any, stages: list[Stage], path: str, fields: list[str]) -> None:
    good = {
        "deals/": {"title": "x", "stage": stages[0].pk},
        "companies/": {"name": "x"},
        "contacts/": {"name": "x"},
        "tasks/": {"title": "x", "due_at": "2030-01-01T00:00:00Z"},
    }[path]
    made = post(api, path, good).json()
    for field in fields:
        assert post(api, path, good | {field: 1}).status_code == 400, field
        assert api.patch(f"/api/v1/{path}{made['id']}/", {field: 1}, format="json").status_code == 400, field


@pytest.mark.django_db
def test_filters_find_nothing_of_others(api: Any, anna: User, denis: User, secret: Deal, stages: list[Stage]) -> None:
    make_deal("mine", by=anna)
    add_task(title="theirs", due_at=timezone.now(), by=denis, record="deal", record_id=secret.pk)
    assert api.get(f"/api/v1/deals/?owner={denis.pk}").json()["results"] == []
    assert api.get(f"/api/v1/deals/?stage={stages[1].pk}").json()["results"] == []
    assert api.get(f"/api/v1/tasks/?record=deal&record_id={secret.pk}").json()["results"] == []
    assert api.get(f"/api/v1/tasks/?assignee={denis.pk}").json()["results"] == []
    for filter in (f"owner={denis.pk}", f"team={denis.team_id}", "owner=1000000", "team=1000000"):
        assert api.get(f"/api/v1/analytics/funnel/?pipeline={stages[0].pipeline_id}&{filter}").status_code == 404
    funnel = api.get(f"/api/v1/analytics/funnel/?pipeline={stages[0].pipeline_id}").json()
    assert (funnel["n"], [stage["entered"] for stage in funnel["stages"]]) == (1, [1, 0, 0, 0])


@pytest.mark.django_db
def test_pages_show_nothing_of_others(anna: User, denis: User, secret: Deal, stages: list[Stage]) -> None:
    own = make_deal("Mine", by=anna)
    client = Client()
    client.force_login(anna)
    board = f"/board/{stages[0].pipeline_id}/"
    pages = [
        *("/", "/board/", f"{board}?text=Secret", f"{board}?owner={denis.pk}", f"{board}?team={denis.team_id}"),
        *(f"{board}columns/?stages={stages[1].pk}&loaded=50", f"{board}columns/{stages[1].pk}/?after=-9999"),
        *("/companies/", "/contacts/", "/analytics/", f"/analytics/deals/?pipeline={stages[0].pipeline_id}&part=all"),
        *(f"/deals/{own.pk}/suggestions/?field=company&text=Secret", f"/deals/{own.pk}/suggestions/?field=contact&text=Secret"),
        *("/companies/?q=Secret", "/contacts/?q=Secret", "/contacts/?text=Secret", "/companies/?text=Secret"),
    ]
    for page in pages:
        answer = client.get(page, follow=True)
        assert answer.status_code == 200, page
        words = answer.content.decode()
        assert not any(word in words for word in ("Secret deal", "Secret company", "Secret person")), page


@pytest.mark.django_db
def test_a_name_that_exists_elsewhere_is_added_anew(anna: User, secret: Deal, stages: list[Stage]) -> None:
    """Typing the name of a company one may not see neither finds nor shows it."""
    client = Client()
    client.force_login(anna)
    made = client.post(f"/board/{stages[0].pipeline_id}/deals/", {"title": "Site @ Secret company", "stage": stages[0].pk})
    assert made.status_code == 201
    deal = Deal.objects.latest("id")
    assert (deal.company.name, deal.company.owner, deal.company_id == secret.company_id) == ("Secret company", anna, False)


@pytest.mark.django_db
def test_notes_follow_their_record(anna: User, boris: User, clara: User, secret: Deal, denis: User) -> None:
    note = add_note(record="deal", record_id=secret.pk, body="hush", by=denis)
    for stranger in (anna, boris, clara):
        with pytest.raises(Http404):
            delete_note(note_id=note.pk, by=stranger)
    assert Note.objects.count() == 1 and not Task.objects.exists()


@pytest.mark.django_db
def test_giving_a_deal_away_gives_the_sight_of_it_away(anna: User, denis: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    api = client_of(anna)
    given = api.patch(f"/api/v1/deals/{deal.pk}/", {"owner": denis.pk}, format="json")
    assert given.status_code == 200 and given.json()["team"] == denis.team_id
    assert api.get(f"/api/v1/deals/{deal.pk}/").status_code == 404
    assert client_of(denis).get(f"/api/v1/deals/{deal.pk}/").status_code == 200
    assert list(DealTerms.objects.filter(deal=deal).order_by("id").values_list("owner", flat=True)) == [anna.pk, denis.pk]


@pytest.mark.django_db
def test_a_revoked_key_is_no_key(anna: User, stages: list[Stage]) -> None:
    api = client_of(anna)
    assert api.get("/api/v1/deals/").status_code == 200
    ApiKey.objects.update(revoked_at=timezone.now())
    assert api.get("/api/v1/deals/").status_code == 401
    assert post(api, "deals/", {"title": "x", "stage": stages[0].pk}).status_code == 401
    assert not Deal.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer \xff\xfe", "Basic YTpi", "bearer vk_" + "x" * 5000, "Bearer a b c", "Token x"]
)
def test_rubbish_in_place_of_a_key_is_refused(header: str, stages: list[Stage]) -> None:
    assert Client().get("/api/v1/deals/", headers={"Authorization": header}).status_code == 401


@pytest.mark.django_db
def test_a_new_password_ends_the_other_sessions(anna: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(anna)
    assert elsewhere.get("/profile/").status_code == 200
    anna.set_password("another long one 9")
    anna.save(update_fields=["password"])
    assert elsewhere.get("/profile/").status_code == 302


@pytest.mark.django_db
def test_a_session_without_the_forms_token_changes_nothing(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    tries = {
        f"/deals/{deal.pk}/moves/": {"stage": stages[1].pk},
        f"/deals/{deal.pk}/outcomes/": {"outcome": "won"},
        f"/deals/{deal.pk}/fields/": {"field": "title", "value": "x"},
        f"/board/{stages[0].pipeline_id}/deals/": {"title": "x", "stage": stages[0].pk},
        "/profile/": {"name": "x"},
        "/language/": {"language": "ru"},
        "/accounts/logout/": {},
    }
    for path, body in tries.items():
        assert client.post(path, body).status_code == 403, path
    api = {f"/api/v1/deals/{deal.pk}/moves/": {"stage": stages[1].pk}, "/api/v1/deals/": {"title": "x", "stage": stages[0].pk}}
    for path, body in api.items():
        assert client.post(path, body, content_type="application/json").status_code == 403, path
    deal.refresh_from_db()
    assert (deal.title, deal.stage, deal.outcome, Deal.objects.count()) == ("A deal", stages[0], "", 1)
    assert client.get("/profile/").status_code == 200


# Live streams, over the real web server.


@pytest.mark.django_db(transaction=True)
def test_signing_out_ends_the_stream(live_stack: Any, anna: User, stages: list[Stage]) -> None:
    client = Client()
    client.force_login(anna)
    with stream(live_stack, stages[0].pipeline_id, anna) as response:
        events = heard(response)
        assert next(events)[0] == "hello"
        client.post("/accounts/logout/")
        with pytest.raises(StopIteration):
            while next(events):
                pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{url}"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 400),
    ],
)
def test_a_stream_is_for_our_own_pages(live_stack: Any, anna: User, stages: list[Stage], headers: dict[str, str], status: int) -> None:
    connection = HTTPConnection(urlsplit(live_stack.url).netloc, timeout=10)
    try:
        sent = {name: value.format(url=live_stack.url) for name, value in headers.items()}
        connection.request("GET", f"/events/pipeline/{stages[0].pipeline_id}/", headers={"Cookie": session_of(anna)} | sent)
        response = connection.getresponse()
        assert (response.status, response.getheader("Access-Control-Allow-Origin")) == (status, None)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path",
    [
        "/events/",
        "/events/pipeline/",
        "/events/pipeline/x/",
        "/events/pipeline/1,/",
        "/events/pipeline/" + "9" * 19 + "/",
        "/events/pipeline/" + "1," * 20 + "1/",
        "/events/deal/1/",
    ],
)
def test_there_are_no_other_streams(live_stack: Any, anna: User, path: str) -> None:
    connection = HTTPConnection(urlsplit(live_stack.url).netloc, timeout=10)
    try:
        connection.request("GET", path, headers={"Cookie": session_of(anna)})
        assert connection.getresponse().status == 404
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_somebody_switched_off_gets_no_stream(live_stack: Any, anna: User, stages: list[Stage]) -> None:
    cookie = session_of(anna)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    connection = HTTPConnection(urlsplit(live_stack.url).netloc, timeout=10)
    try:
        connection.request("GET", f"/events/pipeline/{stages[0].pipeline_id}/", headers={"Cookie": cookie})
        assert connection.getresponse().status == 204
    finally:
        connection.close()
