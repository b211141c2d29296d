"""Answers to requests that went wrong: a page, a fragment for scripts, or JSON for the API, in the reader's language."""

from __future__ import annotations

import json
import logging
import sys
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.outages import explain, find_outage

logger = logging.getLogger(__name__)

TITLES = {
    400: gettext_lazy("That request made no sense"),
    403: gettext_lazy("That isn't yours to do"),
    404: gettext_lazy("Nothing here"),
    405: gettext_lazy("That isn't possible here"),
    409: gettext_lazy("Somebody was faster"),
    412: gettext_lazy("Somebody was faster"),
    413: gettext_lazy("Too much at once"),
    422: gettext_lazy("That didn't work"),
    429: gettext_lazy("Too many tries"),
    500: gettext_lazy("Something broke"),
    503: gettext_lazy("Back in a moment"),
}
ICONS = {404: "map-pin", 403: "lock", 409: "users", 412: "users", 429: "hourglass", 500: "alert-circle", 503: "cloud-off"}
# Sent by our own scripts, which read the words out of the answer instead of showing a page.
SCRIPTS = ("X-Requested-With", "X-Drawer", "X-Part", "HX-Request")
MAX_HEADER = 1_000


def answer(request: HttpRequest, status: int, *reasons: str) -> HttpResponse:
    """Say what went wrong in the shape that the asker reads; `reasons` are plain sentences."""
    language = getattr(request, "LANGUAGE_CODE", None) or spoken_language(request)
    with translation.override(language):
        words = [str(reason) for reason in reasons]
        if request.path.startswith("/api/"):
            response: HttpResponse = JsonResponse({"reasons": words} if status == 422 else {"detail": " ".join(words)}, status=status)
        elif any(name in request.headers for name in SCRIPTS):
            response = _fragment(request, status, words)
        else:
            response = HttpResponse(_page(request, status, words), status=status)
    response.headers["Content-Language"] = language
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response


def spoken_language(request: HttpRequest) -> str:
    """`en` or `ru`, by the language cookie, else by what the browser asks for; costs no query."""
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return cookie if cookie in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


def _fragment(request: HttpRequest, status: int, words: list[str]) -> HttpResponse:
    response = HttpResponse(render_to_string("errors/fragment.html", {"reasons": words}), status=status)
    if "HX-Request" in request.headers:
        # What stood in the page stays, so that nothing typed is lost; the words come as a toast.
        response.headers["HX-Reswap"] = "none"
        response.headers["HX-Trigger"] = json.dumps({"toast": {"text": " ".join(words)[:MAX_HEADER], "kind": "error"}})
    return response


def _page(request: HttpRequest, status: int, words: list[str]) -> str:
    context = {
        "status": status,
        "title": TITLES.get(status, TITLES[422]),
        "icon_name": ICONS.get(status, "alert-triangle"),
        "reasons": words,
        "again": request.get_full_path() if request.method == "GET" and status in (429, 500, 503) else "",
        "at": timezone.now() if status == HTTPStatus.INTERNAL_SERVER_ERROR else None,
        "language": translation.get_language(),
        "theme": request.COOKIES.get("theme") if request.COOKIES.get("theme") in ("light", "dark") else "auto",
    }
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and _is_signed_in(request):
        return render_to_string("errors/page.html", context, request)
    # Without the request no context processor runs: this page asks neither database, session nor user.
    return render_to_string("errors/bare.html", context)


def _is_signed_in(request: HttpRequest) -> bool:
    return hasattr(request, "organisation") and hasattr(request, "user") and request.user.is_authenticated


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without, or with an old, security token."""
    logger.warning("security token refused at %s: %s", request.path, reason)
    return answer(request, 403, _("This page was open too long or was sent from elsewhere. Reload it and try again."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that can't be read: too large (413), for a host we are not, or broken (400)."""
    with translation.override(spoken_language(request)):
        if isinstance(exception, RequestDataTooBig):
            return too_large(request)
        if isinstance(exception, DisallowedHost):
            return answer(
                request, 400, _("This server doesn't answer under that name. An admin can allow it with BASE_URL or ALLOWED_HOSTS.")
            )
        return answer(request, 400, _("Something in the address or the form isn't as it should be. Go back and try again."))


def too_large(request: HttpRequest) -> HttpResponse:
    """More was sent than one form may hold."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
    return answer(request, 413, _("What was sent is larger than %(limit)s MB. Shorten it and try again.") % {"limit": limit})


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Seen, but not theirs to change."""
    return answer(request, 403, str(exception) or _("You may see this, but not change it. Ask your manager or an admin."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing there, or nothing for this reader: the answer is the same."""
    words = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    if not words or words.endswith("matches the given query."):  # the framework's own, which speaks of models
        words = _("This page doesn't exist, or you may not see it.")
    return answer(request, 404, words)


def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """The address exists, but takes no such request."""
    response = answer(request, 405, _("This address takes no request of that kind. Go back and try the button again."))
    response.headers["Allow"] = allowed
    return response


def too_many(request: HttpRequest) -> HttpResponse:
    """A limit on tries was reached, for instance of wrong passwords."""
    return answer(request, 429, _("That was tried too often within a short time. Wait a few minutes, then try again."))


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The database is away or too busy."""
    logger.error("database: %s", str(error).strip())
    return answer(request, 503, explain(error))


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; or of the database, when it struck before the view was reached."""
    with translation.override(spoken_language(request)):
        if outage := find_outage(sys.exc_info()[1]):
            return unavailable(request, outage)
        words = _("That is our fault, not yours, and it stands in the log. Try again; if it comes back, tell your admin when it happened.")
        return answer(request, 500, words)
