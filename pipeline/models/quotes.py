"""Quotes: what was offered, numbered without gaps, and the seller's letterhead that stands on them."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pipeline.models.deals import Deal

MAX_LOGO = 300_000


class Seller(models.Model):
    """How the organisation stands on its quotes, and how its prices are told; one row."""

    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    tax_id = models.CharField(_("tax id"), max_length=60, blank=True)
    bank = models.TextField(_("bank details"), blank=True, validators=[MaxLengthValidator(600)])
    reach = models.CharField(_("phone, mail, site"), max_length=200, blank=True)
    logo = models.BinaryField(null=True, editable=False)
    header = models.TextField(_("opening words"), blank=True, validators=[MaxLengthValidator(1000)])
    terms = models.TextField(_("terms"), blank=True, validators=[MaxLengthValidator(3000)])
    footer = models.TextField(_("closing words"), blank=True, validators=[MaxLengthValidator(500)])
    valid_days = models.PositiveSmallIntegerField(
        _("days a quote is valid"), default=14, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    tax_included = models.BooleanField(_("prices include the tax"), default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="seller_is_one")]

    def __str__(self) -> str:
        return self.legal_name

    @classmethod
    def current(cls) -> Seller:
        """The row without its logo; its defaults before anybody has set it."""
        return cls.objects.defer("logo").filter(id=1).first() or cls(id=1)


class QuoteCounter(models.Model):
    """The last number given in a year; whoever takes the next holds the row until the quote is written, so none is lost."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}/{self.last}"


class QuoteState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class Quote(models.Model):
    """An offer as it was made: `snapshot` holds every word and figure of it, so later edits of the deal change nothing here."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="quotes")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=QuoteState, default=QuoteState.DRAFT)
    language = models.CharField(max_length=2, choices=[("en", "English"), ("ru", "Русский")])
    issued_on = models.DateField()
    valid_until = models.DateField(_("valid until"))
    total = models.DecimalField(max_digits=15, decimal_places=2)
    currency = models.CharField(max_length=3)
    snapshot = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-year", "-number"]
        verbose_name = _("quote")
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="quote_number_once"),
            models.CheckConstraint(condition=Q(state__in=QuoteState.values), name="quote_state_known"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("issued_on")), name="quote_is_valid_for_a_while"),
            models.CheckConstraint(condition=Q(number__gt=0), name="quote_number_from_one"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The number as people write it: 2026-0042."""
        return f"{self.year}-{self.number:04d}"


class QuoteFile(models.Model):
    """The PDF of a quote, in the database: some thirty kilobytes that every web process finds and every backup takes along."""

    quote = models.OneToOneField(Quote, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.sha256[:12]
