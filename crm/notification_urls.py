"""Addresses of what people are told."""

from django.urls import path

from crm.views import notifications

urlpatterns = [
    path("notifications/", notifications.show_notifications, name="notifications"),
    path("notifications/bell/", notifications.show_bell, name="notifications_bell"),
    path("notifications/read/", notifications.create_full_reading, name="notifications_read"),
    path("notifications/unread/", notifications.undo_full_reading, name="notifications_unread"),
    path("notifications/<int:notification_id>/read/", notifications.create_reading, name="notification_read"),
    path("notifications/<int:notification_id>/unread/", notifications.create_unreading, name="notification_unread"),
]
