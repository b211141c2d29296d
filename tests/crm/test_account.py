"""The door: signing in and out, passwords, limits on tries, and what has no address."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.conf import settings as product
from django.core import mail
from django.core.cache import caches
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings

from config.cache import SharedCache
from crm.demo import DEMO_LOGINS, DEMO_PASSWORD
from crm.live import PREFIX
from crm.models import Organisation, User
from tests.factories import PASSWORD

LOGIN = "/accounts/login/"
pytestmark = pytest.mark.django_db


def sign_in(client: Client, user: User, password: str = PASSWORD, **fields: str):
    return client.post(LOGIN, {"email": user.email, "password": password, **fields})


def is_signed_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_email_and_password_open_the_door_and_the_session_is_a_new_one(client: Client, anna: User) -> None:
    client.get(LOGIN)
    client.session["x"] = 1
    client.session.save()
    before = client.session.session_key
    answer = sign_in(client, anna)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.session.session_key != before and is_signed_in(client)


def test_email_in_any_case(client: Client, anna: User) -> None:
    assert client.post(LOGIN, {"email": anna.email.upper(), "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("email", ["anna.arlova@voronka.example", "nobody@voronka.example"])
def test_wrong_password_and_unknown_address_sound_the_same(client: Client, anna: User, email: str) -> None:
    answer = client.post(LOGIN, {"email": email, "password": "wrong one 1"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "belong together" in page
    assert email in page and "wrong one 1" not in page
    assert not is_signed_in(client)


def test_inactive_people_stay_outside(client: Client, anna: User, admin: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    answer = sign_in(client, anna)
    assert answer.status_code in (200, 302) and not is_signed_in(client)
    assert answer.status_code == 200 or "switched off" in client.get(answer.headers["Location"]).content.decode()


def test_who_is_made_inactive_is_out_at_once(client: Client, anna: User) -> None:
    sign_in(client, anna)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("next_page", "lands"),
    [("/contacts/", "/contacts/"), ("https://evil.example/", "/"), ("//evil.example/", "/"), ("javascript:alert(1)", "/")],
)
def test_next_leads_within_the_own_site_only(client: Client, anna: User, next_page: str, lands: str) -> None:
    assert sign_in(client, anna, next=next_page).headers["Location"] == lands


def test_whoever_is_signed_out_is_asked_to_sign_in_and_comes_back(client: Client, anna: User) -> None:
    answer = client.get("/profile/")
    assert answer.status_code == 302 and answer.headers["Location"] == f"{LOGIN}?next=/profile/"
    assert 'value="/profile/"' in client.get(answer.headers["Location"]).content.decode()


def test_signing_out_takes_a_press_of_a_button(client: Client, anna: User) -> None:
    sign_in(client, anna)
    assert client.get("/accounts/logout/").status_code == 200 and is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_sign_in_needs_the_security_token(anna: User) -> None:
    assert sign_in(Client(enforce_csrf_checks=True), anna).status_code == 403


def test_nobody_signs_up_alone(client: Client, anna: User) -> None:
    assert "Accounts are made by an admin" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", {"email": "new@voronka.example", "password1": "long enough 7"})
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["account_email", "account_set_password", "account_confirm_email", "socialaccount_connections", "mfa_index", "mfa_authenticate"]
)
def test_pages_that_we_do_not_dress_have_no_address(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/3rdparty/", "/accounts/2fa/", "/accounts/"])
def test_nor_do_they_answer(client: Client, anna: User, path: str) -> None:
    assert client.get(path).status_code == 404


def test_new_password_by_mail_ends_old_sessions(client: Client, anna: User) -> None:
    other = Client()
    sign_in(other, anna)
    assert is_signed_in(other)
    asked = client.post("/accounts/password/reset/", {"email": anna.email})
    assert asked.headers["Location"] == "/accounts/password/reset/done/"
    (message,) = mail.outbox
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", message.body)
    assert link and message.to == [anna.email]
    answer = client.get(link[1])
    assert answer.status_code == 302  # the key goes out of the address
    form = client.get(answer.headers["Location"])
    assert 'name="password1"' in form.content.decode()
    done = client.post(answer.headers["Location"], {"password1": "fresh and long 8", "password2": "fresh and long 8"})
    assert done.headers["Location"] == "/accounts/password/reset/key/done/"
    assert "Password changed" in client.get(done.headers["Location"]).content.decode()
    assert not is_signed_in(other)
    assert not is_signed_in(client)
    assert sign_in(client, anna, "fresh and long 8").status_code == 302
    assert "no longer works" in Client().get(link[1]).content.decode()


def test_unknown_address_gets_the_same_answer_and_no_mail(client: Client, anna: User) -> None:
    asked = client.post("/accounts/password/reset/", {"email": "nobody@voronka.example"})
    assert asked.headers["Location"] == "/accounts/password/reset/done/"
    assert mail.outbox == []


def test_inactive_people_get_no_link(client: Client, anna: User, boris: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    client.post("/accounts/password/reset/", {"email": anna.email})
    assert mail.outbox == []


def test_mail_server_that_is_away_is_said(client: Client, anna: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = client.post("/accounts/password/reset/", {"email": anna.email})
    assert answer.status_code == 422 and "could not be sent" in answer.content.decode()


def test_mail_speaks_the_language_of_the_page(client: Client, anna: User) -> None:
    client.cookies[product.LANGUAGE_COOKIE_NAME] = "ru"
    client.post("/accounts/password/reset/", {"email": anna.email})
    assert re.search("[а-я]", mail.outbox[0].subject) and re.search("[а-я]", mail.outbox[0].body)


def test_changing_the_password_ends_the_other_sessions(client: Client, anna: User) -> None:
    other = Client()
    sign_in(client, anna)
    sign_in(other, anna)
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "fresh and long 8", "password2": "fresh and long 8"}
    )
    assert answer.headers["Location"] == "/profile/"
    assert is_signed_in(client) and not is_signed_in(other)


def test_weak_passwords_are_refused_in_words(client: Client, anna: User) -> None:
    sign_in(client, anna)
    answer = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "password", "password2": "password"})
    assert "too common" in answer.content.decode()


def limited(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = product.ACCOUNT_RATE_LIMITS or {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key"}


def test_five_wrong_passwords_close_the_door_for_every_process(
    client: Client, anna: User, boris: User, settings: Settings, redis_client: redis.Redis
) -> None:
    limited(settings)
    for _try in range(5):
        assert "belong together" in sign_in(client, anna, "wrong one 1").content.decode()
    assert "Too many attempts" in sign_in(client, anna).content.decode()
    # Another process has a cache object of its own, and reads the same count.
    caches["default"].own.clear()
    assert "Too many attempts" in sign_in(Client(), anna).content.decode()
    assert not is_signed_in(client)
    assert sign_in(client, boris).status_code == 302


def test_without_redis_people_sign_in_and_tries_are_still_counted(client: Client, anna: User, boris: User, settings: Settings) -> None:
    limited(settings)
    settings.CACHES = {"default": {"BACKEND": "config.cache.SharedCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    assert isinstance(caches["default"], SharedCache)
    caches["default"].clear()
    assert sign_in(client, boris).status_code == 302 and is_signed_in(client)
    for _try in range(5):
        sign_in(Client(), anna, "wrong one 1")
    assert "Too many attempts" in sign_in(Client(), anna).content.decode()
    caches["default"].clear()


def test_demo_logins_are_told_in_a_demo_only(client: Client, admin: User, settings: Settings) -> None:
    for login in DEMO_LOGINS[:2]:
        User.objects.create_user(login.email, DEMO_PASSWORD, name=login.name, role=login.role)
    settings.DEMO = True
    assert DEMO_PASSWORD not in client.get(LOGIN).content.decode()
    Organisation.objects.create(id=1, has_sample_data=True)
    page = client.get(LOGIN).content.decode()
    assert DEMO_PASSWORD in page and DEMO_LOGINS[0].email in page and DEMO_LOGINS[2].email not in page
    settings.DEMO = False
    assert DEMO_PASSWORD not in client.get(LOGIN).content.decode()


def test_profile_keeps_name_and_language(client: Client, anna: User) -> None:
    client.force_login(anna)
    answer = client.post("/profile/", {"name": "Анна Арлова", "language": "ru"})
    assert answer.status_code == 302 and answer.cookies[product.LANGUAGE_COOKIE_NAME].value == "ru"
    anna.refresh_from_db()
    assert (anna.name, anna.language) == ("Анна Арлова", "ru")
    assert client.get("/profile/").headers["Content-Language"] == "ru"


def test_profile_refuses_an_empty_name_and_changes_nothing_else(client: Client, anna: User) -> None:
    client.force_login(anna)
    answer = client.post("/profile/", {"name": "  ", "language": "", "role": "admin", "is_active": "", "email": "x@y.example"})
    assert answer.status_code == 422
    client.post("/profile/", {"name": "Anna", "language": "", "role": "admin", "email": "x@y.example"})
    anna.refresh_from_db()
    assert (anna.role, anna.email, anna.is_active) == ("rep", "anna.arlova@voronka.example", True)


def test_new_password_closes_open_streams(
    client: Client, anna: User, redis_client: redis.Redis, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    client.force_login(anna)
    with redis_client.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(f"{PREFIX}kick")
        channel.get_message(timeout=1)
        with django_capture_on_commit_callbacks(execute=True):
            fields = {"oldpassword": PASSWORD, "password1": "fresh and long 8", "password2": "fresh and long 8"}
            assert client.post("/accounts/password/change/", fields).status_code == 302
        assert json.loads(channel.get_message(timeout=5)["data"]) == {"user": anna.pk}


def test_password_once_more_for_what_needs_it(client: Client, anna: User) -> None:
    sign_in(client, anna)
    assert "Forgot" not in client.get("/accounts/reauthenticate/").content.decode()
    assert client.post("/accounts/reauthenticate/", {"password": "wrong one 1"}).status_code == 200
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
