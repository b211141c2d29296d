"""Rows that come back into a world that has gone on: what they point to may be gone, what pointed to them may be out itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from crm import records
from crm.belongings import Ids, foreign_keys, ties_to
from crm.errors import Refused
from crm.models import Removal, RemovedLink, RemovedRow
from crm.queries.merged import merged_into
from crm.rows import point_kept_rows, point_rows

Key = models.ForeignKey[Any, Any]


def tie_up(back: Ids, *, removal: Removal) -> None:
    """Let rows that were just written point to nothing where what they pointed to is gone, or leave them out where that can't be.

    What was merged is found where it went; what is only deleted gets them back with it. What a row can't be without, and nobody
    brings back: Refused.
    """
    while any(_tie_up(model, key, back, removal) for model in back for key in foreign_keys(model)):
        pass  # what hung on a row that was left out


def tie_up_again(removal: Removal) -> Ids:
    """Let rows point again to what has come back, unless they point elsewhere by now; which did. Those that are out get it with them."""
    tied: Ids = {}
    for reference in RemovedLink.objects.filter(removal=removal).values_list("reference", flat=True).distinct().order_by("reference"):
        label, _dot, column = reference.rpartition(".")
        model = apps.get_model(label)
        key = next((key for key in foreign_keys(model) if key.attname == column), None)
        if key is not None:  # a column may be gone with a later version
            tied[model] = [*tied.get(model, []), *_point(model, key, removal, reference)]
            point_kept_rows(model, key, removal=removal.pk, reference=reference)
    return tied


def note_links(model: type[models.Model], ids: Sequence[int]) -> None:
    """Note where rows point to something that is deleted, so that they get it back with it; whoever wrote them empties the field."""
    for key in foreign_keys(model):
        if key.null:
            loose = _loose(model, key, ids)
            _link(model, key, loose, _holders(key, loose, None))


def _tie_up(model: type[models.Model], key: Key, back: Ids, removal: Removal) -> bool:
    """Whether rows had to be left out."""
    loose = _follow_merges(model, key, _loose(model, key, back[model]))
    if not loose:
        return False
    holders = _holders(key, loose, removal)
    if key.null:
        model._base_manager.filter(pk__in=loose).update(**{key.attname: None})
        _link(model, key, loose, holders)
        return False
    if key.remote_field.on_delete is models.PROTECT:
        raise Refused(_("It can't be brought back: “%(field)s” where it stood is gone.") % {"field": key.verbose_name})
    for pk, to in loose.items():
        if to in holders:
            _hand_over(model, pk, removal, holders[to])
    model._base_manager.filter(pk__in=loose)._raw_delete(using="default")
    back[model] = [pk for pk in back[model] if pk not in loose]
    return True


def _loose(model: type[models.Model], key: Key, ids: Sequence[int]) -> dict[int, int]:
    """Rows whose key points to nothing: where it points."""
    there = Exists(key.related_model._base_manager.filter(pk=OuterRef(key.attname)))
    rows = model._base_manager.filter(pk__in=ids).exclude(**{key.attname: None}).exclude(there)
    return dict(rows.order_by("pk").values_list("pk", key.attname))


def _follow_merges(model: type[models.Model], key: Key, loose: dict[int, int]) -> dict[int, int]:
    """Point rows to what theirs was merged into; what is left over, with where that would be by now."""
    kind = key.related_model._meta.model_name or ""
    if kind not in records.registered():
        return loose
    left: dict[int, int] = {}
    for pk, to in loose.items():
        further = merged_into(kind, to)
        is_there = further != to and key.related_model._base_manager.filter(pk=further).exists()
        if not is_there or not _points(model, key, pk, further):
            left[pk] = further
    return left


def _points(model: type[models.Model], key: Key, pk: int, to: int) -> bool:
    try:
        with transaction.atomic():
            return bool(model._base_manager.filter(pk=pk).update(**{key.attname: to}))
    except IntegrityError:  # another row has it already
        return False


def _holders(key: Key, loose: dict[int, int], removal: Removal | None) -> dict[int, int]:
    """Which other removal keeps what is missing."""
    kept = RemovedRow.objects.filter(label=key.related_model._meta.label_lower, row_id__in=set(loose.values()))
    return dict((kept.exclude(removal=removal) if removal else kept).values_list("row_id", "removal_id"))


def _link(model: type[models.Model], key: Key, loose: dict[int, int], holders: dict[int, int]) -> None:
    reference = f"{model._meta.label_lower}.{key.attname}"
    RemovedLink.objects.bulk_create(
        RemovedLink(removal_id=holders[to], reference=reference, row_id=pk, target_id=to) for pk, to in loose.items() if to in holders
    )


def _hand_over(model: type[models.Model], pk: int, removal: Removal, holder: int) -> None:
    """Let another removal keep the row, and what pointed to it."""
    RemovedRow.objects.filter(removal=removal, label=model._meta.label_lower, row_id=pk).update(removal=holder)
    pointing = [tie.reference.key for tie in ties_to(model) if not tie.is_part]
    RemovedLink.objects.filter(removal=removal, reference__in=pointing, target_id=pk).update(removal=holder)


def _point(model: type[models.Model], key: Key, removal: Removal, reference: str) -> list[int]:
    """Rows are locked in order of id, as everybody locks them."""
    linked = RemovedLink.objects.filter(removal=removal, reference=reference).values("row_id")
    list(model._base_manager.filter(pk__in=linked).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return point_rows(model, key, removal=removal.pk, reference=reference)
