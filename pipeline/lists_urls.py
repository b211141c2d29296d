"""Addresses of the list of deals."""

from django.urls import path

from pipeline.views import lists

urlpatterns = [path("deals/", lists.show_deals, name="deals")]
