"""Addresses of the figures in the API."""

from django.urls import path

from analytics import api

urlpatterns = [
    path("analytics/funnel/", api.show_funnel, name="api-funnel"),
    path("analytics/time-in-stage/", api.show_time_in_stage, name="api-time-in-stage"),
]
