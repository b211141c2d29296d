"""Addresses of the people's part of the API."""

from rest_framework.routers import SimpleRouter

from crm.api import CompanyViewSet, ContactViewSet, TaskViewSet
from crm.notification_api import NotificationViewSet

router = SimpleRouter()
router.register("companies", CompanyViewSet, basename="api-company")
router.register("contacts", ContactViewSet, basename="api-contact")
router.register("notifications", NotificationViewSet, basename="api-notification")
router.register("tasks", TaskViewSet, basename="api-task")
urlpatterns = router.urls
