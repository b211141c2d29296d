"""What a service says when it won't: one class per answer that a page or the API gives."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The change is not allowed as asked; `reasons` say why and what to do next (422)."""

    status = 422

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(str(reason) for reason in reasons))
        self.reasons = list(reasons)


class Forbidden(Exception):
    """The record may be seen, but not changed in this way by this person (403)."""

    status = 403


class Stale(Exception):
    """Somebody was faster; `current` is how the record stands now (409)."""

    status = 409

    def __init__(self, message: str, current: Any) -> None:
        super().__init__(message)
        self.message = message
        self.current = current


class Changed(Stale):
    """The field was edited by somebody else meanwhile (412)."""

    status = 412
