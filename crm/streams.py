"""Live streams: one Redis subscription per process, fanned out to the browsers that watch a topic."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio
from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest
from redis.exceptions import RedisError

from crm import records
from crm.live import PERSON, PREFIX

logger = logging.getLogger(__name__)
NOTICE_GAP = 0.25  # at most four notices a second and topic
HEARTBEAT = 15.0
REDIS_PATIENCE = 2.0
MOST_TOPICS = 20
LIFETIME = 15 * 60  # a stream is opened anew, with the rights of then, at least so often
SPREAD_PER_VIEWER_MS, MAX_SPREAD_MS = 10, 5_000
PROCESSES = int(os.environ.get("WEB_PROCESSES", "2"))


@dataclass(eq=False)
class Stream:
    """One open browser tab."""

    user_id: int
    queue: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(maxsize=50))

    def send(self, message: str | None) -> None:
        if self.queue.full():  # a reader that slow re-reads everything when it comes back
            self.queue.get_nowait()
        self.queue.put_nowait(message)


class Topic:
    """The streams that watch one thing, and the changes not yet told."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.stages: set[int] = set()
        self.origins: set[str] = set()
        self.told_at = 0.0
        self.waiting: asyncio.TimerHandle | None = None

    def changed(self, stages: Iterable[int], origin: str) -> None:
        """Tell at once, or together with what else comes within the gap."""
        self.stages.update(stages)
        self.origins.add(origin)
        if self.waiting is None:
            delay = max(0.0, self.told_at + NOTICE_GAP - time.monotonic())
            self.waiting = asyncio.get_running_loop().call_later(delay, self._tell)

    def _tell(self) -> None:
        origin = self.origins.pop() if len(self.origins) == 1 else ""
        # The more who watch, the longer their re-reads are spread.
        spread = min(len(self.streams) * PROCESSES * SPREAD_PER_VIEWER_MS, MAX_SPREAD_MS)
        # Without stages it is about one record, whose readers look at its timeline again.
        self.send("changed" if self.stages else "touched", stages=sorted(self.stages), origin=origin, spread=spread)
        self.stages, self.origins, self.waiting, self.told_at = set(), set(), None, time.monotonic()

    def send(self, name: str, **data: object) -> None:
        message = f"event: {name}\ndata: {json.dumps(data)}\n\n"
        for stream in self.streams:
            stream.send(message)


