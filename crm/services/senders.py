"""Who wrote: the contact whose e-mail or phone it is, else a new one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.utils.translation import gettext as _

from crm import events
from crm.models import Contact, Organisation, Team, User
from crm.models.contacts import ContactQuerySet
from crm.phones import read_phone
from crm.queries.reach import find_by_email, find_by_phone

MIN_DIGITS = 7


@dataclass(frozen=True)
class Sender:
    """A person as a message names them; what is no address or number is left out of it."""

    name: str = ""
    email: str = ""
    phone: str = ""

    @classmethod
    def read(cls, *, sender: str = "", name: str = "", email: str = "", phone: str = "") -> Sender:
        """From the parts that were given; `sender` may be “Name <address>”, an address, a number or a mere name."""
        called, address = parseaddr(sender)
        email = _mail(email) or _mail(address)
        phone = phone.strip()[:40] if _digits(phone) else sender.strip()[:40] if not email and _is_number(sender) else ""
        name = name.strip() or (called.strip() if email else "" if phone else sender.strip())
        return cls(name[:200], email, phone)

    @property
    def title(self) -> str:
        """What a new contact is called."""
        return self.name or self.email.split("@")[0] or self.phone or _("Unknown sender")

    @property
    def words(self) -> str:
        """As a message shows its sender."""
        reach = self.email or self.phone
        return f"{self.name} <{reach}>" if self.name and reach else self.name or reach


def find_sender(sender: Sender, among: ContactQuerySet) -> Contact | None:
    """The contact with this e-mail, else with this phone, the longest known one; two queries at most."""
    if sender.email and (found := find_by_email(among, sender.email).order_by("pk").first()):
        return found
    if not sender.phone:
        return None
    return find_by_phone(among, sender.phone, region=Organisation.current().country).order_by("pk").first()


def find_or_add_sender(sender: Sender, *, among: ContactQuerySet, team: Team | None, by: User | None) -> Contact:
    """The contact who wrote; nobody of that address becomes a new contact of the team, for whoever takes it first.

    Two messages of one stranger at once make one contact: the second waits for the first.
    """
    phone = read_phone(sender.phone, Organisation.current().country) if sender.phone else ""
    lock(f"sender {sender.email or phone or sender.name}")
    found = find_sender(sender, among)
    if found is None:
        emails = [{"address": sender.email, "label": ""}] if sender.email else []
        phones = [{"number": phone, "label": ""}] if phone else []
        found = Contact.objects.create(name=sender.title, emails=emails, phones=phones, owner=None, team=team)
        events.record("contact.created", record="contact", record_id=found.pk, by=by)
    return found


def lock(name: str) -> None:
    """Hold this name until the transaction ends; whoever wants it too waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _mail(text: str) -> str:
    text = text.strip().lower()
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text if len(text) <= 254 else ""


def _digits(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return digits if len(digits) >= MIN_DIGITS else ""


def _is_number(text: str) -> bool:
    return bool(_digits(text)) and not re.search(r"[^\d\s()+.\-/;a-z]", text.lower())
