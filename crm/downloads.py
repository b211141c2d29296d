"""Handing out files that people brought: as files, never as pages of ours."""

from __future__ import annotations

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from crm.files import open_content
from crm.models import Attachment

# Whatever a file holds: no script, no frame, no address of ours.
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


def etag_of(found: Attachment) -> str:
    """What a browser that has the content already says it has."""
    return f'"{found.sha256}"'


def content_of(found: Attachment, *, within_page: bool = False) -> FileResponse:
    """The content under its own name, with headers under which no browser makes more of it than a file."""
    try:
        content = open_content(found.sha256)
    except FileNotFoundError:
        raise Http404(_("The content of this file is gone from the server. Ask your admin for the backup.")) from None
    response = FileResponse(content, as_attachment=not within_page, filename=found.name, content_type=found.content_type)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Content-Length"] = str(found.size)
    if within_page:
        # Asked for again each time, since rights may be gone; the answer is then a few bytes.
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["ETag"] = etag_of(found)
    return response
