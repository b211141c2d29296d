"""Addresses of the calendar."""

from django.urls import path

from crm.views import calendar, feeds

urlpatterns = [
    path("calendar/", calendar.show_calendar, name="calendar"),
    path("calendar/moves/<slug:kind>/<int:thing_id>/", calendar.create_calendar_move, name="calendar_move"),
    path("calendar/feed/", feeds.create_feed, name="calendar_feed_new"),
    path("calendar/feed/removal/", feeds.remove_feed, name="calendar_feed_removal"),
    path("calendar/feed/<str:token>.ics", feeds.show_feed, name="calendar_feed"),
]
