"""Addresses of the timeline and of what is written into it."""

from django.urls import path

from crm.views import timeline

urlpatterns = [
    path("timeline/<slug:record>/<int:record_id>/", timeline.show_timeline, name="timeline"),
]
