"""Addresses of the help, and of what is set for the whole organisation."""

from django.urls import path

from crm.views import help, organisation

urlpatterns = [
    path("help/", help.show_help, name="help"),
    path("help/<slug:name>/", help.show_help_page, name="help_page"),
    path("settings/organisation/", organisation.organisation, name="settings_organisation"),
    path("settings/exchange-rates/", organisation.exchange_rates, name="settings_exchange_rates"),
    path("settings/exchange-rates/removal/", organisation.remove_rate, name="exchange_rate_removal"),
]
