"""Addresses of the pipeline's part of the API."""

from rest_framework.routers import SimpleRouter

from pipeline.api import DealViewSet, PipelineViewSet, StageViewSet

router = SimpleRouter()
router.register("pipelines", PipelineViewSet, basename="api-pipeline")
router.register("stages", StageViewSet, basename="api-stage")
router.register("deals", DealViewSet, basename="api-deal")
urlpatterns = router.urls
