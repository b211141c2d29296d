"""Addresses of the settings of tags."""

from django.urls import path

from crm.views import tags

urlpatterns = [
    path("settings/tags/", tags.show_tags, name="settings_tags"),
    path("settings/tags/union/", tags.tags_union, name="tags_union"),
    path("settings/tags/<int:tag_id>/", tags.change_tag, name="tag"),
    path("settings/tags/<int:tag_id>/merge/", tags.tag_merge, name="tag_merge"),
    path("settings/tags/<int:tag_id>/deletion/", tags.tag_deletion, name="tag_deletion"),
    path("settings/tags/changes/<int:change_id>/undoing/", tags.tag_change_undoing, name="tag_change_undoing"),
]
