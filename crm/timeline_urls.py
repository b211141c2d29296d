"""Addresses of the timeline and of what is written into it."""

from django.urls import path

from crm.views import files, hooks, inbound, inquiries, said, timeline

urlpatterns = [
    path("hooks/in/<str:token>/", inbound.receive, name="inbound"),
    path("settings/hooks/", hooks.show_hooks, name="settings_hooks"),
    path("settings/hooks/<int:hook_id>/revocation/", hooks.create_revocation, name="hook_revocation"),
    path("timeline/<slug:record>/<int:record_id>/", timeline.show_timeline, name="timeline"),
    path("activities/past/", said.explain_past, name="explain_past"),
    path("mentions/", said.suggest_people, name="mentions"),
    path("activities/<slug:record>/<int:record_id>/calls/", said.create_call, name="record_calls"),
    path("calls/restored/", said.create_restored_call, name="restored_calls"),
    path("calls/<int:call_id>/deletion/", said.create_call_deletion, name="call_deletion"),
    path("inquiries/answers/", inquiries.create_answer, name="inquiry_answers"),
    path("inquiries/answers/undo/", inquiries.undo_answer, name="inquiry_answers_undo"),
    path("messages/restored/", said.create_restored_message, name="restored_messages"),
    path("messages/<int:message_id>/deletion/", said.create_message_deletion, name="message_deletion"),
    path("activities/<slug:record>/<int:record_id>/files/", files.create_file, name="record_files"),
    path("files/restored/", files.create_restored_file, name="restored_files"),
    path("files/<int:file_id>/", files.show_file, name="file"),
    path("files/<int:file_id>/picture/", files.show_picture, name="file_picture"),
    path("files/<int:file_id>/deletion/", files.create_file_deletion, name="file_deletion"),
]
