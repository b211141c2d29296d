"""The cells of a line item as a person types them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from crm.errors import Refused
from crm.ids import read_id
from pipeline.models import DiscountKind, Product

TEXTS = ("name", "unit")
NUMBERS = ("quantity", "price", "tax_rate")
SPACES = re.compile(r"[\s\u00a0\u202f']")
PLAIN = re.compile(r"\d{1,15}(\.\d{1,8})?")


def read_item(asked: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, each in its own type; a name that is a product's brings the product. Refused with words when it makes no sense."""
    values: dict[str, Any] = {name: asked[name].replace("\0", "").strip()[:201] for name in TEXTS if name in asked}
    for name in NUMBERS:
        if asked.get(name, "").strip():
            values[name] = read_number(asked[name])
        elif name in asked and name != "quantity":
            values[name] = Decimal(0)
    if "discount" in asked:
        values |= _read_discount(asked["discount"])
    if asked.get("product", "").strip():
        values["product"] = _product(asked["product"])
    elif values.get("name") and (found := Product.objects.live().filter(name__iexact=values["name"]).first()):
        values["product"] = found
    return values


def read_number(text: str) -> Decimal:
    """`1 250,50` and `1,250.50` alike: the last comma or dot is the decimal sign, unless it parts thousands."""
    bare = SPACES.sub("", text)
    if "," in bare and "." in bare:
        thousands = "," if bare.rfind(",") < bare.rfind(".") else "."
        bare = bare.replace(thousands, "")
    bare = bare.replace(",", ".")
    if not bare.isascii() or not PLAIN.fullmatch(bare):
        raise Refused(_("“%(value)s” is no number. Write it like 1250.50.") % {"value": text.strip()[:40]})
    try:
        return Decimal(bare)
    except InvalidOperation:
        raise Refused(_("“%(value)s” is no number. Write it like 1250.50.") % {"value": text.strip()[:40]}) from None


def _read_discount(text: str) -> dict[str, Any]:
    """`10 %` is a share, `500` a sum off the line, nothing is none."""
    bare = text.strip()
    if not bare:
        return {"discount": Decimal(0), "discount_kind": DiscountKind.PERCENT}
    if bare.endswith("%"):
        return {"discount": read_number(bare[:-1]), "discount_kind": DiscountKind.PERCENT}
    return {"discount": read_number(bare), "discount_kind": DiscountKind.AMOUNT}


def _product(text: str) -> Product:
    found = Product.objects.live().filter(pk=read_id(text)).first()
    if found is None:
        raise Refused(_("This product isn't offered any more. Choose another."))
    return found
