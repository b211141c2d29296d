"""Owners, companies, contacts and choices that a file names: found by name, else created."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import slugify

from crm.models import Company, Contact, Team, User
from pipeline.models import LostReason, Source

NO_MAIL = "imported.invalid"
Choice = TypeVar("Choice", Source, LostReason)


class Owners:
    """People by e-mail or name; nobody of that name becomes an inactive user without a way to sign in."""

    def __init__(self, names: Iterable[str]) -> None:
        self.people: dict[str, User] = {}
        # Active people last, so that they win over inactive namesakes.
        for user in User.objects.select_related("team").order_by("is_active", "-id"):
            self.people[user.name.casefold()] = user
            self.people[user.email.casefold()] = user
        for name in sorted(set(names) - {""}):
            if name.casefold() not in self.people:
                self.people[name.casefold()] = self._create(name)

    def get(self, name: str) -> User | None:
        return self.people.get(name.casefold()) if name else None

    def team_of(self, name: str) -> Team | None:
        user = self.get(name)
        return user.team if user else None

    def _create(self, name: str) -> User:
        try:
            validate_email(name)
            email = name
        except ValidationError:
            email = f"{slugify(name)[:60] or _mark(name)}@{NO_MAIL}"
            if email.casefold() in self.people:
                email = f"{slugify(name)[:60]}-{_mark(name)}@{NO_MAIL}"
        user = User.objects.create_user(email, name=name.split("@")[0] if email == name else name, is_active=False)
        self.people[user.email.casefold()] = user
        return user


def _mark(name: str) -> str:
    """A short stable stand-in for a name that has no Latin letters."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]


class Clients:
    """Companies by name, contacts by name and company; new ones belong to the owner of the first deal that names them."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        pairs = set(pairs)
        companies = Company.objects.filter(name__in={company for company, _ in pairs if company}).order_by("-id")
        self.companies = {company.name: company for company in companies}
        contacts = Contact.objects.filter(name__in={contact for _, contact in pairs if contact}).order_by("-id")
        self.contacts = {(contact.company_id, contact.name): contact for contact in contacts}

    def get(self, company_name: str, contact_name: str, owner: User | None) -> tuple[Company | None, Contact | None]:
        belongs = {"owner": owner, "team": owner.team if owner else None}
        company = self.companies.get(company_name)
        if company is None and company_name:
            company = self.companies[company_name] = Company.objects.create(name=company_name, **belongs)
        key = (company.pk if company else None, contact_name)
        contact = self.contacts.get(key)
        if contact is None and contact_name:
            contact = self.contacts[key] = Contact.objects.create(name=contact_name, company=company, **belongs)
        return company, contact


def find_or_create_sources(names: Iterable[str]) -> dict[str, Source]:
    """Sources by name or by a label in either language."""
    return _find_or_create(Source, names)


def find_or_create_lost_reasons(names: Iterable[str]) -> dict[str, LostReason]:
    """Lost reasons by name or by a label in either language."""
    return _find_or_create(LostReason, names)


def _find_or_create(model: type[Choice], names: Iterable[str]) -> dict[str, Choice]:
    choices = {name.casefold(): choice for choice in model.objects.all() for name in (*choice.labels.values(), choice.name)}
    found = {}
    for name in sorted(set(names) - {""}):
        if name.casefold() not in choices:
            choices[name.casefold()] = model.objects.create(name=name)
        found[name] = choices[name.casefold()]
    return found
