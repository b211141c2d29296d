"""The address of the search."""

from django.urls import path

from crm.views import search

urlpatterns = [path("search/", search.show_search, name="search")]
