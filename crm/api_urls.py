"""Addresses of the people's part of the API."""

from rest_framework.routers import SimpleRouter

from crm.api import CompanyViewSet, ContactViewSet, TaskViewSet

router = SimpleRouter()
router.register("companies", CompanyViewSet, basename="api-company")
router.register("contacts", ContactViewSet, basename="api-contact")
router.register("tasks", TaskViewSet, basename="api-task")
urlpatterns = router.urls
