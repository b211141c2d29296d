"""Making one of two companies or contacts, and two of one again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ForeignKey
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, records, rules
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Company, Contact, DuplicatePair, Merge, PairState, Removal, User
from crm.queries.merged import merged_into
from crm.reach import MAX_ROWS, WORDS
from crm.references import Reference, references_to
from crm.rows import check_now, read_row, write_columns, write_row
from crm.services.loose_ends import note_links
from crm.services.tags import MAX_TAGS

MODELS: dict[str, type[Company] | type[Contact]] = {"company": Company, "contact": Contact}
LISTS = {"emails": "address", "phones": "number", "addresses": "", "links": "url"}
# What is chosen together, by the first of each.
GROUPS = {
    "owner": ("owner_id", "team_id"),
    "consent": ("consent", "consent_at", "consent_source"),
    "do_not_contact": ("do_not_contact", "do_not_contact_at", "do_not_contact_source"),
}
SINGLE = {"company": ("name", "website"), "contact": ("name", "position", "company_id")}


@dataclass(frozen=True)
class Unmerged:
    """What came of undoing a merge: both records, and the fields that are not as they were, since somebody has changed them meanwhile."""

    kept: Any
    restored: Any
    left: list[str] = field(default_factory=list)


def merge_clients(*, kind: str, kept_id: int, gone_id: int, by: User, choices: dict[str, str] | None = None) -> Merge:
    """Take one record into another: everything about it goes over, lists are united, the emptied one is gone.

    `choices` names the fields whose value is the other's: `{"name": "gone", "custom.size": "gone"}`; of two values the kept one's
    stays, an empty one gives way, and an opt-out is never lost. Not visible: Http404. Not theirs to change: Forbidden.
    """
    if kept_id == gone_id:
        raise Refused(_("A record can't be merged with itself."))
    model = MODELS.get(kind)
    if model is None:
        raise Http404
    with transaction.atomic():
        kept, gone = _locked(model, [kept_id, gone_id], by)
        for record in (kept, gone):
            rules.require(by, f"{kind}.change", record)
        merge = Merge(kind=kind, kept_id=kept.pk, gone_id=gone.pk, gone_name=gone.name, by=by)
        merge.gone, merge.kept_before = read_row(model, gone.pk), read_row(model, kept.pk)
        merge.moved, merge.dropped = _move(kind, model, gone.pk, kept.pk)
        _unite(kind, kept, gone, choices or {})
        clean(kept)
        model.objects.filter(pk=gone.pk)._raw_delete(using="default")  # what pointed to it points elsewhere by now
        kept.save()
        merge.kept_after = read_row(model, kept.pk)
        merge.save()
        _decide(kind, kept.pk, gone.pk, PairState.MERGED, by)
        events.record(f"{kind}.merged", record=kind, record_id=kept.pk, by=by, merge=merge.pk, gone=gone.pk, name=gone.name)
    return merge


def unmerge_clients(*, merge_id: int, by: User) -> Unmerged:
    """Make two of one again, as they were; what has been changed on the kept one since then stays there and is named."""
    with transaction.atomic():
        merge = Merge.objects.standing().select_for_update().filter(pk=merge_id).first()
        if merge is None:
            raise Http404(_("This merge doesn't exist any more."))
        model = MODELS[merge.kind]
        if Merge.objects.standing().filter(kind=merge.kind, gone_id=merge.kept_id).exists():
            raise Refused(_("It has been merged on into another record. Undo that merge first."))
        _require_present(merge, by)
        [kept] = _locked(model, [merge.kept_id], by)
        rules.require(by, f"{merge.kind}.change", kept)
        later = Merge.objects.standing().filter(kind=merge.kind, kept_id=merge.kept_id, pk__gt=merge.pk).first()
        if later:
            raise Refused(_("“%(name)s” was merged into it later. Undo that merge first.") % {"name": later.gone_name})
        write_row(model, merge.gone)
        note_links(model, [merge.gone_id])
        left = _restore(model, merge)
        left += [name for pk in (merge.gone_id, merge.kept_id) for name in _mend_keys(model, pk) if name not in left]
        by_key = {reference.key: reference for reference in references_to(merge.kind, model)}
        for key, ids in merge.moved.items():
            if reference := by_key.get(key):  # a table may be gone with a later version
                reference.rows(merge.kept_id).filter(pk__in=ids).update(**reference.point_to(merge.gone_id))
        _put_back(merge, by_key)
        merge.undone_at, merge.undone_by = timezone.now(), by
        merge.save(update_fields=["undone_at", "undone_by"])
        _decide(merge.kind, merge.kept_id, merge.gone_id, PairState.DISMISSED, by)
        events.record(f"{merge.kind}.unmerged", record=merge.kind, record_id=merge.kept_id, by=by, merge=merge.pk, gone=merge.gone_id)
    return Unmerged(model.objects.get(pk=merge.kept_id), model.objects.get(pk=merge.gone_id), left)


def dismiss_pair(*, pair_id: int, by: User) -> DuplicatePair:
    """Say that two records are not the same; the finder doesn't name them again."""
    return _put_pair(pair_id, PairState.OPEN, PairState.DISMISSED, by)


