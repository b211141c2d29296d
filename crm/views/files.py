"""Files of a record: added, downloaded by whoever sees the record, shown small where they are pictures, taken away and brought back."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm import records
from crm.downloads import content_of, etag_of
from crm.errors import Refused
from crm.services.attachments import add_file, delete_file, find_file, restore_file
from crm.views.activities import Told, answer, tab_of

MOST_AT_ONCE = 20


@require_POST
@login_required
def create_file(request: HttpRequest, record: str, record_id: int) -> HttpResponse:
    """Files were chosen, dropped or pasted: `file`, several at once."""
    records.visible_record(record, record_id, request.user)
    uploads: list[UploadedFile] = request.FILES.getlist("file")
    if not uploads:
        raise Refused(_("Choose a file first."))
    if len(uploads) > MOST_AT_ONCE:
        raise Refused(_("At most %(count)s files at once.") % {"count": MOST_AT_ONCE})
    added = [
        add_file(
            record=record, record_id=record_id, name=upload.name or "", chunks=upload.chunks(), by=request.user, origin=tab_of(request)
        )
        for upload in uploads
    ]
    words = ngettext("%(count)s file added", "%(count)s files added", len(added)) % {"count": len(added)}
    if len(added) > 1:
        return answer(request, added[0], Told(words))
    return answer(request, added[0], Told(_("Added: %(name)s") % {"name": added[0].name}, reverse("file_deletion", args=[added[0].pk])))


@require_GET
@login_required
def show_file(request: HttpRequest, file_id: int) -> FileResponse:
    """The file, as a download."""
    return content_of(find_file(file_id=file_id, by=request.user))


@require_GET
@login_required
def show_picture(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """A picture, to be shown within a page."""
    found = find_file(file_id=file_id, by=request.user)
    if not found.is_picture:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return get_conditional_response(request, etag=etag_of(found)) or content_of(found, within_page=True)


@require_POST
@login_required
def create_file_deletion(request: HttpRequest, file_id: int) -> HttpResponse:
    """A file is taken away."""
    found = find_file(file_id=file_id, by=request.user)
    seal = delete_file(file_id=file_id, by=request.user, origin=tab_of(request))
    return answer(request, found, Told(_("Deleted: %(name)s") % {"name": found.name}, reverse("restored_files"), {"seal": seal}))


@require_POST
@login_required
def create_restored_file(request: HttpRequest) -> HttpResponse:
    """A file that was taken away comes back."""
    restored = restore_file(seal=request.POST.get("seal", ""), by=request.user, origin=tab_of(request))
    return answer(request, restored, Told(_("Back again: %(title)s") % {"title": restored.name}))
