"""The API describes itself without gaps."""

import pytest
from django.core.management import call_command


def test_the_schema_is_valid_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)
    assert "bearer" in capsys.readouterr().out
