"""Who has which part in a deal."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, live
from crm.errors import Refused
from crm.models import Contact, User
from pipeline.models import ContactRole, Deal, DealContact
from pipeline.services.hold import hold_deal

MAX_PEOPLE = 30


def put_person(*, deal_id: int, contact: Contact, role: ContactRole | None, by: User, origin: str = "") -> DealContact:
    """Give a contact whom the person sees a part in the deal, or another part than before; whoever sees the deal sees the contact."""
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        if not Contact.objects.visible_to(by).filter(pk=contact.pk).exists():
            raise Http404(_("This record doesn't exist, or you may not see it."))
        part = DealContact.objects.filter(deal=deal).select_related("role").filter(contact=contact).first()
        if part is None and DealContact.objects.filter(deal=deal).count() >= MAX_PEOPLE:
            raise Refused(_("A deal has at most %(count)s people.") % {"count": MAX_PEOPLE})
        if part is not None and part.role == role:
            return part
        if role is not None and role.archived_at:
            raise Refused(_("This role isn't offered any more. Choose another."))
        is_new = part is None
        part = part or DealContact(deal=deal, contact=contact)
        part.role = role
        part.save()
        _tell(deal, "contact_added" if is_new else "contact_role_changed", part, by, origin)
    return part


def remove_person(*, deal_id: int, contact_id: int, by: User, origin: str = "") -> DealContact:
    """They have no part in it any more; the answer is what was removed."""
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        part = DealContact.objects.filter(deal=deal).select_related("contact", "role").filter(contact=contact_id).first()
        if part is None:
            raise Refused(_("This isn't in the list any more. Reload the page."))
        part.delete()
        _tell(deal, "contact_removed", part, by, origin)
    return part


def _tell(deal: Deal, what: str, part: DealContact, by: User, origin: str) -> None:
    told = {"contact": part.contact_id, "title": part.contact.name, "role": part.role.name if part.role else ""}
    events.record(f"deal.{what}", record="deal", record_id=deal.pk, by=by, **told)
    live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)
