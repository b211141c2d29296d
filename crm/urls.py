"""Addresses of people's pages: the profile, contacts and companies."""

from django.urls import path

from crm.views import account, clients
from crm.views.language import set_language

urlpatterns = [
    path("language/", set_language, name="set_language"),
    path("profile/", account.profile, name="profile"),
    path("contacts/", clients.show_contacts, name="contacts"),
    path("contacts/<int:contact_id>/", clients.show_contact, name="contact"),
    path("companies/", clients.show_companies, name="companies"),
    path("companies/<int:company_id>/", clients.show_company, name="company"),
]
