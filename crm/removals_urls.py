"""Addresses of what is deleted and brought back."""

from django.urls import path

from crm.views import removals

urlpatterns = [
    path("deleted/", removals.show_deleted, name="deleted"),
    path("deleted/<int:removal_id>/undoing/", removals.undo_removal, name="removal_undoing"),
    path("deleted/<str:kind>/<int:record_id>/", removals.create_removal, name="removal_new"),
]
