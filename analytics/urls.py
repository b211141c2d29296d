"""Addresses of the report and of the deals behind it."""

from django.urls import path

from analytics.views import report

urlpatterns = [
    path("analytics/", report.show_report, name="analytics"),
    path("analytics/deals/", report.show_deals_behind, name="deals_behind"),
]
