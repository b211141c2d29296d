"""Secret addresses for inquiries: made and revoked by an admin, and what comes in through them."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, rules
from crm.cleaning import clean
from crm.inbound import Inquiry, digest_of
from crm.models import Contact, Direction, InboundHook, Message, Team, User
from crm.services.messages import keep_message
from crm.services.senders import find_or_add_sender, lock


def create_hook(*, name: str, channel: str, team: Team | None, by: User) -> tuple[InboundHook, str]:
    """Make an address; the second value is its token, which nobody can read again."""
    rules.require(by, "settings.change")
    token = InboundHook.new_token()
    with transaction.atomic():
        hook = InboundHook(name=name.strip(), channel=channel, team=team, hash=InboundHook.digest(token), prefix=token[:6], created_by=by)
        clean(hook)
        hook.save()
        events.record("hook.created", record="hook", record_id=hook.pk, by=by, name=hook.name)
    return hook, token


def revoke_hook(*, hook_id: int, by: User) -> InboundHook:
    """Close an address for good; twice is once."""
    rules.require(by, "settings.change")
    with transaction.atomic():
        hook = InboundHook.objects.select_for_update(of=("self",)).filter(pk=hook_id).first()
        if hook is None:
            raise Http404(_("This record doesn't exist, or you may not see it."))
        if hook.is_active:
            hook.revoked_at = timezone.now()
            hook.save(update_fields=["revoked_at"])
            events.record("hook.revoked", record="hook", record_id=hook.pk, by=by, name=hook.name)
    return hook


def find_hook(token: str) -> InboundHook | None:
    """The open address of that token. Only its hash is looked for, so that time tells nothing of the token."""
    return InboundHook.objects.select_related("team").filter(hash=InboundHook.digest(token), revoked_at=None).first()


def receive_inquiry(hook: InboundHook, inquiry: Inquiry) -> tuple[Message, bool]:
    """Keep what came to a secret address, and whether it is new. Its sender is looked for among all contacts.

    The same content with the same id of its own is the same message, sent again; without an id, within a day or two. Other content
    under the same id is another message: one twice is better than one lost.
    """
    with transaction.atomic():
        ids = [f"{inquiry.own_id}:{digest_of(inquiry.content)}"] if inquiry.own_id else _ids_by_content(inquiry.content)
        lock(f"message of hook {hook.pk} {ids[0]}")
        InboundHook.objects.filter(pk=hook.pk).update(last_used_at=timezone.now())
        if found := Message.objects.filter(hook=hook, external_id__in=ids).first():
            return found, False
        contact = find_or_add_sender(inquiry.sender, among=Contact.objects.all(), team=hook.team, by=None)
        message = Message(
            record="contact",
            record_id=contact.pk,
            channel=hook.channel,
            direction=Direction.IN,
            sender=inquiry.sender.words[:320],
            subject=inquiry.subject,
            body=inquiry.body,
            external_id=ids[0],
            hook=hook,
        )
        keep_message(message, by=None)
    return message, True


def _ids_by_content(content: bytes) -> list[str]:
    today = timezone.now().date()
    return [f"{digest_of(content)}:{day.isoformat()}" for day in (today, today - timedelta(days=1))]
