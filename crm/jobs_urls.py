"""Addresses of background work."""

from django.urls import path

from crm.views import jobs

urlpatterns = [
    path("jobs/", jobs.show_jobs, name="jobs"),
    path("jobs/<int:job_id>/", jobs.show_job, name="job"),
    path("jobs/<int:job_id>/progress/", jobs.show_progress, name="job_progress"),
    path("jobs/<int:job_id>/stop/", jobs.create_stop, name="job_stop"),
]
