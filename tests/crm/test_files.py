"""Files: kept by content, taken for what they are, handed out as files alone."""

from __future__ import annotations

import base64
import os
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm import files
from crm.files import path_of, sniff
from crm.models import Attachment, User
from crm.services import attachments
from crm.services.attachments import add_file, delete_file, restore_file, sweep_files, tidy_name
from pipeline.models import Deal, Stage
from tests.factories import make_deal
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def deal(anna: User, stages: list[Stage]) -> Deal:
    return make_deal(by=anna)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "FILES_DIR", tmp_path / "files")


def upload(client: Client, deal: Deal, *contents: tuple[str, bytes, str]) -> Any:
    sent = [SimpleUploadedFile(name, content, kind) for name, content, kind in contents]
    return client.post(reverse("record_files", args=["deal", deal.pk]), {"file": sent})


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (PNG, "a.html", "image/png"),
        (b"\xff\xd8\xff\xe0", "a.jpg", "image/jpeg"),
        (b"GIF89a<script>alert(1)</script>", "a.gif", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a.webp", "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", "text/plain"),
        (b"<!doctype html><script>alert(1)</script>", "a.png", "text/plain"),
        (b"%PDF-1.7", "a.txt", "application/pdf"),
        (b"PK\x03\x04..", "a.XLSX", files.OFFICE["xlsx"]),
        (b"PK\x03\x04..", "a.exe", "application/zip"),
        ("Привет".encode() * 2000, "a.txt", "text/plain"),
        ("Привет".encode("cp1251"), "a.txt", "application/octet-stream"),
        (b"MZ\0\0", "a.png", "application/octet-stream"),
    ],
)
def test_a_type_is_found_in_the_content_alone(content: bytes, name: str, found: str) -> None:
    assert sniff(content[: files.HEAD], name) == found


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\Счёт № 5.pdf", "Счёт № 5.pdf"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("...", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
    ],
)
def test_a_name_becomes_one_that_can_be_shown(given: str, kept: str) -> None:
    assert tidy_name(given) == kept


def test_a_file_is_added_shown_downloaded_deleted_and_brought_back(anna: User, deal: Deal, client: Client) -> None:
    client.force_login(anna)
    answer = upload(client, deal, ("Фото.png", PNG, "text/html"))
    assert answer.status_code == 200
    added = Attachment.objects.get()
    assert (added.content_type, added.size, added.is_picture) == ("image/png", len(PNG), True)
    page = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "Фото.png" in page
    assert reverse("file_picture", args=[added.pk]) in page
    got = client.get(reverse("file", args=[added.pk]))
    assert b"".join(got.streaming_content) == PNG
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Cache-Control"] == "no-store"
    seal = delete_file(file_id=added.pk, by=anna)
    assert client.get(reverse("file", args=[added.pk])).status_code == 404
    restore_file(seal=seal, by=anna)
    assert client.get(reverse("file", args=[added.pk])).status_code == 200


def test_a_page_in_disguise_is_handed_out_as_text_and_never_shown(anna: User, deal: Deal, client: Client) -> None:
    client.force_login(anna)
    upload(client, deal, ("evil.html", b"<script>alert(1)</script>", "text/html"), ("evil.svg", b"<svg onload=alert(1)>", "image/svg+xml"))
    for found in Attachment.objects.all():
        got = client.get(reverse("file", args=[found.pk]))
        assert got.headers["Content-Type"] == "text/plain"
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert client.get(reverse("file_picture", args=[found.pk])).status_code == 404


def test_whoever_does_not_see_the_deal_does_not_see_its_files(anna: User, boris: User, clara: User, deal: Deal, client: Client) -> None:
    added = add_file(record="deal", record_id=deal.pk, name="offer.png", chunks=[PNG], by=anna)
    doors = [reverse(name, args=[added.pk]) for name in ("file", "file_picture")]
    client.force_login(boris)
    assert {client.get(door).status_code for door in doors} == {404}
    assert upload(client, deal, ("a.png", PNG, "image/png")).status_code == 404
    assert client.post(reverse("file_deletion", args=[added.pk])).status_code == 404
    client.force_login(clara)
    assert {client.get(door).status_code for door in doors} == {200}
    assert client.post(reverse("file_deletion", args=[added.pk])).status_code == 422
    client.logout()
    assert {client.get(door).status_code for door in doors} == {302}


