"""Addresses of the people's part of the API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from crm.api import CompanyViewSet, ContactViewSet, TaskViewSet
from crm.bulk_api import BulkChangeViewSet
from crm.custom_fields_api import CustomFieldViewSet
from crm.duplicates_api import DuplicatePairViewSet
from crm.meeting_api import MeetingViewSet
from crm.merge_api import MergeViewSet
from crm.notification_api import NotificationViewSet
from crm.parcels_api import ExportViewSet, ImportViewSet
from crm.removals_api import RemovalViewSet
from crm.search_api import SearchView
from crm.tags_api import TagChangeViewSet, TagViewSet
from crm.timeline_api import CallViewSet, FileViewSet, MessageViewSet, NoteViewSet, TimelineView
from crm.views_api import SavedViewSet, show_filter_fields

router = SimpleRouter()
router.register("notes", NoteViewSet, basename="api-note")
router.register("calls", CallViewSet, basename="api-call")
router.register("meetings", MeetingViewSet, basename="api-meeting")
router.register("messages", MessageViewSet, basename="api-message")
router.register("files", FileViewSet, basename="api-file")
router.register("companies", CompanyViewSet, basename="api-company")
router.register("contacts", ContactViewSet, basename="api-contact")
router.register("custom-fields", CustomFieldViewSet, basename="api-custom-field")
router.register("notifications", NotificationViewSet, basename="api-notification")
router.register("views", SavedViewSet, basename="api-view")
router.register("bulk", BulkChangeViewSet, basename="api-bulk")
router.register("merges", MergeViewSet, basename="api-merge")
router.register("removals", RemovalViewSet, basename="api-removal")
router.register("duplicates", DuplicatePairViewSet, basename="api-duplicate")
router.register("tags", TagViewSet, basename="api-tag")
router.register("tag-changes", TagChangeViewSet, basename="api-tag-change")
router.register("imports", ImportViewSet, basename="api-import")
router.register("exports", ExportViewSet, basename="api-export")
router.register("tasks", TaskViewSet, basename="api-task")
urlpatterns = [
    *router.urls,
    path("timeline/", TimelineView.as_view(), name="api-timeline"),
    path("search/", SearchView.as_view(), name="api-search"),
    path("filter-fields/", show_filter_fields, name="api-filter-fields"),
]
