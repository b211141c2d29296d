"""Addresses of tasks."""

from django.urls import path

from crm.views import tasks

urlpatterns = [
    path("tasks/", tasks.show_tasks, name="tasks"),
    path("tasks/new/", tasks.create_own_task, name="own_tasks"),
    path("tasks/more/", tasks.show_more_fields, name="task_more"),
    path("tasks/<int:task_id>/edit/", tasks.create_task_edit, name="task_edit"),
    path("activities/when/", tasks.explain_when, name="explain_when"),
    path("activities/<slug:record>/<int:record_id>/tasks/", tasks.create_task, name="record_tasks"),
    path("tasks/restored/", tasks.create_restored_task, name="restored_tasks"),
    path("tasks/<int:task_id>/", tasks.task_door, name="task"),
    path("tasks/<int:task_id>/done/", tasks.create_tick, name="task_tick"),
    path("tasks/<int:task_id>/reopened/", tasks.undo_tick, name="task_tick_undo"),
    path("tasks/<int:task_id>/deletion/", tasks.create_task_deletion, name="task_deletion"),
]
