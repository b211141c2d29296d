"""Addresses of lists and their views."""

from django.urls import path

from crm.views import bulk, lists, saved_views

urlpatterns = [
    path("contacts/", lists.show_contacts, name="contacts"),
    path("companies/", lists.show_companies, name="companies"),
    path("lists/<slug:kind>/fields/", lists.show_fields, name="list_fields"),
    path("lists/<slug:kind>/records/", lists.suggest_records, name="list_records"),
    path("lists/<slug:kind>/many/<slug:action>/", lists.act_on_many, name="list_act"),
    path("bulk/<int:change_id>/", bulk.show_change, name="bulk_change"),
    path("bulk/<int:change_id>/undo/", bulk.create_undo, name="bulk_undo"),
    path("views/", saved_views.show_views, name="views"),
    path("views/new/", saved_views.create_view, name="view_new"),
    path("views/pins/", saved_views.create_pin, name="view_pins"),
    path("views/pins/order/", saved_views.create_pin_order, name="view_pin_order"),
    path("views/<int:view_id>/", saved_views.update_view, name="view_change"),
    path("views/<int:view_id>/copies/", saved_views.create_copy, name="view_copies"),
    path("views/<int:view_id>/deletion/", saved_views.create_deletion, name="view_deletion"),
    path("views/<int:view_id>/restoration/", saved_views.create_restoration, name="view_restoration"),
]
