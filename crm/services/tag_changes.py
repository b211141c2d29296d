"""Renaming a tag everywhere, making one of two, deleting it, and taking each back; many records are done by a job, chunk by chunk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, TextField
from django.db.models.functions import Cast
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, jobs, rules
from crm.cleaning import clean, tidy
from crm.errors import Refused
from crm.filtering.tags import names_tag, replace_tag
from crm.models import Job, SavedView, Tag, TagChange, TagChangeRow, User
from crm.queries.tags import count_tagged, tagged_kinds

TAGS = "tags"
AT_ONCE, CHUNK = 200, 500
MAX_LATEST = 10
UNDO_WITHIN = timedelta(days=1)


def edit_tag(*, tag_id: int, by: User, name: str | None = None, colour: str | None = None) -> tuple[Tag, TagChange | None]:
    """Give a tag another name, on every record and in every saved view, or another colour."""
    with transaction.atomic():
        tag = _locked(tag_id, by)
        was, wanted = tag.name, tag.name if name is None else _read(name)
        if colour is not None and colour != tag.colour:
            events.record("tag.coloured", record="tag", record_id=tag.pk, by=by, name=tag.name, changes={"colour": [tag.colour, colour]})
            tag.colour = colour
        tag.name = wanted
        clean(tag)
        change = None
        if wanted != was:
            _require_rest()
            change = TagChange.objects.create(name=was, into=wanted, colour=tag.colour, by=by, views=_in_views(was, wanted))
            events.record("tag.renamed", record="tag", record_id=tag.pk, by=by, name=was, into=wanted)
        _save(tag)
        _begin(change, by)
    return tag, _carry_on(change)


def merge_tags(*, tag_id: int, into_id: int, by: User) -> TagChange:
    """Whatever carries the one carries the other from now on, in its place and once; saved views ask for the other."""
    with transaction.atomic():
        tags = {tag.pk: tag for tag in Tag.objects.select_for_update().filter(pk__in=[tag_id, into_id]).order_by("pk")}
        tag = _locked(tag_id, by)
        into = tags.get(into_id)
        if into is None or into.pk == tag.pk:
            raise Refused(_("Choose another tag to merge it into."))
        _require_rest()
        views = _in_views(tag.name, into.name)
        change = TagChange.objects.create(name=tag.name, into=into.name, is_merge=True, colour=tag.colour, by=by, views=views)
        events.record("tag.merged", record="tag", record_id=into.pk, by=by, name=tag.name, into=into.name)
        tag.delete()
        _begin(change, by)
    return _carried_on(change)


def delete_tag(*, tag_id: int, by: User) -> TagChange:
    """Take a tag off everything. Saved views keep asking for it, and find what they find."""
    with transaction.atomic():
        tag = _locked(tag_id, by)
        _require_rest()
        change = TagChange.objects.create(name=tag.name, colour=tag.colour, by=by)
        events.record("tag.deleted", record="tag", record_id=tag.pk, by=by, name=tag.name)
        tag.delete()
        _begin(change, by)
    return _carried_on(change)


def undo_tag_change(*, change_id: int, by: User) -> TagChange:
    """Take it back within a day: the tag is there again, and on each record that carried it; what was changed since stays."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        change = TagChange.objects.select_for_update().filter(pk=change_id).first()
        if change is None:
            raise Http404(_("This record doesn't exist, or you may not see it."))
        if change.undo_began_at:
            raise Refused(_("This has been taken back already."))
        if change.at < timezone.now() - UNDO_WITHIN:
            raise Refused(_("This can be taken back for a day, and that is over."))
        _require_rest()
        if change.into and not change.is_merge:
            tag = Tag.objects.select_for_update().filter(name=change.into).first()
            if tag is None:
                raise Refused(_("The tag “%(name)s” isn't there any more.") % {"name": change.into})
            tag.name = change.name
        else:
            tag = Tag(name=change.name, colour=change.colour)
        _save(tag)
        for view in SavedView.objects.select_for_update().filter(pk__in=[pk for pk, _before, _after in change.views]).order_by("pk"):
            before, after = next((before, after) for pk, before, after in change.views if pk == view.pk)
            if view.filter == after:
                view.filter = before
                view.save(update_fields=["filter"])
        change.undo_began_at = timezone.now()
        change.save(update_fields=["undo_began_at"])
        events.record("tag.restored", record="tag", record_id=tag.pk, by=by, name=change.name)
        _begin(change, by)
    return _carried_on(change)


def tags_step(job: Job) -> bool:
    """One chunk of a change, or of its way back."""
    change = TagChange.objects.select_for_update().get(pk=job.params["change"])
    done = _chunk(change)
    job.done += done
    return bool(done)


def views_naming(name: str) -> int:
    """How many saved views ask for a tag. One query."""
    return len([view for view in _views(name) if names_tag(view.filter, name)])


def latest_changes() -> list[TagChange]:
    """Those that can still be taken back, the latest first. One query."""
    since = timezone.now() - UNDO_WITHIN
    return list(TagChange.objects.filter(at__gte=since, undo_began_at=None).select_related("by").order_by("-pk")[:MAX_LATEST])


