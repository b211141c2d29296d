"""Contacts and companies: lists, pages, adding and editing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm import rules
from crm.errors import Refused
from crm.filtering.reader import Reader
from crm.forms.clients import ClientForm, CompanyForm, ContactForm
from crm.ids import read_id
from crm.lists.kinds import list_kind
from crm.models import Company, Contact
from crm.panels import panels_of
from crm.queries.clients import people_of
from crm.queries.duplicates import merges_into
from crm.queries.known import Likely, Typed, likely, likely_companies
from crm.queries.lists import find_records
from crm.queries.merged import kept_instead
from crm.services.clients import save_client
from crm.views.activities import activity_parts
from crm.views.client_fields import field_parts
from crm.views.timeline import timeline_parts

FORMS: dict[Any, type[ClientForm]] = {Company: CompanyForm, Contact: ContactForm}


@require_GET
@login_required
def show_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """One person: how to reach them, what comes next, their deals, what happened."""
    contact = Contact.objects.visible_to(request.user).select_related("owner", "team").filter(pk=contact_id).first()
    if contact is None:
        return _elsewhere("contact", contact_id, request)
    return render(request, "clients/contact.html", _parts(request, contact))


@require_GET
@login_required
def show_company(request: HttpRequest, company_id: int) -> HttpResponse:
    """One company: its people, its deals, what comes next, what happened."""
    company = Company.objects.visible_to(request.user).select_related("owner", "team").filter(pk=company_id).first()
    if company is None:
        return _elsewhere("company", company_id, request)
    return render(request, "clients/company.html", _parts(request, company) | {"members": people_of(company, viewer=request.user)})


@require_http_methods(["GET", "POST"])
@login_required
def create_contact(request: HttpRequest) -> HttpResponse:
    """A form for a new person, of the company that the address names."""
    wanted = read_id(request.GET.get("company"))
    company = Company.objects.visible_to(request.user).filter(pk=wanted).first() if wanted else None
    return _create(request, Contact(name=_asked_name(request), owner=request.user, company=company))


@require_http_methods(["GET", "POST"])
@login_required
def create_company(request: HttpRequest) -> HttpResponse:
    """A form for a new company."""
    return _create(request, Company(name=_asked_name(request), owner=request.user))


@require_GET
@login_required
def show_contact_duplicates(request: HttpRequest) -> HttpResponse:
    """People like the one being typed."""
    return _show_duplicates(request, Contact)


@require_GET
@login_required
def show_company_duplicates(request: HttpRequest) -> HttpResponse:
    """Companies like the one being typed."""
    return _show_duplicates(request, Company)


@require_GET
@login_required
def suggest_companies(request: HttpRequest) -> JsonResponse:
    """Names that hold what was typed."""
    text = request.GET.get("text", "").replace("\0", "").strip()[:100]
    kind = list_kind("company")
    found = find_records(kind, text, Reader.of(request.user, request.organisation, request.now)) if kind and text else []
    return JsonResponse({"names": [name for _pk, name in found]})


def _elsewhere(kind: str, pk: int, request: HttpRequest) -> HttpResponse:
    """To the record that it was merged into; else not found."""
    kept = kept_instead(kind, pk, request.user)
    if kept is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return redirect(kind, kept)


def _asked_name(request: HttpRequest) -> str:
    """The name that an address suggests for somebody new."""
    return request.GET.get("name", "").replace("\0", "").strip()[:200]


def _parts(request: HttpRequest, client: Company | Contact) -> dict[str, Any]:
    kind = _kind(client)
    return {
        **activity_parts(request, kind, client.pk),
        **timeline_parts(request, kind, client.pk),
        **field_parts(request, client),
        "kind": kind,
        "may_delete": rules.allows(request.user, f"{kind}.delete", client),
        "panels": panels_of(kind, client, request.user),
        "merges": merges_into(client),
    }


def _create(request: HttpRequest, draft: Company | Contact) -> HttpResponse:
    """What may be there already is told once, here to whom it wasn't told while typing; then it is added all the same."""
    model, found = type(draft), None
    form = FORMS[model](request.POST if request.method == "POST" else None, instance=draft, by=request.user)
    if request.method == "POST" and form.is_valid():
        found = _likely(request, model, _typed(form.values))
        is_told = "anyway" in request.POST or found.marks <= set(request.POST.getlist("warned"))
        if is_told and (saved := _save(form, **form.values)):
            messages.success(request, _("Added: %(name)s") % {"name": saved.name})
            return redirect(_kind(saved), saved.pk)
    return _form(request, form, {"found": found}, status=200 if found is None and not form.errors else 422)


def _save(form: ClientForm, **asked: Any) -> Any:
    """What the service made of it; nothing where it refused, and then the form says why."""
    try:
        return save_client(model=form._meta.model, by=form.by, **asked)
    except Refused as refused:
        form.add_error(None, refused.reasons)
        return None


def _form(request: HttpRequest, form: ClientForm, more: dict[str, Any], *, status: int) -> HttpResponse:
    return render(request, "clients/form.html", {"form": form, "kind": _kind(form.instance), **more}, status=status)


def _show_duplicates(request: HttpRequest, model: type[Company] | type[Contact]) -> HttpResponse:
    parts = {"found": _likely(request, model, request.GET), "kind": model._meta.model_name}
    if model is Contact:
        parts["companies"] = likely_companies(request.GET.get("company", "")[:200].replace("\0", ""), viewer=request.user)
    return render(request, "clients/_likely.html", parts)


def _typed(values: dict[str, Any]) -> QueryDict:
    """What was filled in as the address of duplicates has it: each e-mail and number by itself."""
    typed = QueryDict(mutable=True)
    typed["name"], typed["company"] = values["name"], str(values.get("company") or "")
    typed.setlist("email", [row["address"] for row in values["emails"]])
    typed.setlist("phone", [row["number"] for row in values["phones"]])
    return typed


def _likely(request: HttpRequest, model: type[Company] | type[Contact], values: QueryDict) -> Likely:
    return likely(model._meta.model_name or "", Typed.read(values, request.organisation.country), viewer=request.user)


def _kind(client: Company | Contact) -> str:
    return client._meta.model_name or ""
