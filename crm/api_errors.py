"""The API's answers to refusals, in one shape each."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.views import exception_handler

from crm.errors import Forbidden, Refused, Stale


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """409 and 412 `{code, message, current}`, 422 `{reasons}`, 403 and 503 `{detail}`; the rest as the framework does."""
    if isinstance(error, Refused):
        return Response({"reasons": [str(reason) for reason in error.reasons]}, status=422)
    if isinstance(error, Stale):
        return Response({"code": "stale", "message": str(error.message), "current": error.current}, status=error.status)
    if isinstance(error, Forbidden):
        return Response({"detail": str(error)}, status=403)
    if isinstance(error, OperationalError):
        return Response({"detail": _("The database can't be reached at the moment. Nothing was changed; try again shortly.")}, status=503)
    return exception_handler(error, context)
