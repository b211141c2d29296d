"""Addresses of exports."""

from django.urls import path

from crm.views import exports

urlpatterns = [
    path("lists/<slug:kind>/export/", exports.create_export, name="list_export"),
    path("exports/<int:job_id>/", exports.show_export, name="export"),
    path("exports/<int:job_id>/file/", exports.download_export, name="export_file"),
]
