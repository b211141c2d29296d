"""Files in and out by the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm import jobs
from crm.models import Contact, User
from crm.services.clients import save_client
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db
TEXT = "Who,Mail\nAnna,anna@b.example\nBroken,nobody@\n"


@pytest.fixture(autouse=True)
def no_breath(settings: Any, tmp_path: Any) -> None:
    settings.JOBS_BREATH = 0
    settings.DATA_DIR = tmp_path


def test_a_file_comes_in_and_is_taken_back(anna: User, boris: User) -> None:
    api = client_of(anna)
    answer = api.post("/api/v1/imports/", {"file": SimpleUploadedFile("people.csv", TEXT.encode()), "kind": "contact"}, format="multipart")
    assert answer.status_code == 201, answer.content
    draft = answer.json()
    assert (draft["state"], draft["rows"], draft["columns"]) == ("draft", 2, ["Who", "Mail"])
    address = f"/api/v1/imports/{draft['id']}/"
    wrong = api.post(f"{address}start/", {"mapping": [{"field": "shoe"}, {"field": "email"}]}, format="json")
    assert wrong.status_code == 400 and "shoe" in str(wrong.json())
    assert api.post(f"{address}start/", {"mapping": [{"field": "name"}]}, format="json").status_code == 400
    chosen = {"mapping": [{"field": "name"}, {"field": "email", "label": "work"}], "duplicates": "skip"}
    assert client_of(boris).post(f"{address}start/", chosen, format="json").status_code == 404
    assert api.post(f"{address}start/", chosen, format="json").json()["state"] == "running"
    jobs.run_waiting()
    state = api.get(address).json()
    assert (state["state"], state["done"], state["counts"]["created.contact"], state["counts"]["refused.contact"]) == ("done", 2, 1, 1)
    [row] = api.get(f"{address}refused/").json()["results"]
    assert row["line"] == 3 and row["cells"] == ["Broken", "nobody@"] and "nobody@" in row["reasons"][0]
    assert Contact.objects.get().emails == [{"address": "anna@b.example", "label": "work"}]
    assert api.post(f"{address}revert/").json()["state"] == "reverting"
    jobs.run_waiting()
    assert api.get(address).json()["state"] == "reverted" and not Contact.objects.exists()


def test_a_list_goes_out(anna: User, boris: User, denis: User) -> None:
    save_client(model=Contact, by=anna, name="Vera")
    save_client(model=Contact, by=denis, name="Somebody else's")
    api = client_of(anna)
    answer = api.post("/api/v1/exports/", {"kind": "contact", "fields": "shown", "columns": "name", "text": "Ver"}, format="json")
    assert answer.status_code == 201, answer.content
    address = f"/api/v1/exports/{answer.json()['id']}/"
    assert api.get(f"{address}file/").status_code == 404
    jobs.run_waiting()
    state = api.get(address).json()
    assert (state["state"], state["done"], state["is_there"]) == ("done", 1, True), state
    assert b"".join(api.get(f"{address}file/").streaming_content).decode("utf-8-sig").splitlines() == ["Name", "Vera"]
    assert client_of(boris).get(f"{address}file/").status_code == 404
    assert api.post("/api/v1/exports/", {"kind": "contact", "filter": "{"}, format="json").status_code in (400, 422)
    assert api.post("/api/v1/exports/", {"kind": "contact", "colums": "name"}, format="json").status_code == 400
