"""Signing in, and the own profile."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crm import first_run
from crm.adapters import demo_logins
from crm.forms.account import ProfileForm
from crm.models import CalendarFeed
from crm.services.people import edit_profile


class SignInView(LoginView):
    """The library's sign-in, with the demo's people beside it; before there is anybody, it says how the first one is made."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if first_run.is_waiting():
            return render(request, "account/first_run_waits.html")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | demo_logins()


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone and reminders; the password has its own page."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = edit_profile(changes=form.cleaned_data, by=request.user)
        response = redirect("profile")
        if user.language:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, user.language, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.SECURE, httponly=True
            )
        else:
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        messages.success(request, _("Saved"))
        return response
    return render(
        request,
        "account/profile.html",
        {"form": form, "feed": CalendarFeed.objects.filter(user=request.user).first()},
        status=422 if form.errors else 200,
    )
