"""The API's answers to refusals, in one shape each."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.views import exception_handler

from crm.errors import Forbidden, Refused, Stale
from crm.outages import explain, find_outage


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """409 and 412 `{code, message, current}`, 422 `{reasons}`, 403 and 503 `{detail}`; the rest as the framework does."""
    if isinstance(error, Refused):
        return Response({"reasons": [str(reason) for reason in error.reasons]}, status=422)
    if isinstance(error, Stale):
        return Response({"code": "stale", "message": str(error.message), "current": error.current}, status=error.status)
    if isinstance(error, Forbidden):
        return Response({"detail": str(error)}, status=403)
    if outage := find_outage(error):
        return Response({"detail": explain(outage)}, status=503, headers={"Retry-After": "5"})
    if isinstance(error, Http404) and str(error).endswith("matches the given query."):  # the framework's own, which speaks of models
        error = Http404(_("This record doesn't exist, or you may not see it."))
    return exception_handler(error, context)
