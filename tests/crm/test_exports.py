"""Lists as files: what stands in them, under whose rights, at once and in the background, and back in by an import."""

from __future__ import annotations

import csv
import io
import os
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook

from crm import jobs
from crm.models import Company, Contact, CustomField, Event, ImportBatch, Job, User
from crm.services import exports
from crm.services.clients import save_client
from crm.services.exports import sweep_exports
from crm.services.imports import add_import, start_import
from pipeline.models import Deal, Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_breath(settings: Any, tmp_path: Any) -> None:
    settings.JOBS_BREATH = 0
    settings.DATA_DIR = tmp_path


def export(client: Client, user: User, kind: str, choice: str = "csv.shown", **query: str) -> Any:
    client.force_login(user)
    return client.post(f"/lists/{kind}/export/", {"query": urlencode(query), "choice": choice})


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def table(answer: Any, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig")), delimiter=separator))


def bring_back(data: bytes, name: str, by: User, kind: str) -> ImportBatch:
    batch = add_import(file=SimpleUploadedFile(name, data), by=by, kind=kind)
    start_import(batch_id=batch.pk, by=by)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.job is not None and (batch.job.error, batch.state) == ("", "done")
    return batch


def test_file_holds_what_the_list_shows_to_its_reader(anna: User, denis: User, client: Client) -> None:
    for name in ("Boris", "Anna", "Vera"):
        save_client(model=Contact, by=anna, name=name, position="Head, of sales")
    save_client(model=Contact, by=denis, name="Somebody else's")
    answer = export(client, anna, "contact", view="mine", columns="name,position", order="-name")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert table(answer) == [["Name", "Position"], *[[name, "Head, of sales"] for name in ("Vera", "Boris", "Anna")]]
    assert [row[0] for row in table(export(client, anna, "contact", text="Ver"))] == ["Name", "Vera"]
    assert table(export(client, denis, "contact"))[1][0] == "Somebody else's"
    told = Event.objects.filter(type="list.exported").latest("id")
    assert (told.payload["kind"], told.payload["rows"]) == ("contact", 1)


def test_no_cell_is_a_formula(anna: User, client: Client) -> None:
    for name in ("=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "http://evil.example"):
        save_client(model=Contact, by=anna, name=name)
    names = {row[0] for row in table(export(client, anna, "contact"))[1:]}
    assert names == {"'=1+1", "'+cmd|x", "'-2+3", "'@SUM(A1)", "http://evil.example"}
    data = content(export(client, anna, "contact", "xlsx.all"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert {row[0] for row in rows[1:]} == {"=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "http://evil.example"}
    assert b"<f>" not in data


def test_russian_files_open_by_a_double_click(anna: User, stages: list[Stage], client: Client) -> None:
    make_deal("Внедрение", by=anna, amount="1500.50", currency="RUB")
    client.cookies["django_language"] = "ru"
    data = content(export(client, anna, "deal", columns="title,amount"))
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").splitlines()[1] == "Внедрение;1500,50;RUB"


def fill(anna: User, stages: list[Stage]) -> None:
    CustomField.objects.create(kind="contact", key="size", labels={"en": "Shoe size", "ru": "Размер"}, type="number")
    CustomField.objects.create(kind="contact", key="since", labels={"en": "Client since", "ru": "Клиент с"}, type="date")
    vektor = save_client(
        model=Company, by=anna, name="Vektor", emails=[{"address": "info@v.example", "label": ""}], tags=["vip"], city="Tver"
    )
    person = save_client(
        model=Contact,
        by=anna,
        name="Anna Petrova",
        company=vektor,
        position="=Head",
        emails=[{"address": "a@v.example", "label": "work"}, {"address": "b@v.example", "label": "home"}],
        phones=[{"number": "+79161234567;ext=12", "label": "mobile"}, {"number": "+74951112233", "label": ""}],
        consent="refused",
    )
    Contact.objects.filter(pk=person.pk).update(custom={"size": "41.5", "since": "2020-02-03"})
    make_deal("Open one", by=anna, amount="1500.50", company=vektor, contact=person, stage=stages[1])


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_what_was_exported_comes_in_again(anna: User, admin: User, stages: list[Stage], client: Client, format: str, language: str) -> None:
    fill(anna, stages)
    client.cookies["django_language"] = language
    kinds = ("company", "contact", "deal")
    files = {kind: content(export(client, anna, kind, f"{format}.all")) for kind in kinds}
    models: dict[str, Any] = {"company": Company, "contact": Contact, "deal": Deal}
    names = (
        "name",
        "position",
        "emails",
        "phones",
        "consent",
        "custom",
        "city",
        "tags",
        "title",
        "amount",
        "currency",
        "stage_id",
        "owner_id",
    )

    def told(kind: str) -> list[dict[str, Any]]:
        rows = models[kind].objects.order_by("pk")
        return [{name: getattr(row, name) for name in names if hasattr(row, name)} for row in rows]

    before = {kind: told(kind) for kind in kinds}
    for kind in reversed(kinds):
        models[kind].objects.all().delete()
    with translation.override(language):
        for kind in kinds:
            batch = bring_back(files[kind], f"{kind}.{format}", anna, kind)
            assert batch.counts.get(f"refused.{kind}", 0) == 0 and batch.counts[f"created.{kind}"] == 1
    labelless = (
        [{**row, "label": ""} for row in before["contact"][0]["emails"]],
        [{**row, "label": ""} for row in before["contact"][0]["phones"]],
    )
    before["contact"][0]["emails"], before["contact"][0]["phones"] = labelless
    after = {kind: told(kind) for kind in kinds}
    for row in after["contact"][0]["emails"] + after["contact"][0]["phones"]:
        row["label"] = ""
    for kind in kinds:
        assert after[kind] == before[kind]
    assert Deal.objects.get().contact == Contact.objects.get() and Contact.objects.get().company == Company.objects.get()


def test_long_list_is_written_in_the_background(anna: User, boris: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    monkeypatch.setattr(exports, "CHUNK", 2)
    for number in range(5):
        save_client(model=Contact, by=anna, name=f"Person {number}")
    answer = export(client, anna, "contact", columns="name", order="-name")
    job = Job.objects.get()
    assert answer.status_code == 302 and answer.url == f"/exports/{job.pk}/"
    assert "Waits for its turn" in client.get(answer.url).content.decode()
    assert client.get(f"/exports/{job.pk}/file/").status_code == 404
    claimed = jobs.claim()
    assert claimed is not None and jobs.run_chunk(claimed)
    # A worker that died behind the first chunk left half a row.
    with (exports.place_of(job) / "rows").open("ab") as rows:
        rows.write(b'["Half')
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 5, 5), job.error
    assert "The file is ready" in client.get(answer.url).content.decode()
    found = client.get(f"/exports/{job.pk}/file/")
    assert [row[0] for row in table(found)] == ["Name", *[f"Person {number}" for number in (4, 3, 2, 1, 0)]]
    client.force_login(boris)
    assert [client.get(f"/exports/{job.pk}/{part}").status_code for part in ("", "file/")] == [404, 404]
    client.force_login(anna)
    old = time.time() - exports.KEPT.total_seconds() - 60
    os.utime(exports.place_of(job), (old, old))
    sweep_exports()
    assert client.get(f"/exports/{job.pk}/file/").status_code == 404
    assert "kept any more" in client.get(answer.url).content.decode()


def test_rights_count_when_the_rows_are_read(anna: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    save_client(model=Contact, by=anna, name="Was Anna's")
    export(client, anna, "contact")
    User.objects.filter(pk=anna.pk).update(is_active=False)
    jobs.run_waiting()
    assert Job.objects.get().state == "failed" and not (exports.place_of(Job.objects.get()) / "file").exists()


def test_nonsense_is_refused(anna: User, client: Client) -> None:
    assert export(client, anna, "nothing").status_code == 404
    assert export(client, anna, "contact", "pdf.all").status_code == 422
    assert export(client, anna, "contact", filter='{"field": "no", "op": "is"}').status_code == 422


def test_export_costs_as_many_queries_whatever_it_holds(
    anna: User, stages: list[Stage], client: Client, django_assert_num_queries: Any
) -> None:
    export(client, anna, "deal", "csv.all")
    for deals in (1, 20):
        for _ in range(deals):
            make_deal(by=anna)
        client.force_login(anna)
        with django_assert_num_queries(12):
            content(client.post("/lists/deal/export/", {"choice": "csv.all"}))
