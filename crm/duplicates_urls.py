"""Addresses of records that may be the same."""

from django.urls import path

from crm.views import duplicates

urlpatterns = [
    path("duplicates/", duplicates.show_duplicates, name="duplicates"),
    path("duplicates/search/", duplicates.create_search, name="duplicate_search"),
    path("duplicates/pairs/", duplicates.create_pair, name="duplicate_pairs"),
    path("duplicates/<int:pair_id>/", duplicates.show_pair, name="duplicate_pair"),
    path("duplicates/<int:pair_id>/dismissal/", duplicates.create_dismissal, name="duplicate_dismissal"),
    path("duplicates/<int:pair_id>/restoration/", duplicates.create_restoration, name="duplicate_restoration"),
    path("merges/<int:merge_id>/undoing/", duplicates.undo_merge, name="merge_undoing"),
]
