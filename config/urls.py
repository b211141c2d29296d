"""Every address of the product; each app brings its own."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health

urlpatterns = [
    path("healthz", health.show_health, name="healthz"),
    path("readyz", health.show_readiness, name="readyz"),
    path("metrics", health.show_metrics, name="metrics"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
    path("api/v1/", include("crm.api_urls")),
    path("api/v1/", include("pipeline.api_urls")),
    path("api/v1/", include("analytics.api_urls")),
    path("", include("pipeline.board_urls")),
    path("", include("pipeline.lists_urls")),
    path("", include("pipeline.deal_urls")),
    path("", include("pipeline.settings_urls")),
    path("", include("pipeline.selling_urls")),
    path("", include("analytics.urls")),
    path("", include("crm.shell_urls")),
    path("", include("crm.jobs_urls")),
    path("", include("crm.import_urls")),
    path("", include("crm.export_urls")),
    path("", include("crm.removals_urls")),
    path("", include("crm.custom_fields_urls")),
    path("", include("crm.urls")),
]

handler400 = "crm.views.errors.bad_request"
handler403 = "crm.views.errors.permission_denied"
handler404 = "crm.views.errors.not_found"
handler429 = "crm.views.errors.too_many"
handler500 = "crm.views.errors.server_error"
