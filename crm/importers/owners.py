"""Whose the imported records are: people by name or e-mail, as far as the importing person may give records to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.text import slugify

from crm.models import User

NO_MAIL = "imported.invalid"


def possible_owners(by: User) -> list[User]:
    """To whom this person may give records: a rep to herself, a manager to the team, an admin to anybody; active or not. One query."""
    if by.is_admin:
        return list(User.objects.select_related("team").order_by("is_active", "-id"))
    if by.is_manager and by.team_id:
        return list(User.objects.select_related("team").filter(team=by.team_id).order_by("is_active", "-id"))
    return [by]


class Owners:
    """Finds the owner that a cell names. `chosen` maps names to ids; an admin's file may name people who have left, and they are added
    as inactive users without a way to sign in, so that figures by owner survive."""

    def __init__(self, by: User, chosen: Mapping[str, Any], *, is_preview: bool = False) -> None:
        self.by, self.is_preview = by, is_preview
        self.chosen = {name.casefold(): owner for name, owner in chosen.items()}
        self.created: list[User] = []
        people = possible_owners(by)
        self.by_id = {person.pk: person for person in people}
        self.by_name: dict[str, User] = {}
        # Active people come last, so that they win over namesakes who have left.
        for person in people:
            self.by_name[person.name.casefold()] = person
            self.by_name[person.email.casefold()] = person

    def find(self, name: str) -> User | None:
        """Whoever the name means, without adding anybody."""
        key = " ".join(name.split()).casefold()
        if (wanted := self.chosen.get(key)) is not None and (person := self.by_id.get(wanted)):
            return person
        return self.by_name.get(key)

    def get(self, name: str) -> User:
        """Whoever the name means; an unknown one of an admin's file becomes an inactive user, of others' files the importing person."""
        name = " ".join(name.split())
        if not name:
            return self.by
        if person := self.find(name):
            return person
        return self._add(name) if self.by.is_admin and self.chosen.get(name.casefold()) is None else self.by

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Those whom nobody bears."""
        return [name for name in names if name.strip() and self.find(name) is None]

    def _add(self, name: str) -> User:
        if self.is_preview:
            return User(name=name[:120], is_active=False)
        mark = hashlib.sha256(name.encode()).hexdigest()[:10]
        email = name if "@" in name and len(name) < 200 else f"{slugify(name)[:60] or 'owner'}-{mark}@{NO_MAIL}"
        person = User.objects.filter(email__iexact=email).select_related("team").first()
        if person is None:
            person = User.objects.create_user(email, name=name.split("@")[0][:120], is_active=False)
            self.created.append(person)
        self.by_name[name.casefold()] = self.by_name[person.email.casefold()] = person
        self.by_id[person.pk] = person
        return person
