"""What a deal's amount is made of, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pipeline.models.deals import MAX_AMOUNT, Deal
from pipeline.models.products import MAX_TAX, Product

CENT = Decimal("0.01")
MAX_QUANTITY = Decimal("999999999.999")
HUNDRED = Decimal(100)
# What an editor sees of a line, and what the mark that guards an edit is made of.
MARKED = ("product_id", "name", "unit", "quantity", "price", "discount", "discount_kind", "tax_rate")


class DiscountKind(models.TextChoices):
    """How a discount is told: a share of the line, or a sum off the whole line."""

    PERCENT = "percent", _("%")
    AMOUNT = "amount", _("off the line")


@dataclass(frozen=True)
class Sums:
    """What a line, or several, come to: before the discount, the discount, without tax, the tax, with tax."""

    gross: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    total: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.gross + other.gross, self.discount + other.discount, self.net + other.net, self.tax + other.tax, self.total + other.total
        )


def money(value: Decimal) -> Decimal:
    """To the hundredth, halves away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


def sums_of(*, quantity: Decimal, price: Decimal, discount: Decimal, discount_kind: str, tax_rate: Decimal, tax_included: bool) -> Sums:
    """What one line comes to, exactly.

    Each line is rounded to hundredths on its own, halves upwards, and the document adds up what it shows, so that a reader who adds
    the column gets the total. So the European norm for invoices has it (EN 16931: BR-DEC-23 two decimals for each line's net amount,
    BR-CO-10 the sum of rounded lines, exactly), and Russian invoices, which tell every figure in roubles and kopecks (Government decree
    1137 of 26.12.2011, annex 1, II, 3). Where prices include the tax, the tax is rounded and the net amount is what is left of the
    total: what was agreed with the client never changes by a rounding.
    """
    gross = money(quantity * price)
    off = money(gross * discount / HUNDRED) if discount_kind == DiscountKind.PERCENT else discount
    left = gross - off
    if tax_included:
        tax = money(left * tax_rate / (HUNDRED + tax_rate))
        return Sums(gross, off, left - tax, tax, left)
    tax = money(left * tax_rate / HUNDRED)
    return Sums(gross, off, left, tax, left + tax)


class LineItem(models.Model):
    """One line of a deal, in the deal's currency; `net`, `tax` and `total` follow from the rest (`sums_of`).

    A deal whose amount comes from its items has exactly the sum of their totals as its amount: a deferred trigger of the database
    (migration "line items") refuses a commit that would have it otherwise.
    """

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="items", db_index=False)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=200)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    quantity = models.DecimalField(
        _("quantity"),
        max_digits=12,
        decimal_places=3,
        default=1,
        validators=[MinValueValidator(Decimal("0.001")), MaxValueValidator(MAX_QUANTITY)],
    )
    price = models.DecimalField(
        _("price"), max_digits=15, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(MAX_AMOUNT)]
    )
    discount = models.DecimalField(
        _("discount"), max_digits=15, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(MAX_AMOUNT)]
    )
    discount_kind = models.CharField(_("kind of discount"), max_length=7, choices=DiscountKind, default=DiscountKind.PERCENT)
    tax_rate = models.DecimalField(
        _("tax, %"), max_digits=5, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(MAX_TAX)]
    )
    tax_included = models.BooleanField(default=True, editable=False)
    net = models.DecimalField(max_digits=15, decimal_places=2, editable=False)
    tax = models.DecimalField(max_digits=15, decimal_places=2, editable=False)
    total = models.DecimalField(max_digits=15, decimal_places=2, editable=False)

    class Meta:
        ordering = ["deal", "position", "id"]
        verbose_name = _("line item")
        constraints = [
            models.UniqueConstraint(fields=["deal", "position"], name="line_item_position_once", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=Q(quantity__gt=0, quantity__lte=MAX_QUANTITY), name="line_item_quantity_sane"),
            models.CheckConstraint(condition=Q(price__gte=0, price__lte=MAX_AMOUNT), name="line_item_price_sane"),
            models.CheckConstraint(
                condition=Q(discount__gte=0) & (Q(discount_kind="amount") | Q(discount_kind="percent", discount__lte=100)),
                name="line_item_discount_sane",
            ),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=MAX_TAX), name="line_item_tax_percent"),
            models.CheckConstraint(
                condition=Q(net__gte=0, tax__gte=0, total__lte=MAX_AMOUNT, total=F("net") + F("tax")), name="line_item_sums_agree"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sums(self) -> Sums:
        """What the line comes to."""
        return sums_of(
            quantity=self.quantity,
            price=self.price,
            discount=self.discount,
            discount_kind=self.discount_kind,
            tax_rate=self.tax_rate,
            tax_included=self.tax_included,
        )
