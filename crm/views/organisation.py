"""The organisation's settings and its exchange rates."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.errors import Refused
from crm.forms.organisation import CURRENCIES, ExchangeRateForm, OrganisationForm
from crm.marks import mark_of, values_of
from crm.models import ExchangeRate, Organisation
from crm.services.organisation import EDITABLE, edit_organisation, remove_exchange_rate, set_exchange_rate
from crm.templatetags.display import day, number
from crm.views.admins import for_admins


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """Name, time zone, currency and language."""
    now = Organisation.current()
    form = OrganisationForm(request.POST or None, initial=values_of(now, EDITABLE) | {"mark": mark_of(now, EDITABLE)})
    if form.carry_out(lambda: edit_organisation(changes=form.cleaned_data, by=request.user, mark=form.cleaned_data["mark"])):
        messages.success(request, _("Saved"))
        return redirect("settings_organisation")
    return render(request, "settings/organisation.html", {"form": form, "currencies": CURRENCIES}, status=form.status)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def exchange_rates(request: HttpRequest) -> HttpResponse:
    """The rates by currency, and one more."""
    form = ExchangeRateForm(_sent(request), initial={"since": request.organisation.today(request.now).isoformat()})
    before = form.carry_out(lambda: (set_exchange_rate(by=request.user, **_rate(form)),))
    if before is not None:
        rate = _rate(form)
        address = "settings_exchange_rates" if before[0] else "exchange_rate_removal"
        undo = f"{reverse(address)}?{urlencode(rate | {'rate': before[0] or rate['rate']})}"
        messages.success(request, _("%(currency)s: %(rate)s from %(since)s") % _told(rate), extra_tags=undo)
        return redirect("settings_exchange_rates")
    context = {"form": form, "rates": ExchangeRate.objects.all(), "currencies": CURRENCIES}
    return render(request, "settings/exchange_rates.html", context, status=form.status)


@for_admins
@require_POST
def remove_rate(request: HttpRequest) -> HttpResponse:
    """Take one rate away."""
    form = ExchangeRateForm(_sent(request))
    if not form.is_valid():
        raise Refused(_("This rate isn't there any more. Reload the page."))
    rate = _rate(form)
    removed = remove_exchange_rate(currency=rate["currency"], since=rate["since"], by=request.user)
    if removed is not None:
        undo = f"{reverse('settings_exchange_rates')}?{urlencode(rate | {'rate': removed})}"
        messages.success(request, _("Removed: %(currency)s from %(since)s") % _told(rate), extra_tags=undo)
    return redirect("settings_exchange_rates")


def _sent(request: HttpRequest) -> QueryDict | None:
    """The form, or the address where a toast's undo names the rate; nothing when the page is only read."""
    if request.method != "POST":
        return None
    return request.POST if "rate" in request.POST else request.GET


def _told(rate: dict) -> dict:
    """The rate as its reader writes days and numbers."""
    return rate | {"since": day(rate["since"]), "rate": number(rate["rate"], 8)}


def _rate(form: ExchangeRateForm) -> dict:
    return {name: form.cleaned_data[name] for name in ("currency", "since", "rate")}
