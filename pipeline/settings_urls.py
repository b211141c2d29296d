"""Addresses of the settings of pipelines and stages."""

from django.urls import path

from pipeline.views import stages
from pipeline.views.sample_data import sample_data

urlpatterns = [
    path("settings/sample-data/", sample_data, name="sample_data"),
    path("settings/", stages.show_stages, name="settings"),
    path("settings/stages/", stages.show_stages, name="stages"),
]
