"""A deal begun where one is: on the page of a contact or company, at an inquiry in My day."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import records
from crm.models import Company, Contact, User
from crm.views.activities import in_dialog, tab_of
from pipeline.forms.deals import NewDealForm
from pipeline.services.deals import create_deal

KINDS = ("contact", "company")


@require_http_methods(["GET", "POST"])
@login_required
def create_client_deal(request: HttpRequest, record: str, record_id: int) -> HttpResponse:
    """A deal with this contact or company; `about` suggests its title. Answers where the new deal is."""
    if record not in KINDS:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    client = records.visible_record(record, record_id, request.user)
    parties = _parties(client, request.user)
    suggested = request.GET.get("about", "").replace("\0", "").strip()[:200] or str(parties["company"] or client)
    form = NewDealForm(request.POST or None, initial={"title": suggested})
    deal = form.carry_out(lambda: create_deal(by=request.user, origin=tab_of(request), **parties, **form.values))
    if deal is not None:
        return render(request, "deals/made.html", {"deal": deal}, status=201) if in_dialog(request) else redirect("deal", deal.pk)
    page = "deals/_new_dialog.html" if in_dialog(request) else "deals/new.html"
    return render(request, page, {"form": form, "client": client, "kind": record, **parties}, status=form.status)


def _parties(client: Company | Contact, viewer: User) -> dict[str, Any]:
    """Whom the deal is with: a contact with their company, as far as the viewer sees it."""
    if isinstance(client, Company):
        return {"company": client, "contact": None}
    company = Company.objects.visible_to(viewer).filter(pk=client.company_id).first() if client.company_id else None
    return {"company": company, "contact": client}
