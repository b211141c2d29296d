"""A request sent twice is done once: the answer is kept in the transaction of the change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from crm.errors import Refused
from crm.models import IdempotentAnswer


def answer_once(request: Request, act: Callable[[], Response]) -> Response:
    """Do `act` and answer; with an `Idempotency-Key` seen before, give the first answer again and do nothing.

    A second request that arrives while the first is under way waits for it. A refused request is forgotten and may be sent again.
    The same key with another request: Refused.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return act()
    if len(key) > 255:
        raise Refused(_("An Idempotency-Key has at most 255 characters."))
    content = json.dumps([request.method, request.path, request.data], sort_keys=True, cls=DjangoJSONEncoder)
    request_hash = hashlib.sha256(content.encode()).hexdigest()
    with transaction.atomic():
        kept, is_first = IdempotentAnswer.objects.get_or_create(user=request.user, key=key, defaults={"request_hash": request_hash})
        if not is_first:
            if kept.request_hash != request_hash:
                raise Refused(_("This Idempotency-Key was used for another request."))
            return Response(kept.body, status=kept.status)
        response = act()
        plain: Any = json.loads(json.dumps(response.data, cls=DjangoJSONEncoder))
        IdempotentAnswer.objects.filter(pk=kept.pk).update(status=response.status_code, body=plain)
    return response
