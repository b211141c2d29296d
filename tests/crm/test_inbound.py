"""Secret addresses: what comes in through them, once, and nothing to whoever guesses."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.errors import Forbidden
from crm.models import Attachment, Channel, Contact, InboundHook, Message, Team, User
from crm.services.clients import save_client
from crm.services.inbound import create_hook, revoke_hook
from crm.services.messages import record_message
from crm.views import inbound

pytestmark = pytest.mark.django_db
Made = tuple[InboundHook, str]


@pytest.fixture
def made(admin: User, north: Team) -> Made:
    return create_hook(name="Site", channel=Channel.FORM, team=north, by=admin)


def send(token: str, content: Any, **headers: str) -> Any:
    """As a program does: no session, no cookie."""
    raw = json.dumps(content) if isinstance(content, dict) else content
    return Client(enforce_csrf_checks=True).post(reverse("inbound", args=[token]), raw, content_type="application/json", headers=headers)


def test_an_inquiry_becomes_a_message_of_a_new_contact_of_the_team(made: Made, boris: User, denis: User) -> None:
    content = {
        "Name": "Ольга",
        "E-mail": "Olga@Neva.example",
        "phone": "8 916 123-45-67",
        "message": "How much?",
        "utm_source": "ad",
        "n": 5,
    }
    assert send(made[1], content).status_code == 201
    message = Message.objects.get()
    olga = Contact.objects.get()
    assert (olga.name, olga.email, olga.phone, olga.owner) == ("Ольга", "olga@neva.example", "+79161234567", None)
    assert (message.record, message.record_id, message.channel, message.is_unanswered) == ("contact", olga.pk, "form", True)
    assert message.sender == "Ольга <olga@neva.example>"
    assert message.body == "How much?\n\nutm_source: ad\nn: 5"
    assert Contact.objects.visible_to(boris).exists()
    assert not Contact.objects.visible_to(denis).exists()
    assert InboundHook.objects.get().last_used_at is not None


def test_forms_and_nested_json_are_read_too(made: Made) -> None:
    sent = Client().post(
        reverse("inbound", args=[made[1]]),
        "your-name=Ivan+Petrov&your-email=ivan%40x.example&your-message=Hi%0D%0Athere&subject=Racks",
        content_type="application/x-www-form-urlencoded",
    )
    assert sent.status_code == 201
    assert send(made[1], {"contact": {"email": "ivan@x.example", "first_name": "Ivan"}, "tags": ["a", "b"], "ok": True}).status_code == 201
    first, second = Message.objects.order_by("id")
    assert (first.subject, first.body, second.body) == ("Racks", "Hi\nthere", "tags: a, b\nok: true")
    assert Contact.objects.get().name == "Ivan Petrov"


def test_a_contact_of_any_team_is_known(made: Made, denis: User) -> None:
    known = save_client(model=Contact, by=denis, name="Petr", email="petr@vektor.example")
    answer = send(made[1], {"email": "petr@vektor.example", "text": "Hello"})
    assert (answer.status_code, answer.json()) == (201, {"ok": True})
    assert Message.objects.get().record_id == known.pk
    assert Contact.objects.count() == 1


def test_a_delivery_that_is_repeated_is_the_same_message(made: Made) -> None:
    content = {"email": "a@b.example", "message": "Once"}
    assert [send(made[1], content).status_code for _turn in range(3)] == [201, 200, 200]
    assert [send(made[1], content, **{"Idempotency-Key": key}).status_code for key in ("1", "1", "2")] == [201, 200, 201]
    assert [send(made[1], content | {"message_id": 7}).status_code for _turn in range(2)] == [201, 200]
    # A proxy numbers every try anew.
    assert [send(made[1], content, **{"X-Request-Id": number}).status_code for number in "ab"] == [200, 200]
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert send(made[1], content).status_code == 201  # who asks the same again days later asks again
        assert send(made[1], content | {"message_id": 7}).status_code == 200
    assert Message.objects.count() == 5


@pytest.mark.parametrize(
    "frame", [{"form": {"id": 12, "title": "Contact"}}, {"form": {"message_id": 12}}, {"id": 12}, {"message_id": 12}, {"uuid": "x"}]
)
def test_other_words_are_another_inquiry_whatever_number_they_bear(made: Made, frame: dict[str, Any]) -> None:
    for name in ("Ivan", "Olga"):
        fields = {"name": name, "email": f"{name.lower()}@x.example", "message": f"hello from {name}"}
        assert send(made[1], frame | {"fields": fields}).status_code == 201
    assert [contact.name for contact in Contact.objects.order_by("pk")] == ["Ivan", "Olga"]
    assert "hello from Olga" in Message.objects.latest("pk").body


def test_nobody_elses_ids_hide_an_inquiry(made: Made, anna: User) -> None:
    hook, token = made
    content = {"email": "a@b.example", "message_id": "m1"}
    assert send(token, content).status_code == 201
    taken = Message.objects.get()
    _own, is_new = record_message(channel=hook.channel, direction="in", by=anna, sender="c@d.example", external_id=taken.external_id)
    assert is_new
    assert send(token, content).status_code == 200
    assert Message.objects.count() == 2


def test_whoever_guesses_or_comes_too_late_finds_nothing(made: Made, admin: User) -> None:
    hook, token = made
    for wrong in ("x", token[:-1], token.swapcase(), "0" * 64, hook.hash):
        assert send(wrong, {"email": "a@b.example"}).status_code == 404
    revoke_hook(hook_id=hook.pk, by=admin)
    assert send(token, {"email": "a@b.example"}).status_code == 404
    assert Client().get(reverse("inbound", args=[token])).status_code == 405
    assert not Message.objects.exists()
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a": "\xff"}', "application/json", 400),
        (b"x=1&" * 300, "application/x-www-form-urlencoded", 400),
        (b"hello", "text/plain", 415),
        (b"<a/>", "application/xml", 415),
        (b"", "", 415),
        (b'{"a": "' + b"x" * 300_000 + b'"}', "application/json", 413),
    ],
)
def test_rubbish_is_refused_in_words(made: Made, raw: bytes, content_type: str, status: int) -> None:
    answer = Client().generic("POST", reverse("inbound", args=[made[1]]), raw, content_type=content_type)
    assert (answer.status_code, "detail" in answer.json()) == (status, True)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"email": "not a mail", "phone": "12", "name": "x" * 5000, "message": "y" * 100_000},
        {"name": "a\0b", "message": "\ud800"},
        {"email": "<script>@x", "subject": "z" * 5000, "deep": {"a": {"b": {"c": {"d": 1}}}}},
        {"message": None, "email": ["a@b.example"], "id": {"x": 1}},
    ],
)
def test_nothing_that_was_asked_is_lost(made: Made, content: dict[str, Any]) -> None:
    assert send(made[1], content).status_code == 201
    assert Message.objects.get().record_id == Contact.objects.get().pk


def test_too_many_at_once_are_told_to_wait(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "PER_MINUTE", 2)
    answers = [send(made[1], {"email": "a@b.example", "id": number}) for number in range(3)]
    assert [answer.status_code for answer in answers[:1]] + [answers[-1].status_code] == [201, 429]
    assert answers[-1].headers["Retry-After"] == "60"


def test_an_admin_makes_and_closes_addresses(admin: User, clara: User, north: Team, client: Client) -> None:
    client.force_login(admin)
    page = client.post(reverse("settings_hooks"), {"name": "Site", "channel": "form", "team": north.pk})
    address = page.context["address"]
    token = address.rstrip("/").rsplit("/", 1)[-1]
    hook = InboundHook.objects.get()
    assert token not in (hook.hash, hook.prefix)
    assert token not in client.get(reverse("settings_hooks")).content.decode()
    assert send(token, {"email": "a@b.example"}).status_code == 201
    assert client.post(reverse("settings_hooks"), {"name": "", "channel": "smoke"}).status_code == 422
    client.post(reverse("hook_revocation", args=[hook.pk]))
    assert send(token, {"email": "a@b.example"}).status_code == 404
    client.force_login(clara)
    assert client.get(reverse("settings_hooks")).status_code == 404
    with pytest.raises(Forbidden):
        create_hook(name="x", channel="form", team=None, by=clara)


PARTS = (
    '--{edge}\r\nContent-Disposition: form-data; name="your-name"\r\n\r\nОльга\r\n'
    '--{edge}\r\nContent-Disposition: form-data; name="email"\r\n\r\nolga@neva.example\r\n'
    '--{edge}\r\nContent-Disposition: form-data; name="message"\r\n\r\nSee the file\r\n'
    '--{edge}\r\nContent-Disposition: form-data; name="cv"; filename="../Résumé.pdf"\r\nContent-Type: application/pdf\r\n\r\n{file}\r\n'
    "--{edge}--\r\n"
)


def send_form(token: str, edge: str, parts: str = PARTS, file: str = "%PDF-1.7") -> Any:
    raw = parts.format(edge=edge, file=file).encode()
    address = reverse("inbound", args=[token])
    return Client(enforce_csrf_checks=True).generic("POST", address, raw, content_type=f"multipart/form-data; boundary={edge}")


def test_a_form_in_parts_is_read_and_its_files_are_politely_refused(made: Made) -> None:
    answer = send_form(made[1], "aaa", file="x" * 3_000_000)
    assert (answer.status_code, answer.json()) == (201, {"ok": True, "files": "files are not kept here: send a link to them"})
    message = Message.objects.get()
    assert (message.sender, message.body) == (
        "Ольга <olga@neva.example>",
        "See the file\n\nRésumé.pdf: a file that came along and was not kept",
    )
    assert not Attachment.objects.exists()
    # Sent again, the lines between its parts are others.
    assert send_form(made[1], "bbb", file="x").status_code == 200 and Message.objects.count() == 1
    for edge, parts in (("a", "no parts"), ("", PARTS), ("a", PARTS.replace("{edge}--", ""))):
        assert send_form(made[1], edge, parts).status_code in (201, 400)
    assert send_form(made[1], "a", file="x" * 11 * 1024**2).status_code == 413


def test_the_limit_holds_when_many_come_at_once(made: Made) -> None:
    """Each counts in one step, so that of many at once none is missed."""
    with time_machine.travel(timezone.now(), tick=False), ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(lambda _turn: inbound._is_too_often(made[0].pk), range(200)))
    assert refused.count(False) == inbound.PER_MINUTE
