"""Fields edited in place, one at a time, as a person types them: what the pages of deals, contacts and companies share."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from crm.errors import Refused
from crm.ids import read_id
from crm.models import User

MAX_VALUE = 20_000


def read_owner(value: str) -> User | None:
    """A colleague who still works here, by id; nobody for nothing."""
    if not value.strip():
        return None
    found = User.objects.active().select_related("team").filter(pk=read_id(value)).first()
    if found is None:
        raise Refused(_("This colleague doesn't work here any more. Choose another."))
    return found


def read_json(value: str) -> Any:
    """What a field of several rows, or of several parts, was sent as."""
    try:
        return json.loads(value or "[]")
    except (ValueError, RecursionError):
        raise Refused(_("A list is expected here.")) from None


def as_json(value: Any) -> str:
    """The same on the way to the page: as the browser writes it, so that an untouched list is known again."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
