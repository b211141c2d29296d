"""Companies and the people in them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.custom_fields import custom_index, custom_is_object, custom_values
from crm.models.names import initials
from crm.models.users import Team, User
from crm.models.visibility import OwnedQuerySet, branches
from crm.sight import grants

QUOTES = "«»„“”\"' "


def sort_key(name: str) -> str:
    """What `sort_name` holds for a name: any case, Ё beside Е, and a name in quotes stands where its first letter belongs."""
    return name.lstrip(QUOTES).translate(str.maketrans("Ёё", "Ее")).lower()


def sort_name_field() -> models.GeneratedField:
    """A name as lists order and search it: `sort_key`, kept by the database.

    A column rather than an index on an expression, so that one plain index gives the list, its keyset pages and its rights
    (owner or team first) in one order. The collation is that of bytes: Cyrillic without Ё is in order by its code points, and no
    new version of a library of locales, nor another server, ever sorts the index differently.
    """
    plain = Func(F("name"), Value(QUOTES), function="ltrim")
    yo = Func(plain, Value("Ёё"), Value("Ее"), function="translate")
    return models.GeneratedField(expression=Lower(yo), output_field=models.TextField(db_collation="C"), db_persist=True)


class ClientQuerySet(OwnedQuerySet):
    """Companies or contacts: own ones, and those that a visible record above leads to."""

    kind = ""

    def visible_to(self, user: User) -> Self:
        seen = self.ways_to_see(user)
        return self.filter(reduce(or_, seen)) if seen else self.none()

    def ways_to_see(self, user: User) -> list[Q]:
        """The viewer's rights as alternatives, one for each index."""
        seen = branches(user)
        return seen if seen in ([], [Q()]) else seen + [grant(user) for grant in grants[self.kind]]


class CompanyQuerySet(ClientQuerySet):
    kind = "company"


class ContactQuerySet(ClientQuerySet):
    kind = "contact"


class Client(models.Model):
    """What a company and a contact have in common: an owner and the owner's team."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL)
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)
    sort_name = sort_name_field()
    custom = custom_values()

    class Meta:
        abstract = True


class Company(Client):
    """An organisation that buys."""

    name = models.CharField(_("name"), max_length=200)
    website = models.URLField(_("website"), blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["sort_name", "id"]
        indexes = [
            models.Index(fields=["name", "id"]),
            models.Index(fields=["sort_name", "id"], name="company_by_name"),
            models.Index(fields=["owner", "sort_name", "id"], name="company_by_owner"),
            models.Index(fields=["team", "sort_name", "id"], name="company_by_team"),
            custom_index("company_by_custom"),
        ]
        constraints = [custom_is_object("company_custom_is_object")]

    def __str__(self) -> str:
        return self.name

    @property
    def link(self) -> str:
        """The website where it can be linked to: whatever was written by which door, a page never links to a script."""
        return self.website if self.website.lower().startswith(("http://", "https://")) else ""


class Contact(Client):
    """A person at a company, or on their own."""

    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    position = models.CharField(_("position"), max_length=120, blank=True)
    company = models.ForeignKey(
        Company, verbose_name=_("company"), null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["sort_name", "id"]
        indexes = [
            models.Index(fields=["name", "id"]),
            models.Index(fields=["sort_name", "id"], name="contact_by_name"),
            models.Index(fields=["owner", "sort_name", "id"], name="contact_by_owner"),
            models.Index(fields=["team", "sort_name", "id"], name="contact_by_team"),
            custom_index("contact_by_custom"),
        ]
        constraints = [custom_is_object("contact_custom_is_object")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Two letters for a badge."""
        return initials(self.name)
