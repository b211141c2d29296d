"""Who is behind an e-mail address or a telephone number, by any of theirs: one look into an index, no matter how many there are."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Q

from crm.models.contacts import ClientQuerySet
from crm.phones import read_phone

Clients = TypeVar("Clients", bound=ClientQuerySet)


def has_email(address: str) -> Q:
    """The condition that one of the addresses is this one, in any case."""
    return Q(emails__contains=[{"address": address.replace("\0", "").strip().lower()}])


def has_phone(number: str, region: str) -> Q:
    """The condition that one of the numbers is this one, however it is written."""
    return Q(phones__contains=[{"number": read_phone(number.replace("\0", ""), region)}])


def find_by_email(clients: Clients, address: str) -> Clients:
    """Those of these companies or contacts that have this address: `find_by_email(Contact.objects.visible_to(user), "a@b.example")`."""
    return clients.filter(has_email(address)) if address.strip() else clients.none()


def find_by_phone(clients: Clients, number: str, *, region: str) -> Clients:
    """Those of these companies or contacts that have this number; one without a country's code is read as the region's."""
    return clients.filter(has_phone(number, region)) if number.strip() else clients.none()
