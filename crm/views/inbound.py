"""Where other programs post inquiries: no session, no form's token, only the secret in the address."""

from __future__ import annotations

import time

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from crm.errors import Refused
from crm.inbound import FORM_DATA, UnknownType, Unreadable, read_inquiry
from crm.services.inbound import find_hook, receive_inquiry

MAX_SIZE = 256 * 1024
MAX_FORM = 10 * 1024 * 1024
PER_MINUTE = 120


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> JsonResponse:
    """A message came in: 201 when it is new, 200 when it was here already."""
    hook = find_hook(token)
    if hook is None:
        return JsonResponse({"detail": "not found"}, status=404)
    # Files come along with forms; they are not kept, but the words beside them are.
    most = MAX_FORM if request.content_type == FORM_DATA else MAX_SIZE
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        return JsonResponse({"detail": f"at most {most} bytes"}, status=413)
    if _is_too_often(hook.pk):
        return JsonResponse({"detail": f"at most {PER_MINUTE} messages a minute"}, status=429, headers={"Retry-After": "60"})
    try:
        raw = request.read(most + 1)
        if len(raw) > most:
            return JsonResponse({"detail": f"at most {most} bytes"}, status=413)
        inquiry = read_inquiry(raw, request.META.get("CONTENT_TYPE", ""), request.headers)
        _message, is_new = receive_inquiry(hook, inquiry)
    except UnknownType:
        return JsonResponse({"detail": "send application/json, application/x-www-form-urlencoded or multipart/form-data"}, status=415)
    except (Unreadable, RawPostDataException):
        return JsonResponse({"detail": "the content is not what its type says"}, status=400)
    except Refused as refused:
        return JsonResponse({"reasons": [str(reason) for reason in refused.reasons]}, status=422)
    told = {"files": "files are not kept here: send a link to them"} if inquiry.files else {}
    return JsonResponse({"ok": True} | told, status=201 if is_new else 200)


def _is_too_often(hook_id: int) -> bool:
    """Counted over all processes, by the minute, each in one step, so that none of many at once is missed."""
    key = f"hook-{hook_id}-{int(time.time() // 60)}"
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key) > PER_MINUTE
    except ValueError:  # the count was lost that moment
        return False
