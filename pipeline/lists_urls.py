"""Addresses of the list of deals, and of their calendar."""

from django.urls import path

from pipeline.views import lists

urlpatterns = [
    path("deals/", lists.show_deals, name="deals"),
    path("deals/calendar/", lists.show_calendar, name="deals_calendar"),
]
