"""Numbers that come in addresses and forms."""

from __future__ import annotations

import pytest
from django.http import Http404

from crm.ids import MAX_ID, read_id
from crm.models import User
from crm.services.views import pin_view


@pytest.mark.parametrize(
    ("written", "meant"),
    [("7", 7), ("007", 7), (str(MAX_ID), MAX_ID), (str(MAX_ID + 1), 0), ("", 0), ("²", 0), ("٣", 0), ("-1", 0), ("1" * 5000, 0), (None, 0)],
)
def test_an_id_or_nothing(written: str | None, meant: int) -> None:
    assert read_id(written) == meant


@pytest.mark.parametrize("ref", ["²", "9" * 5000, "0"])
def test_no_view_is_pinned_by_nonsense(anna: User, ref: str) -> None:
    with pytest.raises(Http404):
        pin_view(ref=ref, by=anna)
