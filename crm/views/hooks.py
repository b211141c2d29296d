"""Settings of the secret addresses for inquiries."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.forms.hooks import HookForm
from crm.models import InboundHook
from crm.services.inbound import create_hook, revoke_hook
from crm.views.admins import for_admins


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def show_hooks(request: HttpRequest) -> HttpResponse:
    """The addresses there are, and a form for one more; a new address is shown this once."""
    form = HookForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "created": None}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            hook, token = create_hook(by=request.user, **form.cleaned_data)
            context = {"form": HookForm(), "created": hook, "address": settings.BASE_URL + reverse("inbound", args=[token])}
        else:
            status = 422
    hooks = InboundHook.objects.select_related("team", "created_by").order_by("revoked_at", "name", "pk")
    return render(request, "settings/hooks.html", context | {"hooks": hooks}, status=status)


@for_admins
@require_POST
def create_revocation(request: HttpRequest, hook_id: int) -> HttpResponse:
    """An address is closed for good."""
    hook = revoke_hook(hook_id=hook_id, by=request.user)
    messages.success(request, _("Closed: %(name)s. Whatever is sent there now is not found.") % {"name": hook.name})
    return redirect("settings_hooks")
