"""Bad files through the page: refused in words, or brought in but for the rows that can't be, each told by its line."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm import jobs
from crm.models import Contact, ImportBatch, Note, Organisation, User
from tests.crm.importing.bad_files import REFUSED, TAKEN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_breath(settings: Any) -> None:
    settings.JOBS_BREATH = 0


def bring_in(client: Client, name: str, data: bytes, **chosen: str) -> ImportBatch:
    answer = client.post("/import/", {"file": SimpleUploadedFile(name, data), "kind": "contact"})
    assert answer.status_code == 302, answer.content.decode()
    batch = ImportBatch.objects.latest("id")
    assert client.get(f"/import/{batch.pk}/").status_code == 200
    assert client.post(f"/import/{batch.pk}/start/", chosen).status_code == 302
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.job is not None and (batch.state, batch.job.error) == ("done", "")
    return batch


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(anna: User, client: Client, name: str) -> None:
    client.force_login(anna)
    data, words = REFUSED[name]
    answer = client.post("/import/", {"file": SimpleUploadedFile(name, data)})
    assert (answer.status_code, words in answer.content.decode(), ImportBatch.objects.count()) == (422, True, 0)


@pytest.mark.parametrize("name", [name for name in TAKEN if name != "no names of columns.csv"])
def test_what_comes_in(anna: User, client: Client, name: str) -> None:
    client.force_login(anna)
    data, names, refused = TAKEN[name]
    batch = bring_in(client, name, data)
    assert list(Contact.objects.order_by("id").values_list("name", flat=True)) == names
    told = {row.line: " ".join(row.reasons) for row in batch.outcomes.filter(action="refused")}
    assert told.keys() == refused.keys() and all(words in told[line] for line, words in refused.items()), told
    page = client.get(f"/import/{batch.pk}/").content.decode()
    assert all(f"Row {line}" in page for line in refused)
    rows = b"".join(client.get(f"/import/{batch.pk}/refused/").streaming_content).decode("utf-8-sig").strip().splitlines()
    assert len(rows) == len(refused) + 1


def test_nothing_of_it_is_lost(anna: User, client: Client) -> None:
    client.force_login(anna)
    bring_in(client, "a.csv", TAKEN["quotes and lines.csv"][0])
    assert Note.objects.get().text == "one\ntwo, three"
    bring_in(client, "b.csv", TAKEN["phones.csv"][0])
    phones = dict(Contact.objects.filter(name__in="ABCDE").values_list("name", "phone"))
    assert phones == {"A": "+79161234567", "B": "+12025550143", "C": "+79161234568", "D": "123-45", "E": "none at all"}
    bring_in(client, "c.csv", TAKEN["dates.csv"][0])
    days = {
        day.astimezone(Organisation.current().zone).date().isoformat()
        for day in Contact.objects.filter(emails=[], phones=[]).values_list("created_at", flat=True)
    }
    assert days == {"2026-01-31"}
    bring_in(client, "d.csv", TAKEN["one name twice.csv"][0])
    twice = Contact.objects.get(name="Twice")
    assert [row["address"] for row in twice.emails] == ["one@b.example", "two@b.example"]


def test_a_file_without_names_of_columns(anna: User, client: Client) -> None:
    client.force_login(anna)
    data, _names, _refused = TAKEN["no names of columns.csv"]
    bring_in(client, "a.csv", data, **{"column-0": "name||", "column-1": "email||"})
    assert list(Contact.objects.order_by("id").values_list("name", "email")) == [
        ("Nameless", "nameless@b.example"),
        ("Other", "other@b.example"),
    ]


def test_another_sheet_can_be_chosen(anna: User, client: Client) -> None:
    client.force_login(anna)
    client.post("/import/", {"file": SimpleUploadedFile("book.xlsx", TAKEN["sheets.xlsx"][0])})
    batch = ImportBatch.objects.get()
    assert (batch.format["sheets"], batch.format["sheet"]) == (["Clients", "Empty", "More"], "Clients")
    page = client.get(f"/import/{batch.pk}/").content.decode()
    assert "<option selected>Clients</option><option>Empty</option>" in page and "Secret" not in page
    client.post(f"/import/{batch.pk}/choices/", {"sheet": "Secret"})
    assert client.post(f"/import/{batch.pk}/choices/", {"sheet": "Empty"}).status_code == 422
    client.post(f"/import/{batch.pk}/choices/", {"sheet": "More"})
    batch.refresh_from_db()
    assert (batch.rows, batch.format["sheet"], batch.columns[0]["examples"]) == (1, "More", ["Other Sheet"])
    client.post(f"/import/{batch.pk}/choices/", {"header": "0"})
    batch.refresh_from_db()
    assert (batch.rows, batch.format["sheet"]) == (2, "More")