def restore_pair(*, pair_id: int, by: User) -> DuplicatePair:
    """Take that back."""
    return _put_pair(pair_id, PairState.DISMISSED, PairState.OPEN, by)


def _put_pair(pair_id: int, before: str, state: str, by: User) -> DuplicatePair:
    with transaction.atomic():
        pair = DuplicatePair.objects.select_for_update().filter(pk=pair_id).first()
        if pair is None or pair.kind not in MODELS:
            raise Http404(_("This record doesn't exist, or you may not see it."))
        for pk in (pair.a, pair.b):
            rules.require(by, f"{pair.kind}.change", records.visible_record(pair.kind, pk, by))
        if pair.state == before:
            pair.state, pair.decided_by = state, by
            pair.save(update_fields=["state", "decided_by"])
    return pair


def _require_present(merge: Merge, by: User) -> None:
    removal = Removal.objects.standing().visible_to(by).filter(kind=merge.kind, record_id=merge.kept_id).first()
    if removal:
        raise Refused(_("“%(name)s” has been deleted. Bring it back first.") % {"name": removal.name})


def _locked(model: type[Company] | type[Contact], ids: list[int], by: User) -> list[Any]:
    """The records in the order asked for, locked in order of id."""
    seen = set(model.objects.visible_to(by).filter(pk__in=ids).values_list("pk", flat=True))
    found = {record.pk: record for record in model.objects.filter(pk__in=seen).order_by("pk").select_for_update()}
    if len(found) != len(ids):
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return [found[pk] for pk in ids]


def _move(kind: str, model: type[Company] | type[Contact], gone: int, kept: int) -> tuple[dict[str, list[int]], list[list[str]]]:
    """Point everything to the kept one. A row that it has already (the same person put off twice) is dropped, to be put back some day."""
    moved: dict[str, list[int]] = {}
    dropped: list[list[str]] = []
    for reference in references_to(kind, model):
        ids = list(reference.rows(gone).order_by("pk").values_list("pk", flat=True))
        if not ids:
            continue
        if not _moves(reference, ids, gone, kept):
            twice = [pk for pk in ids if not _moves(reference, [pk], gone, kept)]
            for pk in twice:
                dropped.append([reference.key, read_row(reference.model, pk)])
            reference.model._base_manager.filter(pk__in=twice).delete()
            ids = [pk for pk in ids if pk not in twice]
        moved[reference.key] = ids
    return moved, dropped


def _moves(reference: Reference, ids: list[int], gone: int, kept: int) -> bool:
    try:
        with transaction.atomic():
            reference.rows(gone).filter(pk__in=ids).update(**reference.point_to(kept))
    except IntegrityError:
        return False
    return True


def _put_back(merge: Merge, by_key: dict[str, Reference]) -> None:
    for key, row in merge.dropped:
        if reference := by_key.get(key):
            try:
                with transaction.atomic():
                    write_row(reference.model, row)
                    check_now()
            except IntegrityError:  # what it belonged to is gone meanwhile
                continue


