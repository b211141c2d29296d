"""What a person was told, as sentences, with what the person may still see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crm import notices
from crm.models import Notification, User

MANY = 100
PAGE = 50


@dataclass(frozen=True)
class Bell:
    """How much is unread, and the newest of it."""

    count: int
    newest: int

    @property
    def label(self) -> str:
        """99 at most fits on a bell."""
        return str(self.count) if self.count < MANY else f"{MANY - 1}+"


@dataclass(frozen=True)
class Told:
    """A notification as its reader sees it now."""

    row: Notification
    text: str
    icon: str
    url: str
    is_gone: bool
    details: tuple[str, ...] = ()


def bell_of(user: User) -> Bell:
    """How many unread ones, counted up to a hundred. One query, on an index that holds the unread alone."""
    unread = list(Notification.objects.filter(user=user).unread().order_by("-id").values_list("pk", flat=True)[:MANY])
    return Bell(len(unread), unread[0] if unread else 0)


def notifications_of(user: User, *, before: int | None = None, after: int = 0, unread: bool = False, limit: int = PAGE) -> list[Told]:
    """The latest ones, from `before` on. One query, and one for each kind of record among them."""
    rows = Notification.objects.filter(user=user, pk__gt=after)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if unread:
        rows = rows.unread()
    return tell(list(rows.order_by("-id")[:limit]), user)


def tell(rows: Sequence[Notification], user: User) -> list[Told]:
    """Each as a sentence; what is about a record that its reader doesn't see any more says nothing of it."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.record:
            wanted[row.record].add(row.record_id)
    seen = {
        record: set(target.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
        for record, ids in wanted.items()
        if (target := notices.target_of(record))
    }
    return [_told(row, is_gone=bool(row.record) and row.record_id not in seen.get(row.record, ())) for row in rows]


def _told(row: Notification, *, is_gone: bool) -> Told:
    notice = notices.notice_of(row.kind)
    if is_gone:
        return Told(row, "", notice.icon, "", True)
    url = notice.address(row.words) if notice.address else notices.address_of(row.record, row.record_id) if row.record else ""
    details = tuple(notice.details(row.words)) if notice.details else ()
    return Told(row, notice.words(row.words), notice.icon, url, False, details)
