"""What we sell: the catalogue that line items are taken from."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.models.organisation import currency_code
from pipeline.models.deals import MAX_AMOUNT
from pipeline.models.pipelines import LiveQuerySet

MAX_TAX = Decimal(100)


class Product(models.Model):
    """A good or a service with its usual price; a line item copies what it says, so a new price changes no old deal."""

    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(_("code"), max_length=40, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    price = models.DecimalField(
        _("price"), max_digits=15, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(MAX_AMOUNT)]
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    tax_rate = models.DecimalField(
        _("tax, %"), max_digits=5, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(MAX_TAX)]
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)

    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("product")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="product_name_once"),
            models.UniqueConstraint(Lower("code"), condition=~Q(code=""), name="product_code_once"),
            models.CheckConstraint(condition=Q(price__gte=0, price__lte=MAX_AMOUNT), name="product_price_sane"),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=MAX_TAX), name="product_tax_percent"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="product_currency_code"),
        ]

    def __str__(self) -> str:
        return self.name
