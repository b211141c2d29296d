"""The people of a deal: a section of its page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.errors import Refused
from crm.ids import read_id
from crm.models import Contact
from crm.views.activities import Told
from pipeline.deal_fields import read_contact
from pipeline.models import ContactRole, Deal
from pipeline.queries.deal_page import deal_for_page
from pipeline.services.deal_people import put_person, remove_person
from pipeline.views.board import tab_of
from pipeline.views.deals import field_parts, section_parts


@require_POST
@login_required
def create_person(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Somebody has a part in it: `name`, `role` (an id)."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=deal_id)
    contact = read_contact(request.POST.get("name", ""), deal, request.user)
    if contact is None:
        raise Refused(_("Say who: a contact's name."))
    part = put_person(deal_id=deal_id, contact=contact, role=_role(request), by=request.user, origin=tab_of(request))
    words = _("%(name)s has a part in this deal") % {"name": contact.name}
    return _answer(request, deal_id, Told(words, reverse("deal_person_removal", args=[deal_id, part.contact_id])))


@require_POST
@login_required
def change_person(request: HttpRequest, deal_id: int, contact_id: int) -> HttpResponse:
    """Another part, or again one: `role`."""
    get_object_or_404(Deal.objects.visible_to(request.user), pk=deal_id)
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_id)
    put_person(deal_id=deal_id, contact=contact, role=_role(request), by=request.user, origin=tab_of(request))
    return _answer(request, deal_id, None)


@require_POST
@login_required
def create_person_removal(request: HttpRequest, deal_id: int, contact_id: int) -> HttpResponse:
    """They have no part in it any more."""
    get_object_or_404(Deal.objects.visible_to(request.user), pk=deal_id)
    part = remove_person(deal_id=deal_id, contact_id=contact_id, by=request.user, origin=tab_of(request))
    # Whom one saw through this deal alone one can't bring back.
    may_undo = Contact.objects.visible_to(request.user).filter(pk=contact_id).exists()
    undo = reverse("deal_person", args=[deal_id, contact_id]) if may_undo else ""
    words = _("Removed: %(name)s") % {"name": part.contact.name}
    return _answer(request, deal_id, Told(words, undo, {"role": str(part.role_id or "")}))


def _role(request: HttpRequest) -> ContactRole | None:
    asked = request.POST.get("role", "")
    return get_object_or_404(ContactRole, pk=read_id(asked)) if asked else None


def _answer(request: HttpRequest, deal_id: int, told: Told | None) -> HttpResponse:
    deal = get_object_or_404(deal_for_page(viewer=request.user), pk=deal_id)
    context = {**field_parts(request.user, deal), **section_parts(request, deal, ["people"])}
    return render(request, "deals/section.html", context | {"section": "deals/_people.html", "told": told, "with_fields": False})
