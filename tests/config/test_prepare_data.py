"""What a start does with the database: an empty one is filled, a used one is left alone."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from crm.demo import DEMO_LOGINS, DEMO_PASSWORD
from crm.models import Event, Organisation, User
from pipeline.models import Deal, Pipeline

pytestmark = pytest.mark.django_db


def prepare(note: Path) -> str:
    call_command("prepare_data", note=note, stdout=io.StringIO())
    return note.read_text()


def counts() -> list[int]:
    return [model.objects.count() for model in (User, Pipeline, Deal, Event)]


def test_empty_database_is_filled_once(settings: Settings, tmp_path: Path) -> None:
    settings.DEMO = True
    note = tmp_path / "ready_lines"
    told = prepare(note)
    assert DEMO_PASSWORD in told and all(login.email in told for login in DEMO_LOGINS)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    before = counts()
    assert before[2] > 400
    assert prepare(note) == told
    assert counts() == before


def test_without_the_demo_a_link_is_told(settings: Settings, tmp_path: Path) -> None:
    settings.DEMO = False
    assert f"{settings.BASE_URL}/first-run/" in prepare(tmp_path / "ready_lines")
    assert counts()[:3] == [0, 0, 0] and not Organisation.current().has_sample_data


def test_imported_history_keeps_the_demo_away(settings: Settings, tmp_path: Path) -> None:
    settings.DEMO = True
    Pipeline.objects.create(name="Imported")
    assert "/first-run/" in prepare(tmp_path / "ready_lines")
    assert Pipeline.objects.count() == 1
