"""Addresses of notes."""

from django.urls import path

from crm.views import notes

urlpatterns = [
    path("activities/<slug:record>/<int:record_id>/notes/", notes.create_note, name="record_notes"),
    path("notes/restored/", notes.create_restored_note, name="restored_notes"),
    path("notes/<int:note_id>/deletion/", notes.create_note_deletion, name="note_deletion"),
]
