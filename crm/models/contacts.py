"""Companies and the people in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.among import named
from crm.models.custom_fields import custom_index, custom_is_object, custom_values
from crm.models.names import initials
from crm.models.search import SearchEntry
from crm.models.tags import tags_field
from crm.models.users import Team, User
from crm.models.visibility import OwnedQuerySet, branches
from crm.sight import grants

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

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


def list_field(label: StrOrPromise) -> models.JSONField:
    """A list of small objects of which the first is the main one; `crm.reach` names their keys and reads what is typed."""
    return models.JSONField(label, default=list, db_default=[], blank=True)


def first_of(path: str, label: StrOrPromise) -> models.GeneratedField:
    """The main one of a list as a column of its own, kept by the database: what lists sort, search and show."""
    expression = Coalesce(KT(path), Value(""), output_field=models.TextField())
    return models.GeneratedField(verbose_name=label, expression=expression, output_field=models.TextField(), db_persist=True)


class Consent(models.TextChoices):
    """Whether somebody has agreed to be written to; saying nothing is neither yes nor no."""

    UNKNOWN = "unknown", _("Unknown")
    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Refused")


class ClientQuerySet(OwnedQuerySet):
    """Companies or contacts: own ones, and those that a visible record above leads to."""

    kind = ""

    def ways_to_see(self, user: User) -> list[Q]:
        seen = branches(user)
        return seen if seen in ([], [Q()]) else seen + [grant(user) for grant in grants[self.kind]]

    def walks(self, user: User) -> list[Q]:
        """Own ones, and instead of asking every record above what it leads to, those that carry its mark (docs/adr/0007). One query."""
        seen = branches(user)
        if seen in ([], [Q()]) or not grants[self.kind]:
            return seen
        return [*seen, named(SearchEntry.objects.filter(kind=self.kind).lent_to(user))]


class CompanyQuerySet(ClientQuerySet):
    kind = "company"


class ContactQuerySet(ClientQuerySet):
    kind = "contact"


LISTS = ("emails", "phones", "addresses", "links")


class Client(models.Model):
    """What a company and a contact have in common: an owner and the owner's team, how to reach them, and whether one may."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL)
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)
    sort_name = sort_name_field()
    custom = custom_values()
    emails = list_field(_("e-mails"))
    phones = list_field(_("phones"))
    addresses = list_field(_("addresses"))
    links = list_field(_("links"))
    email = first_of("emails__0__address", _("e-mail"))
    phone = first_of("phones__0__number", _("phone"))
    city = first_of("addresses__0__city", _("city"))
    tags = tags_field()
    consent = models.CharField(_("consent"), max_length=8, choices=Consent, default=Consent.UNKNOWN, db_default=Consent.UNKNOWN)
    consent_at = models.DateTimeField(_("consent since"), null=True, blank=True)
    consent_source = models.CharField(_("source of the consent"), max_length=200, blank=True, default="", db_default="")
    do_not_contact = models.BooleanField(_("do not contact"), default=False, db_default=False)
    do_not_contact_at = models.DateTimeField(_("do not contact since"), null=True, blank=True)
    do_not_contact_source = models.CharField(_("who said so"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        abstract = True
        indexes = [
            GinIndex(fields=["emails"], opclasses=["jsonb_path_ops"], name="%(class)s_by_email"),
            GinIndex(fields=["phones"], opclasses=["jsonb_path_ops"], name="%(class)s_by_phone"),
            # The newest, through each of a viewer's rights.
            models.Index(fields=["created_at", "id"], name="%(class)s_by_age"),
            models.Index(fields=["owner", "created_at", "id"], name="%(class)s_by_owner_age"),
            models.Index(fields=["team", "created_at", "id"], name="%(class)s_by_team_age"),
            # Most carry no tag, and then cost nothing here.
            GinIndex(fields=["tags"], condition=~Q(tags=[]), name="%(class)s_by_tag"),
        ]
        constraints = [
            *(
                models.CheckConstraint(
                    condition=Q(Exact(Func(F(field), function="jsonb_typeof", output_field=models.TextField()), Value("array"))),
                    name=f"%(class)s_{field}_are_a_list",
                )
                for field in LISTS
            ),
            models.CheckConstraint(
                condition=Q(consent__in=("given", "refused")) | Q(consent="unknown", consent_at=None, consent_source=""),
                name="%(class)s_consent_known",
            ),
            models.CheckConstraint(
                condition=Q(do_not_contact=True) | Q(do_not_contact=False, do_not_contact_at=None, do_not_contact_source=""),
                name="%(class)s_do_not_contact",
            ),
        ]


class Company(Client):
    """An organisation that buys."""

    name = models.CharField(_("name"), max_length=200)
    website = models.URLField(_("website"), blank=True)

    objects = CompanyQuerySet.as_manager()

    class Meta(Client.Meta):
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["sort_name", "id"]
        indexes = [
            *Client.Meta.indexes,
            models.Index(fields=["name", "id"]),
            models.Index(fields=["sort_name", "id"], name="company_by_name"),
            models.Index(fields=["owner", "sort_name", "id"], name="company_by_owner"),
            models.Index(fields=["team", "sort_name", "id"], name="company_by_team"),
            custom_index("company_by_custom"),
        ]
        constraints = [*Client.Meta.constraints, custom_is_object("company_custom_is_object")]

    def __str__(self) -> str:
        return self.name

    @property
    def link(self) -> str:
        """The website where it can be linked to: whatever was written by which door, a page never links to a script."""
        return self.website if self.website.lower().startswith(("http://", "https://")) else ""


class Contact(Client):
    """A person at a company, or on their own."""

    name = models.CharField(_("name"), max_length=200)
    position = models.CharField(_("position"), max_length=120, blank=True)
    company = models.ForeignKey(
        Company, verbose_name=_("company"), null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )

    objects = ContactQuerySet.as_manager()

    class Meta(Client.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["sort_name", "id"]
        indexes = [
            *Client.Meta.indexes,
            models.Index(fields=["name", "id"]),
            models.Index(fields=["sort_name", "id"], name="contact_by_name"),
            models.Index(fields=["owner", "sort_name", "id"], name="contact_by_owner"),
            models.Index(fields=["team", "sort_name", "id"], name="contact_by_team"),
            custom_index("contact_by_custom"),
        ]
        constraints = [*Client.Meta.constraints, custom_is_object("contact_custom_is_object")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Two letters for a badge."""
        return initials(self.name)
