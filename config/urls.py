"""Every address of the product; each app brings its own."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health
from crm.streams import pipeline_stream

urlpatterns = [
    path("healthz", health.show_health, name="healthz"),
    path("readyz", health.show_readiness, name="readyz"),
    path("metrics", health.show_metrics, name="metrics"),
    path("events/pipeline/<int:pipeline_id>/", pipeline_stream, name="pipeline_stream"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
    path("api/v1/", include("crm.api_urls")),
    path("api/v1/", include("pipeline.api_urls")),
    path("accounts/", include("allauth.account.urls")),
]