def _mend_keys(model: type[Company] | type[Contact], pk: int) -> list[str]:
    """Point no field at a record that is gone: it follows later merges, else it is emptied. The names of the emptied ones."""
    record, emptied, changed = model.objects.get(pk=pk), [], []
    for key in model._meta.concrete_fields:
        target = getattr(record, key.attname) if isinstance(key, ForeignKey) else None
        if target is None or key.related_model._base_manager.filter(pk=target).exists():  # type: ignore[union-attr]
            continue
        kind = key.related_model._meta.model_name or ""  # type: ignore[union-attr]
        further = merged_into(kind, target) if kind in MODELS else target
        is_known = further != target and MODELS[kind].objects.filter(pk=further).exists()
        setattr(record, key.attname, further if is_known else None)
        changed.append(key.name)
        if not is_known:
            emptied.append(str(key.verbose_name))
    if changed:
        record.save(update_fields=changed)
    return emptied


def _unite(kind: str, kept: Any, gone: Any, choices: dict[str, str]) -> None:
    """The kept record as the choices say: lists of both, and of each other field one."""
    for name in SINGLE[kind]:
        if _takes_other(getattr(kept, name), getattr(gone, name), choices.get(name.removesuffix("_id"))):
            setattr(kept, name, getattr(gone, name))
    for name, columns in GROUPS.items():
        if _takes_group(name, kept, gone, choices.get(name)):
            for column in columns:
                setattr(kept, column, getattr(gone, column))
    for name, key in LISTS.items():
        setattr(kept, name, _united(getattr(kept, name), getattr(gone, name), key))
        _require_room(str(WORDS[name][0]), len(getattr(kept, name)), MAX_ROWS)
    kept.tags = list(dict.fromkeys([*kept.tags, *gone.tags]))
    _require_room(_("Tags"), len(kept.tags), MAX_TAGS)
    custom = dict(kept.custom)
    for key, value in gone.custom.items():
        if _takes_other(custom.get(key), value, choices.get(f"custom.{key}")):
            custom[key] = value
    kept.custom = custom


def _require_room(label: str, count: int, most: int) -> None:
    """More than a form takes could never be edited again."""
    if count > most:
        raise Refused(
            _("Together that is too much under “%(field)s”: %(count)d, and at most %(most)d fit. Take some away first.")
            % {"field": label, "count": count, "most": most}
        )


def _takes_other(mine: Any, other: Any, choice: str | None) -> bool:
    is_empty = other in (None, "", [], {})
    return not is_empty and (mine in (None, "", [], {}) or choice == "gone")


def _takes_group(name: str, kept: Any, gone: Any, choice: str | None) -> bool:
    if name == "do_not_contact":
        return gone.do_not_contact and not kept.do_not_contact
    if name == "consent":
        weight = {"refused": 2, "given": 1, "unknown": 0}
        return weight[gone.consent] > weight[kept.consent]
    return _takes_other(kept.owner_id, gone.owner_id, choice)


def _united(mine: list[Any], others: list[Any], key: str) -> list[Any]:
    have = [each.get(key) if key else each for each in mine]
    return [*mine, *(each for each in others if (each.get(key) if key else each) not in have)]


def _restore(model: type[Company] | type[Contact], merge: Merge) -> list[str]:
    """Give the kept record its own values back where nobody has touched those of the merge; the other fields are named."""
    before, after, now = (_plain(text) for text in (merge.kept_before, merge.kept_after, read_row(model, merge.kept_id)))
    columns = {str(each.column): str(each.verbose_name) for each in model._meta.concrete_fields if not each.generated}
    merged = [column for column in columns if before[column] != after[column]]
    mended = [column for column in merged if now[column] == after[column]]
    left = [columns[column] for column in merged if now[column] != after[column]]
    if mended:
        write_columns(model, merge.kept_id, merge.kept_before, mended)
    return left


def _plain(text: str) -> dict[str, Any]:
    return dict(json.loads(text, parse_float=Decimal))


def _decide(kind: str, one: int, other: int, state: str, by: User) -> None:
    DuplicatePair.objects.filter(kind=kind, a=min(one, other), b=max(one, other)).update(state=state, decided_by=by)
