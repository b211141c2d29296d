"""Addresses of the settings of custom fields."""

from django.urls import path

from crm.views import custom_fields as views

urlpatterns = [
    path("settings/fields/", views.show_first, name="settings_custom_fields"),
    path("settings/fields/<int:field_id>/", views.change_field, name="custom_field"),
    path("settings/fields/<int:field_id>/archive/", views.field_archive, name="custom_field_archive"),
    path("settings/fields/<int:field_id>/restoration/", views.field_restoration, name="custom_field_restoration"),
    path("settings/fields/<int:field_id>/options/", views.new_option, name="custom_options"),
    path("settings/fields/<int:field_id>/options-order/", views.order_options, name="custom_options_order"),
    path("settings/fields/<int:field_id>/options/<slug:key>/", views.change_option, name="custom_option"),
    path("settings/fields/<int:field_id>/options/<slug:key>/removal/", views.option_removal, name="custom_option_removal"),
    path("settings/fields/<int:field_id>/options/<slug:key>/restoration/", views.option_restoration, name="custom_option_restoration"),
    path("settings/fields/<slug:kind>/", views.show_fields, name="custom_fields"),
    path("settings/fields/<slug:kind>/new/", views.new_field, name="custom_field_new"),
    path("settings/fields/<slug:kind>/order/", views.order_fields, name="custom_fields_order"),
]
