"""The twelve-deal history whose figures are known by hand."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from pipeline.models import Pipeline

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_AT = datetime(2026, 4, 11, 9, tzinfo=UTC)


@pytest.fixture
def golden(db):
    """The pipeline that holds the twelve deals."""
    call_command("import_history", str(GOLDEN / "history.csv"), pipeline="Golden", verbosity=0)
    return Pipeline.objects.get(name="Golden")


@pytest.fixture(scope="session")
def expected():
    """What follows from the definitions."""
    return json.loads((GOLDEN / "expected.json").read_text())
