"""Addresses of the pipeline's part of the API."""

from rest_framework.routers import SimpleRouter

from pipeline.api import DealViewSet, PipelineViewSet, StageViewSet
from pipeline.catalogue_api import CompetitorViewSet, ProductViewSet
from pipeline.deal_parts_api import CheckViewSet, ItemViewSet, QuoteViewSet, RivalViewSet

OF_A_DEAL = r"deals/(?P<deal_id>\d{1,18})"

router = SimpleRouter()
router.register("pipelines", PipelineViewSet, basename="api-pipeline")
router.register("stages", StageViewSet, basename="api-stage")
router.register("deals", DealViewSet, basename="api-deal")
router.register("products", ProductViewSet, basename="api-product")
router.register("competitors", CompetitorViewSet, basename="api-competitor")
router.register(f"{OF_A_DEAL}/items", ItemViewSet, basename="api-item")
router.register(f"{OF_A_DEAL}/quotes", QuoteViewSet, basename="api-quote")
router.register(f"{OF_A_DEAL}/checklist", CheckViewSet, basename="api-check")
router.register(f"{OF_A_DEAL}/competitors", RivalViewSet, basename="api-rival")
urlpatterns = router.urls
