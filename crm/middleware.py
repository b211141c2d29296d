"""What every request knows: the reader's language, the organisation, and how refusals are answered."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from crm.errors import Forbidden, Refused, Stale
from crm.models import Organisation

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]


class PageGZipMiddleware(GZipMiddleware):
    """Compresses pages, but not live streams, which compression would hold back."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)


class LanguageMiddleware:
    """The person's own language, else the language cookie, else what the browser asks for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = self.chosen(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    @staticmethod
    def chosen(request: HttpRequest) -> str:
        """`en` or `ru`."""
        known = dict(settings.LANGUAGES)
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        # The cookie first: the switch sets both, and reading it costs no query.
        if cookie in known:
            return cookie
        if (
            not request.path.startswith(("/static/", "/events/", "/api/"))
            and request.user.is_authenticated
            and request.user.language in known
        ):
            return request.user.language
        return translation.get_language_from_request(request)


class OrganisationMiddleware:
    """`request.organisation`, read once when first asked; times are shown in its zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.organisation = SimpleLazyObject(Organisation.current)
        request.now = timezone.now()
        response = self.get_response(request)
        # Pages hold clients' data: no cache on the way may keep them.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class ServiceErrorMiddleware:
    """Turns what a service refuses into an answer in the reader's language with the right status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return render(request, "errors/refused.html", {"reasons": error.reasons}, status=422)
        if isinstance(error, Forbidden):
            return render(request, "errors/refused.html", {"reasons": [str(error)]}, status=403)
        if isinstance(error, Stale):
            return render(request, "errors/refused.html", {"reasons": [error.message]}, status=error.status)
        if isinstance(error, OperationalError):
            logger.error("database: %s", error)
            reason = _("The database can't be reached at the moment. Nothing was changed; try again shortly.")
            return render(request, "errors/unavailable.html", {"reasons": [reason]}, status=503)
        return None
