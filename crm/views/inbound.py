"""Where other programs post inquiries: no session, no form's token, only the secret in the address."""

from __future__ import annotations

import time

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from crm.errors import Refused
from crm.inbound import UnknownType, Unreadable, read_inquiry
from crm.services.inbound import find_hook, receive_inquiry

MAX_SIZE = 256 * 1024
PER_MINUTE = 120


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> JsonResponse:
    """A message came in: 201 when it is new, 200 when it was here already."""
    hook = find_hook(token)
    if hook is None:
        return JsonResponse({"detail": "not found"}, status=404)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_SIZE:
        return JsonResponse({"detail": f"at most {MAX_SIZE} bytes"}, status=413)
    if _is_too_often(hook.pk):
        return JsonResponse({"detail": f"at most {PER_MINUTE} messages a minute"}, status=429, headers={"Retry-After": "60"})
    try:
        raw = request.read(MAX_SIZE + 1)
        if len(raw) > MAX_SIZE:
            return JsonResponse({"detail": f"at most {MAX_SIZE} bytes"}, status=413)
        _message, is_new = receive_inquiry(hook, read_inquiry(raw, request.content_type or "", request.headers), raw)
    except UnknownType:
        return JsonResponse({"detail": "send application/json or application/x-www-form-urlencoded"}, status=415)
    except (Unreadable, RawPostDataException):
        return JsonResponse({"detail": "the content is not what its type says"}, status=400)
    except Refused as refused:
        return JsonResponse({"reasons": [str(reason) for reason in refused.reasons]}, status=422)
    return JsonResponse({"ok": True}, status=201 if is_new else 200)


def _is_too_often(hook_id: int) -> bool:
    """Counted over all processes, by the minute."""
    key = f"hook-{hook_id}-{int(time.time() // 60)}"
    count = int(cache.get(key) or 0) + 1
    cache.set(key, count, timeout=120)
    return count > PER_MINUTE
