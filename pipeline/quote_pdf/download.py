"""The PDF of a quote on its way to a reader."""

from __future__ import annotations

from urllib.parse import quote as encoded

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from pipeline.models import Quote, QuoteFile


def answer_pdf(quote: Quote) -> HttpResponse:
    """The file under the quote's number; where it isn't made yet: Http404. One query."""
    file = QuoteFile.objects.filter(quote=quote).first()
    if file is None:
        raise Http404(_("The PDF of this quote isn't made yet."))
    response = HttpResponse(bytes(file.content), content_type="application/pdf")
    name = f"{encoded(_('quote'))}-{quote.label}.pdf"
    response.headers["Content-Disposition"] = f"attachment; filename=\"quote-{quote.label}.pdf\"; filename*=UTF-8''{name}"
    response.headers["ETag"] = f'"{file.sha256}"'
    return response