class Hub:
    """This process's ear on Redis."""

    def __init__(self) -> None:
        self.topics: defaultdict[str, Topic] = defaultdict(Topic)
        self.listener: asyncio.Task[None] | None = None
        # When each topic last changed. Before `listens_since` nobody heard, so anything may have.
        self.changed_at: dict[str, float] = {}
        self.listens_since = 0.0
        self.listening = asyncio.Event()

    async def watch(self, topics: Sequence[str], user_id: int) -> AsyncIterator[str]:
        """The messages for one browser until it leaves, is kicked, or has to ask for its rights again."""
        if self.listener is None or self.listener.done():
            self.listener = asyncio.create_task(self._listen())
        stream = Stream(user_id)
        for topic in topics:
            self.topics[topic].streams.add(stream)
        ends_at = time.monotonic() + LIFETIME
        try:
            yield f"retry: 2000\nevent: hello\ndata: {json.dumps(await self._last_change(topics))}\n\n"
            while time.monotonic() < ends_at:
                try:
                    message = await asyncio.wait_for(stream.queue.get(), HEARTBEAT)
                except TimeoutError:
                    message = "event: beat\ndata: {}\n\n"
                if message is None:
                    return
                yield message
        finally:
            for topic in topics:
                self.topics[topic].streams.discard(stream)
                if not self.topics[topic].streams and self.topics[topic].waiting is None:
                    del self.topics[topic]

    async def _last_change(self, topics: Sequence[str]) -> dict[str, float]:
        """When one of the topics may last have changed, and its reader last been told something: a page read before that is old."""
        try:
            await asyncio.wait_for(self.listening.wait(), REDIS_PATIENCE)
        except TimeoutError:
            return {"changed_at": time.time(), "told_at": time.time()}
        times = {topic: max(self.listens_since, self.changed_at.get(topic, 0.0)) for topic in topics}
        own = [at for topic, at in times.items() if topic.startswith(PERSON)]
        others = [at for topic, at in times.items() if not topic.startswith(PERSON)]
        return {"changed_at": max(others, default=0.0), "told_at": max(own, default=0.0)}

    async def _listen(self) -> None:
        pause = 0.5
        missed = False
        while True:
            client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=10)
            try:
                async with client.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.psubscribe(f"{PREFIX}*")
                    if missed:  # nobody knows what was said meanwhile: all look again
                        for topic in list(self.topics.values()):
                            topic.send("refresh", spread=min(len(topic.streams) * PROCESSES * SPREAD_PER_VIEWER_MS, MAX_SPREAD_MS))
                    pause, missed, self.listens_since = 0.5, False, time.time()
                    self.listening.set()
                    while True:
                        message = await channel.get_message(timeout=5)
                        if message is not None:
                            self._hear(message["channel"].decode().removeprefix(PREFIX), json.loads(message["data"]))
            except (RedisError, OSError) as error:
                missed = True
                self.listening.clear()
                logger.warning("live updates wait for Redis: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            finally:
                await client.aclose()

    def _hear(self, channel: str, message: dict) -> None:
        if channel == "kick":
            for topic in self.topics.values():
                for stream in topic.streams:
                    if stream.user_id == message["user"]:
                        stream.send(None)
            return
        self.changed_at[channel] = time.time()
        if channel not in self.topics:
            return
        if channel.startswith(PERSON):
            self.topics[channel].send("told")
        else:
            self.topics[channel].changed(message["stages"], message["origin"])


hub = Hub()


# Few threads with lasting connections ask who somebody is: five hundred browsers that come back at once must not
# open five hundred connections to the database.
_readers = ThreadPoolExecutor(2, thread_name_prefix="stream-reader")


def _viewer(request: HttpRequest) -> tuple[int | None, list[str]]:
    """Who asks, by the session (none for somebody not signed in), and the topic of the record that they look at, if they see it."""
    close_old_connections()
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    if not (user.is_authenticated and user.is_active):
        return None, []
    found = re.fullmatch(r"([a-z]{1,20})-(\d{1,18})", request.GET.get("record", ""))
    if found is None or found[1] not in records.registered():
        return user.pk, []
    is_seen = records.kind_of(found[1]).visible_to(user).filter(pk=int(found[2])).exists()
    return user.pk, [f"record:{found[1]}:{found[2]}"] if is_seen else []


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """`/events/pipeline/<id>/`, or several ids with commas between, as server-sent events: which stages changed.

    `/events/mine/` is for pages without a pipeline: every stream also tells its reader that there is news in the bell.
    For anybody signed in: stages are no secret, deals are.
    Straight on ASGI: the middleware of pages would hold a thread and a database connection per stream.
    """
    status, topics, user_id = await _admit(scope)
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"content-security-policy", b"default-src 'none'"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if status != 200:
        await send({"type": "http.response.body", "body": b""})
        return
    talking = asyncio.create_task(_talk(topics, user_id, send))
    try:
        while (await receive())["type"] != "http.disconnect" and not talking.done():
            pass
    finally:
        talking.cancel()


async def _admit(scope: dict[str, Any]) -> tuple[int, list[str], int]:
    """The status of the answer, what to watch, and who watches. 204 tells a browser to stay away."""
    found = re.fullmatch(rf"/events/(?:mine|pipeline/((?:\d{{1,18}},){{0,{MOST_TOPICS - 1}}}\d{{1,18}}))/", scope["path"])
    if found is None or scope["method"] != "GET":
        return 404, [], 0
    try:
        request = ASGIRequest(scope, BytesIO())
        host = request.get_host()
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != host:  # a foreign page that reads with our reader's session
            return 403, [], 0
        user_id, looked_at = await asyncio.get_running_loop().run_in_executor(_readers, _viewer, request)
    except DisallowedHost:
        return 400, [], 0
    except DatabaseError as error:
        logger.warning("a stream could not be opened: %s", error)
        return 503, [], 0
    if user_id is None:
        return 204, [], 0
    pipelines = dict.fromkeys(found[1].split(",")) if found[1] else ()
    return 200, [*(f"pipeline:{pipeline}" for pipeline in pipelines), *looked_at, f"{PERSON}{user_id}"], user_id


async def _talk(topics: Sequence[str], user_id: int, send: Any) -> None:
    async for message in hub.watch(topics, user_id):
        await send({"type": "http.response.body", "body": message.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b""})
