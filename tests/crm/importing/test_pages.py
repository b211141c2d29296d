"""The pages of an import: dropping a file, choosing, watching, the refused rows, taking it back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm import jobs
from crm.importing.reader import prepare, read_rows
from crm.models import Contact, ImportBatch, MappingMemory, User
from tests.factories import make_import

pytestmark = pytest.mark.django_db
TEXT = "Person;Почта;Since;=Odd\nАнна;anna@b.example;01/02/2026;=1+1\nBroken;nobody@;01/02/2026;+7\n"


@pytest.fixture(autouse=True)
def no_breath(settings: Any) -> None:
    settings.JOBS_BREATH = 0


def drop(client: Client, text: str = TEXT, name: str = "people.csv", **fields: str) -> ImportBatch:
    answer = client.post("/import/", {"file": SimpleUploadedFile(name, text.encode()), **fields})
    assert answer.status_code == 302, answer.content.decode()
    return ImportBatch.objects.latest("id")


def test_from_the_file_to_the_result_and_back(anna: User, client: Client) -> None:
    client.force_login(anna)
    batch = drop(client)
    page = client.get(f"/import/{batch.pk}/").content.decode()
    assert 'value="contact" aria-pressed="true"' in page and "</svg>Companies</button>" in page
    assert "people.csv" in page and "Import 1 row" in page and "1 will be refused" in page
    chosen = {
        "column-0": "name||",
        "column-1": "email|work|",
        "column-2": "created_at||",
        "column-3": "note||",
        "dates-2": "mdy",
        "duplicates": "skip",
        "automation": "simulate",
    }
    answer = client.post(f"/import/{batch.pk}/choices/", chosen, headers={"HX-Request": "true"}).content.decode()
    assert "month first: 12/31" in answer and answer.lstrip().startswith("<div")
    assert client.post(f"/import/{batch.pk}/start/", chosen).status_code == 302
    assert "Waits for its turn" in client.get(f"/import/{batch.pk}/").content.decode()
    jobs.run_waiting()
    page = client.get(f"/import/{batch.pk}/").content.decode()
    assert 'href="/contacts/">Contacts</a>' in page
    assert "1 of 2 rows came in" in page and "Added: 1 contact<" in page and "Row 3" in page and "Почта: “nobody@”" in page
    batch.refresh_from_db()
    assert (batch.duplicates, batch.automation) == ("skip", "simulate")
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.created_at.date().isoformat()) == ("Анна", "anna@b.example", "2026-01-01")
    assert client.post(f"/import/{batch.pk}/start/").status_code == 302 and Contact.objects.count() == 1
    client.post(f"/import/{batch.pk}/revert/")
    jobs.run_waiting()
    assert "All is as it was before." in client.get(f"/import/{batch.pk}/").content.decode() and not Contact.objects.exists()


def test_refused_rows_can_be_mended_and_come_in_again(anna: User, client: Client, tmp_path: Any) -> None:
    client.force_login(anna)
    batch = drop(client, "Name;Email;Notes\n=cmd|x;nobody@;-1+1\nAnna;anna@b.example;\n")
    client.post(f"/import/{batch.pk}/start/")
    jobs.run_waiting()
    answer = client.get(f"/import/{batch.pk}/refused/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    assert head == ["Name", "Email", "Notes", "Line", "Why it was refused"]
    assert row[:4] == ["'=cmd|x", "nobody@", "'-1+1", "2"] and row[4].startswith("Email: “nobody@”")
    again = drop(client, text.replace("nobody@", "somebody@b.example"), "refused.csv")
    client.post(f"/import/{again.pk}/start/")
    jobs.run_waiting()
    assert set(Contact.objects.values_list("name", flat=True)) == {"Anna", "=cmd|x"}
    (tmp_path / "source").write_text(text)
    assert [
        item.cells[0] for item, _place in read_rows(prepare(tmp_path / "source", "a.csv", tmp_path / "rows") and tmp_path / "rows")
    ] == ["'=cmd|x"]


def test_what_was_chosen_is_remembered_for_the_next_file_like_it(anna: User, boris: User, client: Client) -> None:
    client.force_login(anna)
    batch = drop(client, "Wer;Wo;Tel\nA;Tver;+7 916 000-00-00\n", kind="contact")
    assert [column["field"] for column in batch.mapping] == ["", "", ""]
    client.post(f"/import/{batch.pk}/choices/", {"column-0": "name||", "column-1": "city||", "column-9": "x"})
    assert [column["field"] for column in drop(client, "Wer;Wo;Tel\nB;Omsk;+7 916 000-00-01\n").mapping] == ["name", "city", ""]
    client.force_login(boris)
    assert [column["field"] for column in drop(client, "Wer;Wo;Tel\nB;Omsk;+7 916 000-00-01\n").mapping] == ["", "", ""]
    assert MappingMemory.objects.get().owner == anna


def test_another_kind_and_another_first_row(anna: User, client: Client, django_capture_on_commit_callbacks: Any) -> None:
    client.force_login(anna)
    batch = drop(client, "Name,City\nVektor,Tver\n")
    client.post(f"/import/{batch.pk}/choices/", {"kind": "company"})
    batch.refresh_from_db()
    assert batch.kind == "company"
    client.post(f"/import/{batch.pk}/choices/", {"header": "0"})
    batch.refresh_from_db()
    assert (batch.rows, batch.columns[0]["name"], batch.mapping[0]["field"]) == (2, "Column 1", "")
    assert client.post(f"/import/{batch.pk}/start/").status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/import/{batch.pk}/deletion/")
    assert not ImportBatch.objects.exists() and not batch.place.exists()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [("a.csv", b"", "empty"), ("a.pdf", b"%PDF-1.7 x", "neither a table"), ("a.xlsx", b"PK\x03\x04 broken", "damaged")],
)
def test_a_file_that_is_none_is_refused_in_words(anna: User, client: Client, name: str, data: bytes, words: str) -> None:
    client.force_login(anna)
    answer = client.post("/import/", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_file_beyond_the_limit_is_refused(anna: User, client: Client, settings: Any) -> None:
    settings.IMPORT_MAX_MB = 1
    client.force_login(anna)
    answer = client.post("/import/", {"file": SimpleUploadedFile("a.csv", b"Name\n" + b"x" * 1024**2)})
    assert answer.status_code == 422 and "larger than 1 MB" in answer.content.decode()


def test_an_import_is_its_owners_and_the_admins(anna: User, boris: User, admin: User, client: Client) -> None:
    batch = make_import(by=anna)
    for reader, status in ((anna, 200), (admin, 200), (boris, 404)):
        client.force_login(reader)
        assert client.get(f"/import/{batch.pk}/").status_code == status
        assert ("people.csv" in client.get("/import/").content.decode()) == (status == 200)