def _begin(change: TagChange | None, by: User) -> None:
    """Leave it to a job where many records are concerned; the caller does the few."""
    if change is None:
        return
    name = change.into if change.undo_began_at else change.name
    total = sum(change.counts.values()) if change.undo_began_at and _has_rows(change) else sum(count_tagged([name])[name].values())
    if total > AT_ONCE:
        jobs.start_job(kind=TAGS, by=by, params={"change": change.pk, "name": change.name, "into": change.into}, total=total)


def _carry_on(change: TagChange | None) -> TagChange | None:
    return _carried_on(change) if change else None


def _carried_on(change: TagChange) -> TagChange:
    """Do the few at once, in a transaction for each chunk."""
    if Job.objects.open().filter(kind=TAGS, params__change=change.pk).exists():
        return change
    more = 1
    while more:
        with transaction.atomic():
            change = TagChange.objects.select_for_update().get(pk=change.pk)
            more = _chunk(change)
    return change


def _chunk(change: TagChange) -> int:
    """Some records of one kind, in order of id: how many; none when all is done, and then that is noted."""
    done = _undo_rows(change) if change.undo_began_at and _has_rows(change) else _replace(change)
    if not done:
        field = "undone_at" if change.undo_began_at else "finished_at"
        setattr(change, field, timezone.now())
    change.save(update_fields=["counts", "finished_at", "undone_at"])
    return done


def _replace(change: TagChange) -> int:
    """The other name in the place of the one, and once. What carries it is asked anew each time, so no cursor can miss any."""
    name, into = (change.into, change.name) if change.undo_began_at else (change.name, change.into)
    for kind, model in tagged_kinds().items():
        found = list(_locked_records(model, model._default_manager.tagged(name)))  # type: ignore[attr-defined]
        if not found:
            continue
        rows = []
        for record in found:
            before = list(record.tags)
            record.tags = list(dict.fromkeys(into if tag == name else tag for tag in before if into or tag != name))
            rows.append(TagChangeRow(change=change, kind=kind, record_id=record.pk, before=before, after=record.tags))
        model._default_manager.bulk_update(found, ["tags"])
        if _has_rows(change):
            # Whoever put the tag on again meanwhile is taken back to what there was at first.
            TagChangeRow.objects.bulk_create(rows, ignore_conflicts=True)
        if not change.undo_began_at:
            change.counts[kind] = change.counts.get(kind, 0) + len(found)
        return len(found)
    return 0


def _undo_rows(change: TagChange) -> int:
    """Records get back what they lost and lose what they got, but for what somebody has changed since."""
    kinds = tagged_kinds()
    kind = change.rows.order_by("kind").values_list("kind", flat=True).first()
    if kind is None:
        return 0
    rows = {row.record_id: row for row in change.rows.filter(kind=kind).order_by("record_id")[:CHUNK]}
    model = kinds[kind]
    found = list(_locked_records(model, model._default_manager.filter(pk__in=rows)))
    for record in found:
        row = rows[record.pk]
        record.tags = _put_back(list(record.tags), row.before, row.after, change)
    model._default_manager.bulk_update(found, ["tags"])
    TagChangeRow.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()
    return len(rows)


def _put_back(now: list[str], before: list[str], after: list[str], change: TagChange) -> list[str]:
    if now == after:
        return before
    if change.name in now:
        return now
    brought = change.is_merge and change.into not in before
    if brought and change.into in now:
        return [change.name if tag == change.into else tag for tag in now]
    # Somebody has taken the other one off since: then this one isn't wanted either.
    return now if brought else [*now, change.name]


def _locked_records(model: type[Model], found: Any) -> Any:
    """Some of them in the order in which everybody locks them."""
    ids = list(found.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    locked = model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return locked.order_by("pk").only("pk", "tags")


def _has_rows(change: TagChange) -> bool:
    return change.is_merge or not change.into


def _in_views(name: str, into: str) -> list[list[Any]]:
    """Have saved views ask for the other tag: which, and their filters before and after."""
    told = []
    for view in _views(name).select_for_update().order_by("pk"):
        before, after = view.filter, replace_tag(view.filter, name, into)
        if after != before:
            view.filter = after
            view.save(update_fields=["filter"])
            told.append([view.pk, before, after])
    return told


def _views(name: str) -> Any:
    """Those that may name it; deleted ones too, since they can come back."""
    return SavedView.objects.annotate(text=Cast("filter", TextField())).filter(text__contains='"tags"')


def _require_rest() -> None:
    if Job.objects.open().filter(kind=TAGS).exists():
        raise Refused(_("Another tag is being changed just now. Wait until that is done."))


def _locked(tag_id: int, by: User) -> Tag:
    rules.require(by, "settings.change")
    tag: Tag | None = Tag.objects.select_for_update().filter(pk=tag_id).first()
    if tag is None:
        raise Http404(_("This tag doesn't exist any more."))
    return tag


def _read(name: str) -> str:
    name = tidy(name).lstrip("#").strip()
    if not name:
        raise Refused(_("A tag needs a name."))
    return name


def _save(tag: Tag) -> None:
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError:
        raise Refused(_("There is a tag “%(name)s” already. Merge the two instead.") % {"name": tag.name}) from None


def label(job: Job) -> str:
    """What a job of this kind is called."""
    name, into = job.params.get("name", ""), job.params.get("into", "")
    return _("Tag “%(name)s” → “%(into)s”") % {"name": name, "into": into} if into else _("Tag “%(name)s” is taken off") % {"name": name}
