"""The one organisation that runs this installation, and its exchange rates."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

currency_code = RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, like EUR."))


def country_code(code: str) -> None:
    """Refuse what is no country that has telephone numbers."""
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(_("“%(code)s” is no country's code, like DE."), params={"code": code})


def validate_zone(name: str) -> None:
    """Refuse a name that is no time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


class Organisation(models.Model):
    """Name, time zone and base currency; one row."""

    name = models.CharField(_("name"), max_length=120, default="Voronka")
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Moscow", validators=[validate_zone])
    currency = models.CharField(_("currency"), max_length=3, default="RUB", validators=[currency_code])
    language = models.CharField(_("language"), max_length=5, default="en", choices=[("en", "English"), ("ru", "Русский")])
    # Telephone numbers without a country's code are read as this country's.
    country = models.CharField(_("country"), max_length=2, default="RU", validators=[country_code])
    has_sample_data = models.BooleanField(default=False)
    # The hash of the one-time link by which the first admin is made; empty when there is none.
    first_run = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="organisation_is_one"),
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="organisation_currency_code"),
            models.CheckConstraint(condition=models.Q(country__regex=r"^[A-Z]{2}$"), name="organisation_country_code"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Organisation:
        """The row; its defaults before anybody has set it."""
        return cls.objects.filter(id=1).first() or cls(id=1)

    @classmethod
    def locked(cls) -> Organisation:
        """The row, made if need be, held until the transaction ends: whoever sets up or clears the installation goes one by one."""
        Organisation.objects.bulk_create([Organisation(id=1)], ignore_conflicts=True)
        return Organisation.objects.select_for_update().get(id=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def today(self, at: datetime | None = None) -> date:
        """The day in the organisation's zone at that instant (now)."""
        return (at or timezone.now()).astimezone(self.zone).date()


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the organisation's currency, from a day on."""

    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    since = models.DateField(_("since"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)

    class Meta:
        ordering = ["currency", "-since"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "since"], name="exchange_rate_once_a_day"),
            # PostgreSQL's NaN is greater than every number.
            models.CheckConstraint(condition=models.Q(rate__gt=0, rate__lt=10**10), name="exchange_rate_positive"),
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="exchange_rate_currency_code"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate} ({self.since})"
