"""Cells that a spreadsheet would run."""

from __future__ import annotations

import pytest

from crm.importing.values import plain_text
from crm.sheets import safe_cell


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "\u00a0+cmd|x", "＝1+1", " ＠SUM(A1)", "\t=1", "-2+3", "－2+3", "+²"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert safe_cell(text) == "'" + text
    assert plain_text(safe_cell(text)) == text.lstrip("\t") or text.startswith(("\t", "-", "－"))


@pytest.mark.parametrize("text", ["Acme", "-5", " +5,50", "1=1", "a@b.example", ""])
def test_the_rest_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text
