"""Addresses of people's pages: the door, the profile, contacts and companies."""

from allauth.account import views as doors
from django.urls import include, path, re_path

from crm.views import account, activities, client_fields, clients, first_run
from crm.views.language import set_language

# Of the library's pages those that we dress; the others (addresses, second factor, other accounts) have no address yet.
door = [
    path("accounts/login/", account.SignInView.as_view(), name="account_login"),
    path("accounts/logout/", doors.logout, name="account_logout"),
    path("accounts/signup/", doors.signup, name="account_signup"),
    path("accounts/inactive/", doors.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", doors.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", doors.password_change, name="account_change_password"),
    path("accounts/password/reset/", doors.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", doors.password_reset_done, name="account_reset_password_done"),
    path("accounts/password/reset/key/done/", doors.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        doors.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("first-run/<str:token>/", first_run.create_first_admin, name="first_run"),
]

urlpatterns = [
    path("", include("crm.search_urls")),
    path("", include("crm.duplicates_urls")),
    path("", include("crm.tag_urls")),
    *door,
    path("language/", set_language, name="set_language"),
    path("profile/", account.profile, name="profile"),
    path("contacts/new/", clients.create_contact, name="new_contact"),
    path("contacts/duplicates/", clients.show_contact_duplicates, name="contact_duplicates"),
    path("contacts/<int:contact_id>/", clients.show_contact, name="contact"),
    path("contacts/<int:contact_id>/fields/", client_fields.edit_contact_field, name="contact_fields"),
    path("companies/new/", clients.create_company, name="new_company"),
    path("companies/duplicates/", clients.show_company_duplicates, name="company_duplicates"),
    path("companies/suggestions/", clients.suggest_companies, name="company_suggestions"),
    path("companies/<int:company_id>/", clients.show_company, name="company"),
    path("companies/<int:company_id>/fields/", client_fields.edit_company_field, name="company_fields"),
    path("", include("crm.timeline_urls")),
    path("activities/<slug:record>/<int:record_id>/", activities.show_activities, name="activities"),
    path("", include("crm.lists_urls")),
    path("", include("crm.task_urls")),
    path("", include("crm.meeting_urls")),
    path("", include("crm.calendar_urls")),
    path("", include("crm.note_urls")),
    path("", include("crm.notification_urls")),
]
