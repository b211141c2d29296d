"""The pages of a meeting and a task: nobody's change is overwritten unseen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Task, User
from crm.services.meetings import edit_meeting, plan_meeting
from crm.services.tasks import add_task, edit_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def tomorrow() -> datetime:
    return (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)


def filled(page: Any) -> dict[str, Any]:
    """What a browser would send of the form as it is shown."""
    form = page.context["form"]
    return {field.name: field.value() for field in form if field.value() not in (None, "", False)}


def test_a_meeting_moved_meanwhile_is_not_moved_back(anna: User, clara: User, boris: User, tomorrow: datetime, client: Client) -> None:
    hour = timedelta(hours=1)
    meeting = plan_meeting(title="Talk", starts_at=tomorrow, ends_at=tomorrow + hour, by=anna, colleagues=[anna, clara])
    address = reverse("meeting_edit", args=[meeting.pk])
    client.force_login(clara)
    shown = filled(client.get(reverse("meeting", args=[meeting.pk]))) | {"note": "bring the contract"}
    later = tomorrow + 5 * hour
    edit_meeting(meeting_id=meeting.pk, by=anna, starts_at=later, ends_at=later + hour, colleagues=[anna, clara, boris])
    answer = client.post(address, shown)
    assert answer.status_code == 412
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.note) == (later, "")
    [said] = answer.context["form"].non_field_errors()
    assert "Begins is now" in said and "Colleagues is now “Anna Arlova, Boris Belov, Clara Chen”" in said
    again = filled(answer)
    assert (again["note"], again["starts"], len(again["colleagues"])) == ("bring the contract", shown["starts"], 2)
    assert client.post(address, again).status_code == 302  # knowingly
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.note, meeting.colleagues.count()) == (tomorrow, "bring the contract", 2)


def test_what_nobody_has_touched_is_saved_at_once(anna: User, tomorrow: datetime, client: Client) -> None:
    meeting = plan_meeting(title="Talk", starts_at=tomorrow, ends_at=tomorrow + timedelta(hours=1), by=anna)
    client.force_login(anna)
    shown = filled(client.get(reverse("meeting", args=[meeting.pk]), headers={"X-Part": "dialog"})) | {"title": "A long talk"}
    assert client.post(reverse("meeting_edit", args=[meeting.pk]), shown).status_code == 302
    meeting.refresh_from_db()
    assert meeting.title == "A long talk"


def test_a_task_changed_meanwhile_is_not_changed_back(anna: User, clara: User, tomorrow: datetime, client: Client) -> None:
    task = add_task(title="Call", due_at=tomorrow, by=anna)
    address = reverse("task_edit", args=[task.pk])
    client.force_login(anna)
    shown = filled(client.get(reverse("task", args=[task.pk]))) | {"note": "at the office"}
    edit_task(task_id=task.pk, by=anna, due_at=tomorrow + timedelta(days=1), title="Call back")
    answer = client.post(address, shown)
    assert answer.status_code == 412
    [said] = answer.context["form"].non_field_errors()
    assert "“Call back”" in said and "When is now" in said
    assert (Task.objects.get().title, Task.objects.get().note) == ("Call back", "")
    assert client.post(address, filled(answer)).status_code == 302
    assert (Task.objects.get().title, Task.objects.get().due_at) == ("Call", tomorrow)
