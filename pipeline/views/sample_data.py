"""The page that says what invented data there is, and takes it away."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.demo import DEMO_PASSWORD
from pipeline.queries.sample_data import count_sample_data
from pipeline.services.sample_data import remove_sample_data


@login_required
@require_http_methods(["GET", "POST"])
def sample_data(request: HttpRequest) -> HttpResponse:
    """What would be lost and how much; pressing the button loses it. For admins."""
    if not request.user.is_admin:
        raise Http404
    if not request.organisation.has_sample_data:
        return redirect("settings")
    if request.method == "GET":
        return render(request, "settings/sample_data.html", {"sample": count_sample_data(viewer=request.user)})
    remove_sample_data(by=request.user)
    messages.success(request, _("The invented data are gone. Voronka is yours now."))
    if request.user.check_password(DEMO_PASSWORD):
        messages.warning(request, _("Everybody knows the demo's password. Choose one of your own."))
        return redirect("account_change_password")
    return redirect("my_day")
