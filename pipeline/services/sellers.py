"""The seller's letterhead on quotes."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import events
from crm.cleaning import clean
from crm.errors import Refused
from crm.marks import require_mark
from crm.models import Organisation, User
from pipeline import rules
from pipeline.models import Seller
from pipeline.models.quotes import MAX_LOGO
from pipeline.quote_pdf.render import NotSet, kind_of_logo
from pipeline.services.quotes import sample_pdf

EDITABLE = ("legal_name", "address", "tax_id", "bank", "reach", "header", "terms", "footer", "valid_days", "tax_included")


def edit_seller(*, changes: dict[str, Any], by: User, mark: str = "") -> Seller:
    """Change what stands on the quotes to come; those that are made stay as they are. Older `mark`: Changed."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        seller = _locked()
        require_mark(seller, EDITABLE, mark)
        was = {field: getattr(seller, field) for field in EDITABLE}
        for field in EDITABLE:
            value = changes.get(field, was[field])
            setattr(seller, field, value.replace("\r\n", "\n").strip() if isinstance(value, str) else value)
        clean(seller)
        changed = [field for field in EDITABLE if was[field] != getattr(seller, field)]
        if changed:
            seller.save(update_fields=changed)
            events.record("seller.edited", record="organisation", record_id=1, by=by, fields=changed)
    return seller


def set_logo(*, content: bytes | None, by: User) -> None:
    """Put a logo (PNG or JPEG) on the quotes to come, or none."""
    if content is not None and len(content) > MAX_LOGO:
        raise Refused(_("A logo has at most 300 KB."))
    if content is not None and not kind_of_logo(content):
        raise Refused(_("A logo is a PNG or JPEG picture."))
    rules.require(by, "settings.change")
    if content is not None:
        _require_readable(content, by)
    with transaction.atomic():
        seller = _locked()
        seller.logo = content
        seller.save(update_fields=["logo"])
        events.record("seller.logo_changed", record="organisation", record_id=1, by=by)


def _require_readable(content: bytes, by: User) -> None:
    """Have a sample set with it: a broken picture must not be found out by the first client."""
    try:
        sample_pdf(organisation=Organisation.current(), by=by, logo=content)
    except NotSet:
        raise Refused(_("This picture can't be read. Save it as PNG once more, and try that.")) from None


def _locked() -> Seller:
    Seller.objects.bulk_create([Seller(id=1)], ignore_conflicts=True)
    return Seller.objects.defer("logo").select_for_update().get(id=1)
