"""Deleting a record with everything about it, and bringing all of it back (docs/adr/0015)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Min, Model
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, rules
from crm.belongings import Ids, belongings_of, ties_to
from crm.errors import Refused
from crm.models import Removal, RemovedLink, RemovedRow, User
from crm.models.removals import KEPT
from crm.removing import Removable, followers_of, removable
from crm.rows import put_rows, take_rows
from crm.services.loose_ends import tie_up, tie_up_again


def remove_record(*, kind: str, record_id: int, by: User, origin: str = "") -> Removal:
    """Take a record out with everything about it; what only pointed to it stays and points to nothing.

    Not visible, or gone already: Http404. Not theirs to delete: Forbidden.
    """
    of_kind = removable(kind)
    with transaction.atomic():
        record = _locked(of_kind, record_id, by)
        rules.require(by, f"{kind}.delete", record)
        removal = Removal.objects.create(
            kind=kind,
            record_id=record_id,
            name=str(record)[:200],
            owner_id=record.owner_id,
            team_id=record.team_id,
            is_led=of_kind.is_led(record),
            by=by,
        )
        found = belongings_of(of_kind.model, record_id)
        _cut_links(removal, found)
        for model, ids in reversed(found.items()):
            take_rows(model, ids, removal=removal.pk)
        of_kind.tell(record, origin)
        events.record(f"{kind}.deleted", record=kind, record_id=record_id, by=by, removal=removal.pk, name=removal.name)
    return removal


def restore_record(*, removal_id: int, by: User, origin: str = "") -> Removal:
    """Bring a deleted record back as it was, with everything that went along; what was pointed elsewhere since stays so.

    Not visible, or gone for good: Http404. Back already, or without its place: Refused. Not theirs to bring back: Forbidden.
    """
    with transaction.atomic():
        removal = Removal.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=removal_id).first()
        if removal is None:
            raise Http404(_("This is not among the deleted any more."))
        if removal.restored_at:
            raise Refused(_("“%(name)s” is back already.") % {"name": removal.name})
        rules.require(by, "removal.restore", removal)
        of_kind = removable(removal.kind)
        lock_places([removal])
        of_kind.make_room(removal)
        _put_back(of_kind, removal)
        of_kind.settle(removal.record_id)
        removal.restored_at, removal.restored_by = timezone.now(), by
        removal.save(update_fields=["restored_at", "restored_by"])
        of_kind.tell(of_kind.model._base_manager.get(pk=removal.record_id), origin)
        events.record(f"{removal.kind}.restored", record=removal.kind, record_id=removal.record_id, by=by, removal=removal.pk)
    return removal


def lock_places(removals: Sequence[Removal]) -> None:
    """Lock what everybody locks before such records, for all that come back in this transaction."""
    for kind in sorted({removal.kind for removal in removals}):
        removable(kind).lock([removal for removal in removals if removal.kind == kind])


def forget_old_removals() -> None:
    """Let go for good what was deleted long ago; contents of files go with the next sweep."""
    Removal.objects.filter(at__lt=timezone.now() - KEPT).delete()


def _locked(of_kind: Removable, record_id: int, by: User) -> Any:
    """Asked for first and locked then, since rights are more than one lock can hold."""
    model: Any = of_kind.model
    seen = model.objects.visible_to(by).filter(pk=record_id).exists()
    record = model.objects.select_for_update(of=("self",)).filter(pk=record_id).first() if seen else None
    if record is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return record


def _cut_links(removal: Removal, found: Ids) -> None:
    """Let rows that stay point to nothing, and note where they pointed."""
    for target, ids in found.items():
        for tie in ties_to(target):
            if tie.is_part:
                continue
            reference = tie.reference
            pointing = reference.rows_of(ids).exclude(pk__in=found.get(reference.model, []))
            cut = list(pointing.order_by("pk").select_for_update(no_key=True).values_list("pk", reference.field))
            if not cut:
                continue
            RemovedLink.objects.bulk_create(
                [RemovedLink(removal=removal, reference=reference.key, row_id=row_id, target_id=to) for row_id, to in cut], batch_size=5000
            )
            reference.model._base_manager.filter(pk__in=[row_id for row_id, _to in cut]).update(**{reference.field: None})
            _tell_followers(reference.model, [row_id for row_id, _to in cut])


def _put_back(of_kind: Removable, removal: Removal) -> None:
    tables = RemovedRow.objects.filter(removal=removal).values("label").annotate(first=Min("id")).order_by("-first")
    back: Ids = {}
    for row in tables:
        model = apps.get_model(row["label"])
        back[model] = put_rows(model, removal=removal.pk)
    if removal.record_id not in back.get(of_kind.model, []):
        raise Refused(_("“%(name)s” can't be brought back: something else has taken its place.") % {"name": removal.name})
    tie_up(back, removal=removal)
    for model, ids in tie_up_again(removal).items():
        _tell_followers(model, ids)
    removal.rows.all().delete()
    removal.links.all().delete()


def _tell_followers(model: type[Model], ids: list[int]) -> None:
    for follower in followers_of(model._meta.label_lower) if ids else ():
        follower(ids)
