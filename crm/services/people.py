"""What an admin does to accounts: let somebody in, or no longer; open a team. And what people change about themselves."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import events, live
from crm.cleaning import clean
from crm.models import ApiKey, Team, User
from crm.services.zones import follow_own_zone
from crm.wall_clock import zone_of

PROFILE = ("name", "language", "time_zone", "gets_mail")


def switch_account(*, user: User, is_active: bool, by: User | None) -> None:
    """Let somebody sign in again, or no longer: pages, keys and open streams end at once, records keep their owner."""
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, is_active=not is_active).update(is_active=is_active):
            events.record(f"user.{'activated' if is_active else 'deactivated'}", record="user", record_id=user.pk, by=by)
            live.kick(user.pk)


def set_password(*, user: User, password: str, by: User | None) -> None:
    """Give somebody a new password; whoever is signed in with the old one is signed out."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        events.record("user.password_set", record="user", record_id=user.pk, by=by)
        live.kick(user.pk)


def revoke_keys(*, user: User, name: str, by: User | None) -> int:
    """Let the keys of that name work no more; how many there were."""
    with transaction.atomic():
        revoked = ApiKey.objects.filter(user=user, name=name, revoked_at=None).update(revoked_at=timezone.now())
        if revoked:
            events.record("api_key.revoked", record="user", record_id=user.pk, by=by, name=name)
    return revoked


def switch_team(*, team: Team, is_open: bool, by: User | None) -> None:
    """Let the team's reps see and work on each other's records, or no longer."""
    with transaction.atomic():
        if Team.objects.filter(pk=team.pk, is_open=not is_open).update(is_open=is_open):
            events.record(f"team.{'opened' if is_open else 'closed'}", record="team", record_id=team.pk, by=by)


def edit_profile(*, changes: dict[str, Any], by: User) -> User:
    """Change what people may about themselves. In another zone tasks keep their time of day and meetings their moment."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=by.pk)
        before = zone_of(user)
        for name in PROFILE:
            setattr(user, name, changes.get(name, getattr(user, name)))
        clean(user)
        user.save(update_fields=PROFILE)
        if (after := zone_of(user)) != before:
            follow_own_zone(user, before, after)
        events.record("user.edited", record="user", record_id=user.pk, by=by)
    return user
