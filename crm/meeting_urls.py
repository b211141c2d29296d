"""Addresses of meetings."""

from django.urls import path

from crm.views import meetings

urlpatterns = [
    path("meetings/", meetings.show_meetings, name="meetings"),
    path("meetings/new/", meetings.create_meeting, name="new_meeting"),
    path("meetings/<int:meeting_id>/", meetings.show_meeting, name="meeting"),
    path("meetings/<int:meeting_id>/edit/", meetings.create_meeting_edit, name="meeting_edit"),
    path("meetings/<int:meeting_id>/cancellation/", meetings.create_cancellation, name="meeting_cancellation"),
    path("meetings/<int:meeting_id>/restoration/", meetings.create_restoration, name="meeting_restoration"),
    path("meetings/<int:meeting_id>/outcome/", meetings.create_outcome, name="meeting_outcome"),
]
