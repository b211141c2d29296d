"""Making users and keys from the command line."""

import io

import pytest
from django.core.management import CommandError, call_command

from crm.models import ApiKey, User

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


def test_key_stands_alone_on_the_last_line_and_only_its_hash_is_kept(anna: User) -> None:
    out = io.StringIO()
    call_command("create_api_key", email=anna.email, name="test", stdout=out)
    key = out.getvalue().strip().splitlines()[-1]
    assert ApiKey.objects.get().hash == ApiKey.digest(key) and key not in ApiKey.objects.get().hash
