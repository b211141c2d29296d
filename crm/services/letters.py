"""Letters: notifications by mail, sent at least once, always under the Message-ID that they got when they were written."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from crm.models import Letter, LetterState, Organisation
from crm.queries.notifications import tell

logger = logging.getLogger(__name__)
# A sender that has not come back after so long has died: nobody knows whether it got through, so it is sent again.
LEASE = timedelta(minutes=2)
# How long to wait after each failure; after the last the letter is given up.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 600)]
# A run ends well before the worker's time limit, however slow the mail server is.
PATIENCE_SECONDS = 60


def send_due_letters() -> int:
    """Send what waits, one at a time; how many were sent. Two senders never have the same letter in hand."""
    sent, ends = 0, time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends and (letter := _claim(timezone.now())):
        sent += _send(letter)
    return sent


def _claim(now: datetime) -> Letter | None:
    """Mark the next letter as being sent before it is, so that an unknown outcome is known to be one."""
    with transaction.atomic():
        waiting = Letter.objects.filter(state__in=[LetterState.WAITING, LetterState.SENDING], next_at__lte=now)
        letter = waiting.select_for_update(skip_locked=True).order_by("next_at", "id").first()
        if letter is None:
            return None
        letter.state, letter.attempts, letter.next_at = LetterState.SENDING, letter.attempts + 1, now + LEASE
        letter.save(update_fields=["state", "attempts", "next_at"])
    return Letter.objects.select_related("notification__user").get(pk=letter.pk)


def _send(letter: Letter) -> bool:
    try:
        message = _write(letter)
        if message is None:
            return _settle(letter, state=LetterState.DROPPED)
        message.send()
    except SMTPRecipientsRefused as error:
        is_final = all(code >= 500 for code, _words in error.recipients.values())
        return _fail(letter, error, is_final=is_final)
    except Exception as error:  # one that can't be written or sent doesn't hold up those behind it
        return _fail(letter, error)
    _settle(letter, state=LetterState.SENT, sent_at=timezone.now(), error="")
    return True


def _write(letter: Letter) -> EmailMessage | None:
    """The letter in its reader's language, with what the reader may see now; None for somebody who isn't to get it any more."""
    user = letter.notification.user
    if not user.is_active or not user.gets_mail:
        return None
    organisation = Organisation.current()
    with translation.override(user.language or organisation.language):
        (told,) = tell([letter.notification], user)
        if told.is_gone:
            return None
        parts = {"told": told, "base": settings.BASE_URL, "organisation": organisation, "user": user}
        body = render_to_string("mail/notification.txt", parts)
        subject = " ".join(told.text.split())[:200]
    headers = {"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email], headers=headers)


def _fail(letter: Letter, error: Exception, *, is_final: bool = False) -> bool:
    is_ours = not isinstance(error, SMTPException | OSError)
    logger.warning("letter %s was not sent: %r", letter.message_id, error, exc_info=error if is_ours else None)
    is_final = is_final or letter.attempts > len(PAUSES)
    pause = PAUSES[min(letter.attempts, len(PAUSES)) - 1]
    state = LetterState.FAILED if is_final else LetterState.WAITING
    return _settle(letter, state=state, next_at=timezone.now() + pause, error=str(error)[:300])


def _settle(letter: Letter, **outcome: object) -> bool:
    """Write down how it went, unless somebody took the letter over meanwhile."""
    Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING, attempts=letter.attempts).update(**outcome)
    return False
