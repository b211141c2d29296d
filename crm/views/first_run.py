"""The page behind the one-time link of the first start."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crm.first_run import GONE, is_link_good, make_first_admin
from crm.forms.first_run import FirstAdminForm


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def create_first_admin(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first admin and let them in, where the first pipeline is made."""
    if not is_link_good(token):
        raise Http404(str(GONE))
    form = FirstAdminForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return render(request, "account/first_run.html", {"form": form}, status=422 if form.errors else 200)
    user = make_first_admin(token=token, **form.cleaned_data)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    with translation.override(user.language):
        messages.success(request, _("Welcome! Now make your first pipeline."))
    response = redirect("pipeline_new")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, user.language, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.SECURE, httponly=True
    )
    return response
