"""The first start: one link, one admin, once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.http import Http404
from django.test import Client

from crm import first_run
from crm.demo import DEMO_LOGINS, DEMO_PASSWORD
from crm.models import Event, Organisation, Role, User
from tests.factories import make_user

ANSWERS = {
    "name": "Olga Admin",
    "email": "Olga@Voronka.example",
    "password": "a long one 77",
    "organisation": "Ромашка",
    "time_zone": "Asia/Yekaterinburg",
    "currency": "RUB",
    "language": "ru",
}
pytestmark = pytest.mark.django_db


def fresh_link() -> str:
    """The path in the ready line."""
    (line,) = first_run.ready_lines()
    found = re.search(r"(/first-run/[\w-]{40,}/)$", line)
    assert found
    return found[1]


def test_link_of_the_ready_line_makes_the_first_admin_who_is_signed_in(client: Client) -> None:
    link = fresh_link()
    page = client.get(link)
    assert page.status_code == 200 and 'name="organisation"' in page.content.decode()
    anonymous = client.session.session_key
    answer = client.post(link, ANSWERS)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/settings/pipelines/new/")
    user = User.objects.get()
    assert (user.email, user.name, user.role, user.language) == ("olga@voronka.example", "Olga Admin", Role.ADMIN, "ru")
    assert user.check_password(ANSWERS["password"])
    organisation = Organisation.current()
    assert (organisation.name, organisation.time_zone, organisation.currency) == ("Ромашка", "Asia/Yekaterinburg", "RUB")
    assert client.session["_auth_user_id"] == str(user.pk) and client.session.session_key != anonymous
    assert Event.objects.filter(type="organisation.set_up", actor=user).exists()
    assert client.get("/settings/").status_code == 200


def test_link_works_once(client: Client) -> None:
    link = fresh_link()
    client.post(link, ANSWERS)
    other = Client()
    assert other.get(link).status_code == 404
    assert other.post(link, ANSWERS | {"email": "second@voronka.example"}).status_code == 404
    assert User.objects.count() == 1 and Organisation.current().first_run == ""


def test_new_start_makes_the_old_link_useless(client: Client) -> None:
    old, new = fresh_link(), fresh_link()
    assert old != new
    assert client.post(old, ANSWERS).status_code == 404
    assert client.get(new).status_code == 200


@pytest.mark.parametrize("token", ["x", "", "0" * 43])
def test_guessed_link_is_nothing(client: Client, token: str) -> None:
    fresh_link()
    assert client.get(f"/first-run/{token}/").status_code == 404


def test_before_any_start_the_empty_hash_is_no_key(client: Client) -> None:
    Organisation.objects.create(id=1)
    assert client.get("/first-run/anything/").status_code == 404


def test_only_the_hash_of_the_link_is_kept() -> None:
    token = fresh_link().split("/")[2]
    assert token not in Organisation.current().first_run


def test_bad_answers_come_back_with_what_was_typed(client: Client) -> None:
    link = fresh_link()
    answer = client.post(link, ANSWERS | {"password": "pw-5x", "time_zone": "Mars/Base", "email": "no address"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Ромашка" in page and "no address" in page and "pw-5x" not in page
    assert not User.objects.exists()
    assert client.post(link, ANSWERS).status_code == 302


def test_sign_in_page_says_how_the_first_admin_is_made(client: Client) -> None:
    assert "one-time link" in client.get("/accounts/login/").content.decode()
    make_user("Somebody")
    assert 'name="email"' in client.get("/accounts/login/").content.decode()


def test_imported_owners_do_not_count_as_somebody(client: Client) -> None:
    make_user("Old Owner", is_active=False)
    assert first_run.is_waiting()
    assert client.post(fresh_link(), ANSWERS).status_code == 302


def test_nothing_to_say_once_there_is_somebody() -> None:
    link = fresh_link()
    make_user("Somebody")
    assert first_run.ready_lines() == []
    assert Organisation.current().first_run == ""
    assert Client().get(link).status_code == 404


def test_ready_lines_of_a_demo_tell_its_logins_as_long_as_they_open() -> None:
    Organisation.objects.create(id=1, has_sample_data=True)
    for login in DEMO_LOGINS:
        User.objects.create_user(login.email, DEMO_PASSWORD, name=login.name, role=login.role)
    User.objects.filter(email="boris@demo.example").update(is_active=False)
    anna = User.objects.get(email="anna@demo.example")
    anna.set_password("her own now 1")
    anna.save()
    lines = "\n".join(first_run.ready_lines())
    assert DEMO_PASSWORD in lines and "clara@demo.example" in lines and "admin@demo.example" in lines
    assert "boris@" not in lines and "anna@" not in lines
    Organisation.objects.update(has_sample_data=False)
    assert first_run.ready_lines() == []


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_admin() -> None:
    token = fresh_link().split("/")[2]

    def try_it(number: int) -> str:
        try:
            return first_run.make_first_admin(token=token, **ANSWERS | {"email": f"admin{number}@voronka.example"}).email
        except Http404:
            return "nothing"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(try_it, range(4)))
    assert results.count("nothing") == 3 and User.objects.count() == 1