def test_too_much_is_refused_and_leaves_nothing(anna: User, deal: Deal, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAX_FILE_SIZE", 1024**2)
    client.force_login(anna)
    assert upload(client, deal, ("big.bin", b"\0" * (1024**2 + 1), "x/y")).status_code == 422
    assert upload(client, deal, ("empty.txt", b"", "text/plain")).status_code == 422
    assert upload(client, deal).status_code == 422
    assert upload(client, deal, *[("a.txt", b"a", "text/plain")] * 21).status_code == 422
    assert not Attachment.objects.exists()
    assert [place for place in settings.FILES_DIR.rglob("*") if place.is_file()] == []


def test_the_same_content_lies_there_once_and_goes_with_its_last_row(anna: User, deal: Deal) -> None:
    one, two = (add_file(record="deal", record_id=deal.pk, name=name, chunks=[PNG], by=anna) for name in ("a.png", "b.png"))
    place = path_of(one.sha256)
    assert one.sha256 == two.sha256

    def age() -> None:
        os.utime(place, (time.time() - 2 * files.GRACE,) * 2)

    delete_file(file_id=one.pk, by=anna)
    age()
    assert sweep_files() == 0
    seal = delete_file(file_id=two.pk, by=anna)
    assert sweep_files() == 0  # an undo may still come
    restore_file(seal=seal, by=anna)
    delete_file(file_id=two.pk, by=anna)
    age()
    assert sweep_files() == 1
    assert not place.exists()


def test_files_through_the_api(anna: User, boris: User, deal: Deal) -> None:
    api = client_of(anna)
    about = {"record": "deal", "record_id": deal.pk}
    made = api.post("/api/v1/files/", about | {"name": "a.txt", "content": base64.b64encode(b"hi").decode()}, format="json")
    assert (made.status_code, made.json()["content_type"], made.json()["size"]) == (201, "text/plain", 2)
    sent = api.post("/api/v1/files/", about | {"file": SimpleUploadedFile("b.png", PNG)}, format="multipart")
    assert (sent.status_code, sent.json()["content_type"]) == (201, "image/png")
    assert len(api.get(f"/api/v1/files/?record=deal&record_id={deal.pk}").json()["results"]) == 2
    got = api.get(f"/api/v1/files/{made.json()['id']}/content/")
    assert b"".join(got.streaming_content) == b"hi"
    assert client_of(boris).get(f"/api/v1/files/{made.json()['id']}/content/").status_code == 404
    assert api.post("/api/v1/files/", about | {"name": "a", "content": "%%%"}, format="json").status_code == 400
    assert api.post("/api/v1/files/", {"file": SimpleUploadedFile("b.png", PNG)}, format="multipart").status_code == 400


def test_a_row_without_its_content_is_deleted_and_no_empty_file_made(anna: User, deal: Deal) -> None:
    attachment = add_file(record="deal", record_id=deal.pk, name="a.png", chunks=[PNG], by=anna)
    place = path_of(attachment.sha256)
    place.unlink()
    delete_file(file_id=attachment.pk, by=anna)
    assert not Attachment.objects.exists()
    assert not place.exists()


def test_a_picture_is_asked_for_again_and_lost_rights_count_at_once(anna: User, boris: User, deal: Deal, client: Client) -> None:
    added = add_file(record="deal", record_id=deal.pk, name="a.png", chunks=[PNG], by=anna)
    address = reverse("file_picture", args=[added.pk])
    client.force_login(anna)
    shown = client.get(address)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "private, no-cache")
    known = {"If-None-Match": shown.headers["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    Deal.objects.update(owner=boris)
    assert client.get(address, headers=known).status_code == 404


def test_contents_are_swept_some_at_a_time(anna: User, deal: Deal, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    monkeypatch.setattr(attachments, "SWEPT_AT_ONCE", 2)
    kept = add_file(record="deal", record_id=deal.pk, name="a.png", chunks=[PNG], by=anna)
    left = [files.keep([f"left {number}".encode()]) for number in range(4)]
    for each in (kept, *left):
        os.utime(path_of(each.sha256), (time.time() - 2 * files.GRACE,) * 2)
    with django_assert_num_queries(4):
        assert sweep_files() == 4
    assert path_of(kept.sha256).exists()
