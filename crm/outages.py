"""Why the database did not answer, in words for the person who waits."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

# PostgreSQL's own codes: it answered, but would not wait or work any longer.
BUSY = {"55P03", "40P01", "40001"}  # lock not available, deadlock, serialization failure
TOO_LONG = {"57014"}  # cancelled by the statement's time limit


def find_outage(error: BaseException | None) -> OperationalError | InterfaceError | None:
    """The database's own error behind `error`, if that is what happened."""
    while error is not None and not isinstance(error, OperationalError | InterfaceError):
        error = error.__cause__
    return error


def explain(error: BaseException) -> str:
    """What happened and what to do next."""
    code = getattr(error.__cause__, "pgcode", None)
    if code in BUSY:
        return _("Somebody else is changing the same thing at this moment. Nothing was changed; try again shortly.")
    if code in TOO_LONG:
        return _("This took too long and was stopped. Nothing was changed; ask for less at once, or try again later.")
    return _("The database can't be reached at the moment. Nothing was changed; try again shortly.")
