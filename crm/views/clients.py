"""Contacts and companies: lists and pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from crm.models import Company, Contact


@require_GET
@login_required
def show_contacts(request: HttpRequest) -> HttpResponse:
    """The people whom the reader may see."""
    return render(request, "clients/list.html", {"clients": Contact.objects.visible_to(request.user)[:50]})


@require_GET
@login_required
def show_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """One person."""
    return render(request, "clients/client.html", {"client": get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_id)})


@require_GET
@login_required
def show_companies(request: HttpRequest) -> HttpResponse:
    """The companies whom the reader may see."""
    return render(request, "clients/list.html", {"clients": Company.objects.visible_to(request.user)[:50]})


@require_GET
@login_required
def show_company(request: HttpRequest, company_id: int) -> HttpResponse:
    """One company."""
    return render(request, "clients/client.html", {"client": get_object_or_404(Company.objects.visible_to(request.user), pk=company_id)})
