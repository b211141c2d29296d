"""What every request knows: the reader's language, the organisation, and how refusals are answered."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation.trans_real import parse_accept_lang_header

from crm.errors import Forbidden, Refused, Stale
from crm.models import Organisation
from crm.outages import find_outage
from crm.views import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
# Where nobody's own language is asked for: these answer without the database, or are read by programs.
IMPERSONAL = ("/static/", "/events/", "/api/", "/healthz", "/readyz", "/metrics")
PAGE_METHODS = ("GET", "HEAD", "POST")


class HeadersMiddleware:
    """What every answer carries, also one given before the other middleware was reached."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class PageGZipMiddleware(GZipMiddleware):
    """Compresses pages, but not live streams, which compression would hold back."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)


class LanguageMiddleware:
    """The language cookie, else the person's own language, else what the browser asks for, else the organisation's."""

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
        if not request.path.startswith(IMPERSONAL) and request.user.is_authenticated and request.user.language in known:
            return request.user.language
        asked = [tag[:2] for tag, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())]
        if asked and not request.path.startswith(IMPERSONAL) and not known.keys() & set(asked) and "*" not in asked:
            return Organisation.current().language
        return translation.get_language_from_request(request)


class OrganisationMiddleware:
    """`request.organisation`, read once when first asked, and `request.now`, one instant for all of an answer."""

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
        is_api = request.path.startswith("/api/")
        if request.method not in PAGE_METHODS and not is_api:
            return errors.not_allowed(request, ", ".join(PAGE_METHODS))
        if _is_too_large(request):
            return errors.too_large(request)
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.streaming and not response.content:
            return errors.not_allowed(request, response.headers.get("Allow", ""))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return errors.answer(request, error.status, *error.reasons)
        if isinstance(error, Forbidden):
            return errors.answer(request, error.status, str(error))
        if isinstance(error, Stale):
            return errors.answer(request, error.status, error.message)
        outage = find_outage(error)
        return errors.unavailable(request, outage) if outage else None


def _is_too_large(request: HttpRequest) -> bool:
    """Known from the head, before anything is read; files have their own limits where they are taken."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return length.isdigit() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and request.content_type != "multipart/form-data"
