"""One process, two sides: live streams run on the event loop, everything else on a fixed pool of threads.

Threads keep their database connections (an ASGI worker per request would not), see docs/adr.
"""

import gc
import os
from importlib import import_module
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from crm import streams

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages: Any = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=int(os.environ.get("WEB_THREADS", "8")))

# What is loaded now stays for good: the collector need not walk through it again and again, which took a tenth of every answer.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 100)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send `/events/…` to the streaming side, the rest to the threads."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["path"].startswith("/events/"):
        await streams.application(scope, receive, send)
    else:
        await pages(scope, receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
