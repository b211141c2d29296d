"""The catalogue of products."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events
from crm.cleaning import clean
from crm.errors import Refused
from crm.marks import require_mark
from crm.models import User
from pipeline import rules
from pipeline.models import Product

EDITABLE = ("name", "code", "unit", "price", "currency", "tax_rate")


def add_product(*, values: dict[str, Any], by: User) -> Product:
    """Offer one more product; a name or code that another one has is refused."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        product = Product()
        _write(product, values)
        events.record("product.added", record="product", record_id=product.pk, by=by, name=product.name)
    return product


def edit_product(*, product_id: int, changes: dict[str, Any], by: User, mark: str = "") -> Product:
    """Change it; lines that were taken from it keep what they say. Older `mark`: Changed."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        product = _lock(product_id)
        require_mark(product, EDITABLE, mark)
        was = {name: str(getattr(product, name)) for name in EDITABLE}
        _write(product, changes)
        product.refresh_from_db()
        changed = {name: [was[name], str(getattr(product, name))] for name in EDITABLE if was[name] != str(getattr(product, name))}
        if changed:
            events.record("product.edited", record="product", record_id=product.pk, by=by, changes=changed)
    return product


def archive_product(*, product_id: int, by: User) -> Product:
    """Offer it no longer; deals keep their lines."""
    return _set_archived(product_id, by, archived=True)


def restore_product(*, product_id: int, by: User) -> Product:
    """Offer it again."""
    return _set_archived(product_id, by, archived=False)


def _set_archived(product_id: int, by: User, *, archived: bool) -> Product:
    with transaction.atomic():
        rules.require(by, "settings.change")
        product = _lock(product_id)
        if bool(product.archived_at) != archived:
            product.archived_at = timezone.now() if archived else None
            product.save(update_fields=["archived_at"])
            events.record(f"product.{'archived' if archived else 'restored'}", record="product", record_id=product.pk, by=by)
    return product


def _lock(product_id: int) -> Product:
    product = Product.objects.select_for_update(no_key=True).filter(pk=product_id).first()
    if product is None:
        raise Http404(_("This entry doesn't exist."))
    return product


def _write(product: Product, values: dict[str, Any]) -> None:
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    for field, value in values.items():
        setattr(product, field, value.strip() if isinstance(value, str) else value)
    product.currency = product.currency.upper()
    clean(product)
    try:
        with transaction.atomic():
            product.save()
    except IntegrityError as error:
        name = product.code if "product_code_once" in str(error) else product.name
        raise Refused(_("“%(name)s” is in the list already.") % {"name": name}) from None
