"""The lists that a deal chooses from: sources, lost reasons, competitors, and the roles of its contacts."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events
from crm.cleaning import clean
from crm.errors import Refused
from crm.marks import require_mark
from crm.models import User
from pipeline import rules
from pipeline.models import Competitor, ContactRole, LostReason, Source

EDITABLE = ("name", "labels")
Choice = Source | LostReason | Competitor | ContactRole
KINDS: dict[str, type[Choice]] = {"source": Source, "lost_reason": LostReason, "competitor": Competitor, "contact_role": ContactRole}


def add_choice(*, kind: str, name: str, by: User, labels: dict[str, str] | None = None) -> Choice:
    """Add a source or a lost reason; a name that is there already is refused."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        choice = KINDS[kind](name=name.strip(), labels=labels or {})
        clean(choice)
        _require_free_name(kind, choice)
        _save(choice)
        events.record(f"{kind}.added", record=kind, record_id=choice.pk, by=by, name=choice.name)
    return choice


def edit_choice(*, kind: str, choice_id: int, changes: dict[str, Any], by: User, mark: str = "") -> Choice:
    """Rename it; deals that chose it show the new name. Older `mark`: Changed."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        choice = _lock(kind, choice_id)
        require_mark(choice, EDITABLE, mark)
        was = {name: getattr(choice, name) for name in EDITABLE}
        choice.name, choice.labels = changes.get("name", was["name"]).strip(), changes.get("labels", was["labels"])
        clean(choice)
        _require_free_name(kind, choice)
        changed = {name: [was[name], getattr(choice, name)] for name in EDITABLE if was[name] != getattr(choice, name)}
        if changed:
            _save(choice)
            events.record(f"{kind}.edited", record=kind, record_id=choice.pk, by=by, changes=changed)
    return choice


def archive_choice(*, kind: str, choice_id: int, by: User) -> Choice:
    """Offer it no longer; deals that chose it keep it."""
    return _set_archived(kind, choice_id, by, archived=True)


def restore_choice(*, kind: str, choice_id: int, by: User) -> Choice:
    """Offer it again."""
    return _set_archived(kind, choice_id, by, archived=False)


def _set_archived(kind: str, choice_id: int, by: User, *, archived: bool) -> Choice:
    with transaction.atomic():
        rules.require(by, "settings.change")
        choice = _lock(kind, choice_id)
        if bool(choice.archived_at) != archived:
            choice.archived_at = timezone.now() if archived else None
            choice.save(update_fields=["archived_at"])
            events.record(f"{kind}.{'archived' if archived else 'restored'}", record=kind, record_id=choice.pk, by=by)
    return choice


def _lock(kind: str, choice_id: int) -> Choice:
    choice = KINDS[kind].objects.select_for_update(no_key=True).filter(pk=choice_id).first()
    if choice is None:
        raise Http404(_("This entry doesn't exist."))
    return choice


def _save(choice: Choice) -> None:
    try:
        with transaction.atomic():
            choice.save()
    except IntegrityError:  # somebody else has added the same name between our look and our write
        raise Refused(_("“%(name)s” is in the list already.") % {"name": choice.name}) from None


def _require_free_name(kind: str, choice: Choice) -> None:
    other = KINDS[kind].objects.exclude(pk=choice.pk).filter(name__iexact=choice.name).first()
    if other and other.archived_at:
        raise Refused(_("“%(name)s” is archived. Bring it back instead.") % {"name": other.name})
    if other:
        raise Refused(_("“%(name)s” is in the list already.") % {"name": other.name})
