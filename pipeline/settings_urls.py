"""Addresses of the settings of pipelines and stages."""

from django.urls import path

from pipeline.views import stages

urlpatterns = [
    path("settings/", stages.show_stages, name="settings"),
    path("settings/stages/", stages.show_stages, name="stages"),
]
