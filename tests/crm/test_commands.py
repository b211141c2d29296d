"""Making users and keys from the command line."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crm.models import ApiKey, Event, User
from pipeline.models import Deal, Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def test_user_and_team_are_made() -> None:
    call_command("create_user", email="New@Voronka.example", password="long enough 7", role="manager", team="West", stdout=io.StringIO())
    user = User.objects.get(email="new@voronka.example")
    assert (user.role, user.team.name, user.check_password("long enough 7")) == ("manager", "West", True)


@pytest.mark.parametrize(("email", "password"), [("nonsense", "long enough 7"), ("a@voronka.example", "short")])
def test_bad_values_are_refused_in_words(email: str, password: str) -> None:
    with pytest.raises(CommandError):
        call_command("create_user", email=email, password=password, role="rep")
    assert not User.objects.exists()


def test_an_account_is_switched_off_and_on(anna: User) -> None:
    _row, key = ApiKey.issue(user=anna, name="shop")
    client, api = Client(), Client(headers={"Authorization": f"Bearer {key}"})
    client.force_login(anna)
    for switch, page, answer in (("inactive", 302, 401), ("active", 200, 200)):
        call_command("change_user", email=anna.email, **{switch: True}, stdout=io.StringIO())
        assert (client.get("/board/").status_code, api.get("/api/v1/deals/").status_code) == (page, answer)
    assert list(Event.objects.order_by("id").values_list("type", flat=True)) == ["user.deactivated", "user.activated"]


def test_the_only_admin_is_not_switched_off(admin: User) -> None:
    with pytest.raises(CommandError):
        call_command("change_user", email=admin.email, inactive=True)
    assert User.objects.get().is_active


def test_a_new_password_signs_out_who_had_the_old_one(anna: User, client: Client) -> None:
    client.force_login(anna)
    call_command("change_user", email=anna.email, password="quite another 9", stdout=io.StringIO())
    assert User.objects.get().check_password("quite another 9") and client.get("/board/").status_code == 302


def test_a_revoked_key_works_no_more(anna: User) -> None:
    _row, key = ApiKey.issue(user=anna, name="shop")
    _other, kept = ApiKey.issue(user=anna, name="site")
    call_command("change_user", email=anna.email, revoke_key="shop", stdout=io.StringIO())
    statuses = [Client().get("/api/v1/deals/", headers={"Authorization": f"Bearer {each}"}).status_code for each in (key, kept)]
    assert statuses == [401, 200]
    with pytest.raises(CommandError):
        call_command("change_user", email=anna.email, revoke_key="shop")


def test_a_team_is_opened_and_closed(anna: User, boris: User, stages: list[Stage]) -> None:
    make_deal(by=boris)
    for switch, seen in (("open", 1), ("closed", 0)):
        call_command("change_team", name=anna.team.name, **{switch: True}, stdout=io.StringIO())
        assert Deal.objects.visible_to(User.objects.select_related("team").get(pk=anna.pk)).count() == seen
    with pytest.raises(CommandError):
        call_command("change_team", name="Nowhere", open=True)


def test_key_stands_alone_on_the_last_line_and_only_its_hash_is_kept(anna: User) -> None:
    out = io.StringIO()
    call_command("create_api_key", email=anna.email, name="test", stdout=out)
    key = out.getvalue().strip().splitlines()[-1]
    assert ApiKey.objects.get().hash == ApiKey.digest(key) and key not in ApiKey.objects.get().hash
