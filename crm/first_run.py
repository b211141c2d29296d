"""The first start: how the first admin comes in, and what the terminal says below its ready line."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from babel.core import get_global
from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import events
from crm.cleaning import clean
from crm.demo import DEMO_LOGINS, DEMO_PASSWORD
from crm.models import Organisation, Role, User

GONE = _("This link no longer works. If nobody has an account here yet, start Voronka again; it prints a new one.")


def is_waiting() -> bool:
    """Can nobody sign in yet?"""
    return not User.objects.active().exists()


def ready_lines() -> list[str]:
    """The one-time link when nobody can sign in, the demo's logins while it is there; asking makes every earlier link useless."""
    if is_waiting():
        return [f"Make the first admin here (works once): {settings.BASE_URL}{reverse('first_run', args=[_renew_link()])}"]
    with transaction.atomic():
        Organisation.objects.exclude(first_run="").update(first_run="")
    if not Organisation.current().has_sample_data:
        return []
    logins = [login for login in DEMO_LOGINS if _opens(login.email)]
    if not logins:
        return []
    width = max(len(login.email) for login in logins)
    people = [f"  {login.email:<{width}}  {login.name}, {login.role}{f' of team {login.team}' if login.team else ''}" for login in logins]
    return [f"Sign in to the demo with the password {DEMO_PASSWORD} as", *people]


def is_link_good(token: str) -> bool:
    """Is this the link of the latest start, with nobody here yet?"""
    return _matches(token, Organisation.current()) and is_waiting()


def make_first_admin(
    *, token: str, name: str, email: str, password: str, organisation: str, time_zone: str, currency: str, language: str
) -> User:
    """Make the first admin and set the organisation up; the link is spent.

    Of two at once the second finds nothing (Http404), as does whoever has another link.
    """
    with transaction.atomic():
        here = Organisation.locked()
        if not (_matches(token, here) and is_waiting()):
            raise Http404(str(GONE))
        here.name, here.time_zone, here.currency, here.language, here.first_run = organisation, time_zone, currency, language, ""
        here.country = get_global("zone_territories").get(time_zone) or here.country
        clean(here)
        here.save()
        user = User(email=email.lower(), name=name, role=Role.ADMIN, language=language)
        user.set_password(password)
        clean(user)
        user.save()
        events.record("organisation.set_up", record="organisation", record_id=here.pk, by=user)
    return user


def _renew_link() -> str:
    """A new secret, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        organisation = Organisation.locked()
        organisation.first_run = _digest(token)
        organisation.save(update_fields=["first_run"])
    return token


def _matches(token: str, organisation: Organisation) -> bool:
    return hmac.compare_digest(_digest(token), organisation.first_run)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _opens(email: str) -> bool:
    """Does the demo's password still open this account?"""
    user = User.objects.active().filter(email=email).first()
    return user is not None and user.check_password(DEMO_PASSWORD)
