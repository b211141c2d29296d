"""The people who work here and their teams."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.names import initials
from crm.models.organisation import validate_zone


class Role(models.TextChoices):
    REP = "rep", _("Rep")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Admin")


class Team(models.Model):
    """A group of reps led by its managers; every record of a rep belongs to the rep's team."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    # Off by default: reps see their own deals. On: each rep of the team sees all of the team's.
    is_open = models.BooleanField(_("reps see all deals of the team"), default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)

    def active(self) -> models.QuerySet[User]:
        return self.filter(is_active=True)


class User(AbstractBaseUser):
    """Somebody who signs in by e-mail; an imported owner whom nobody bears stays inactive and without a password."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.REP)
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    language = models.CharField(_("language"), max_length=5, blank=True, choices=[("en", "English"), ("ru", "Русский")])
    # Empty: the organisation's.
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, default="", db_default="", validators=[validate_zone])
    gets_mail = models.BooleanField(_("reminders by mail too"), default=True, db_default=True)
    is_active = models.BooleanField(default=True)
    # What stands in this person's sidebar, in its order: ids of saved views, and standard ones as "contact:mine".
    # A column, since the user comes with every page anyway: a table of pins would cost each of them a query.
    pinned_views = ArrayField(models.CharField(max_length=80), default=list, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Two letters for a badge."""
        return initials(self.name or self.email)

    @property
    def is_manager(self) -> bool:
        return self.role == Role.MANAGER

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN
