"""Shaping the custom fields: one verb each, for admins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _

from crm import events, rules
from crm.cleaning import clean
from crm.custom_fields.keys import PLAIN_KEY, make_key
from crm.custom_fields.registry import TYPES, type_of
from crm.errors import Changed, Refused
from crm.marks import require_mark
from crm.models import CustomField, FieldKind, User
from crm.models.custom_fields import label_of
from crm.reach import WORDS

EDITABLE = ("labels", "is_required")
MAX_LABEL = 80
MAX_FIELDS = 100
MAX_OPTIONS = 200
LANGUAGES = tuple(code for code, _language in settings.LANGUAGES)


def add_field(
    *, kind: str, type: str, labels: dict[str, str], by: User, key: str = "", options: Iterable[Any] = (), is_required: bool = False
) -> CustomField:
    """Add a field at the end. Its key is made from its name unless given; options are labels, or words in the admin's language."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        if kind not in FieldKind.values or type not in TYPES:
            raise Refused(_("There is no such kind or type of field."))
        others = _lock_kind(kind)
        if len([other for other in others if not other.archived_at]) >= MAX_FIELDS:
            raise Refused(_("There are %(count)s fields already; nobody can find their way among more.") % {"count": MAX_FIELDS})
        field = CustomField(kind=kind, type=type, labels=clean_labels(labels), is_required=is_required)
        field.key = key or make_key(_words(field.labels), {other.key for other in others}, "field")
        if not PLAIN_KEY.fullmatch(field.key):
            raise Refused(_("A key has small Latin letters, digits and underscores, and begins with a letter."))
        _require_free(field, others)
        field.options = _new_options(field, options)
        field.position = max((other.position for other in others), default=-1) + 1
        clean(field)
        _save(field)
        events.record("custom_field.added", record="custom_field", record_id=field.pk, by=by, kind=kind, key=field.key, labels=field.labels)
    return field


def edit_field(*, field_id: int, changes: dict[str, Any], by: User, mark: str = "") -> CustomField:
    """Rename a field, or ask for it or no longer (`EDITABLE`). Older `mark`: Changed (412). Values stay as they are."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        field = _lock(field_id)
        require_mark(field, EDITABLE, mark)
        was = {name: getattr(field, name) for name in EDITABLE}
        if "labels" in changes:
            field.labels = clean_labels(changes["labels"])
        field.is_required = bool(changes.get("is_required", field.is_required))
        if field.labels != was["labels"]:
            _require_free(field, CustomField.objects.of(field.kind))
        changed = {name: [was[name], getattr(field, name)] for name in EDITABLE if was[name] != getattr(field, name)}
        if changed:
            field.save(update_fields=list(changed))
            _tell("edited", field, by, changes=changed)
    return field


def archive_field(*, field_id: int, by: User) -> CustomField:
    """Show and ask for it no longer; the values stay where they are."""
    return _set_archived(field_id, by, archived=True)


def restore_field(*, field_id: int, by: User) -> CustomField:
    """Show it again, with all its values."""
    return _set_archived(field_id, by, archived=False)


def reorder_fields(*, kind: str, order: list[int], was: list[int], by: User) -> None:
    """Put the live fields of a kind into this order. When they don't stand as the admin saw them (`was`): Changed (412)."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        fields = {field.pk: field for field in _lock_kind(kind) if field.archived_at is None}
        current = list(fields)
        if was != current:
            raise Changed(_("Somebody else has changed the fields meanwhile. Here is how they stand now."), current)
        if sorted(order) != sorted(current):
            raise Refused(_("These aren't the fields any more. Reload the page."))
        if order == current:
            return
        for position, pk in enumerate(order):
            fields[pk].position = position
        CustomField.objects.bulk_update(fields.values(), ["position"])
        events.record("custom_field.reordered", record="custom_field", record_id=order[0], by=by, kind=kind, order=order, was=current)


def add_option(*, field_id: int, labels: dict[str, str], by: User) -> dict[str, Any]:
    """Offer one option more, at the end."""
    with transaction.atomic():
        field = _lock_choice(field_id, by)
        [option] = _new_options(field, [labels])
        field.options = [*field.options, option]
        field.save(update_fields=["options"])
        _tell("option_added", field, by, option=option["key"], labels=option["labels"])
    return option


def edit_option(*, field_id: int, key: str, labels: dict[str, str], by: User, was: dict[str, str] | None = None) -> dict[str, Any]:
    """Rename an option: records that chose it keep it under its new name. Not named as the admin saw it (`was`): Changed (412)."""
    with transaction.atomic():
        field = _lock_choice(field_id, by)
        option = _option(field, key)
        before, after = option["labels"], clean_labels(labels)
        if was is not None and was != before:
            raise Changed(_("Somebody else has changed this meanwhile."), {"labels": before})
        if after != before:
            _require_free_option(field, after, but=key)
            option["labels"] = after
            field.save(update_fields=["options"])
            _tell("option_edited", field, by, option=key, changes={"labels": [before, after]})
    return option


def remove_option(*, field_id: int, key: str, by: User) -> dict[str, Any]:
    """Offer an option no longer; records that have chosen it keep it."""
    return _set_removed(field_id, key, by, removed=True)


def restore_option(*, field_id: int, key: str, by: User) -> dict[str, Any]:
    """Offer it again."""
    return _set_removed(field_id, key, by, removed=False)


def reorder_options(*, field_id: int, order: list[str], was: list[str], by: User) -> None:
    """Put the options into this order; removed ones stay at the end. When they don't stand as the admin saw them (`was`): Changed."""
    with transaction.atomic():
        field = _lock_choice(field_id, by)
        live = {option["key"]: option for option in field.live_options}
        if was != list(live):
            raise Changed(_("Somebody else has changed the options meanwhile. Here is how they stand now."), list(live))
        if sorted(order) != sorted(live):
            raise Refused(_("These aren't the options any more. Reload the page."))
        if order != list(live):
            field.options = [*(live[key] for key in order), *(option for option in field.options if option.get("removed"))]
            field.save(update_fields=["options"])
            _tell("options_reordered", field, by, order=order, was=was)


def clean_labels(labels: Any) -> dict[str, str]:
    """Names by language, without those that say nothing; at least one is needed."""
    if not isinstance(labels, dict) or not all(isinstance(words, str) for words in labels.values()) or set(labels) - set(LANGUAGES):
        raise Refused(_("Names are given by language: %(languages)s.") % {"languages": ", ".join(LANGUAGES)})
    found = {code: " ".join(labels[code].replace("\0", "").split()) for code in LANGUAGES if code in labels}
    found = {code: words for code, words in found.items() if words}
    if not found:
        raise Refused(_("It needs a name, in one language at least."))
    if any(len(words) > MAX_LABEL for words in found.values()):
        raise Refused(_("A name has at most %(count)s characters.") % {"count": MAX_LABEL})
    return found


def _set_archived(field_id: int, by: User, *, archived: bool) -> CustomField:
    with transaction.atomic():
        rules.require(by, "settings.change")
        field = _lock(field_id)
        if bool(field.archived_at) != archived:
            if not archived:
                _require_free(field, CustomField.objects.of(field.kind))
            field.archived_at = timezone.now() if archived else None
            field.save(update_fields=["archived_at"])
            _tell("archived" if archived else "restored", field, by)
    return field


def _set_removed(field_id: int, key: str, by: User, *, removed: bool) -> dict[str, Any]:
    with transaction.atomic():
        field = _lock_choice(field_id, by)
        option = _option(field, key)
        if bool(option.get("removed")) == removed:
            return option
        if removed:
            if len(field.live_options) == 1:
                raise Refused(_("A choice needs at least one option. Add another first, or archive the whole field."))
            option["removed"] = True
        else:
            _require_free_option(field, option["labels"], but=key)
            del option["removed"]
        field.options = [*field.live_options, *(each for each in field.options if each.get("removed"))]
        field.save(update_fields=["options"])
        _tell("option_removed" if removed else "option_restored", field, by, option=key)
    return option


def _lock_kind(kind: str) -> list[CustomField]:
    """The fields of a kind in their order, and nobody else adds or orders any of them until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('crm_customfield'), hashtext(%s))", [kind])
    return list(CustomField.objects.of(kind).select_for_update(no_key=True))


def _lock(field_id: int) -> CustomField:
    field = CustomField.objects.select_for_update(no_key=True).filter(pk=field_id).first()
    if field is None:
        raise Http404(_("This field doesn't exist."))
    return field


def _lock_choice(field_id: int, by: User) -> CustomField:
    rules.require(by, "settings.change")
    field = _lock(field_id)
    if not type_of(field).has_options:
        raise Refused(_("A field of this type has no options."))
    return field


def _option(field: CustomField, key: str) -> dict[str, Any]:
    found = next((option for option in field.options if option["key"] == key), None)
    if found is None:
        raise Http404(_("This option doesn't exist."))
    return found


def _new_options(field: CustomField, given: Iterable[Any]) -> list[dict[str, Any]]:
    """Options of these labels, or of words in the admin's language, with keys that the field hasn't had yet."""
    labels = [clean_labels({_language(): one} if isinstance(one, str) else one) for one in given]
    if not type_of(field).has_options:
        if labels:
            raise Refused(_("A field of this type has no options."))
        return []
    if not labels:
        raise Refused(_("A choice needs at least one option."))
    if len(field.options) + len(labels) > MAX_OPTIONS:
        raise Refused(_("A choice has at most %(count)s options.") % {"count": MAX_OPTIONS})
    probe = CustomField(options=list(field.options))
    added: list[dict[str, Any]] = []
    for one in labels:
        _require_free_option(probe, one)
        added.append({"key": make_key(_words(one), {option["key"] for option in probe.options}, "option"), "labels": one})
        probe.options.append(added[-1])
    return added


def _require_free(field: CustomField, others: Iterable[CustomField]) -> None:
    """Two fields that people can't tell apart are refused, and a key that is taken."""
    if name := next((words for words in field.labels.values() if words.casefold() in built_in_names(field.kind)), ""):
        raise Refused(_("There is a field “%(name)s” already.") % {"name": name})
    for other in others:
        if other.pk == field.pk:
            continue
        if other.key == field.key:
            raise Refused(_("The key “%(key)s” is taken.") % {"key": field.key})
        if _same(other.labels, field.labels):
            if other.archived_at:
                raise Refused(_("“%(name)s” is archived. Bring it back instead.") % {"name": other.label})
            raise Refused(_("There is a field “%(name)s” already.") % {"name": other.label})


def built_in_names(kind: str) -> set[str]:
    """What the fields that every record of the kind has are called on its page, in all languages."""
    names = set()
    for language in LANGUAGES:
        with override(language):
            own = {pgettext("person", "Name"), _("Position"), _("Company")} if kind == "contact" else {_("Name"), _("Website")}
            if kind == "deal":
                own = {_("Title"), _("Amount"), _("Currency"), _("Company"), _("Contact"), _("Source"), _("Expected close")}
            else:
                own |= {str(words) for pair in WORDS.values() for words in pair[:1]}
            names |= {str(name).casefold() for name in own | {_("Owner"), _("Tags")}}
    return names


def _require_free_option(field: CustomField, labels: dict[str, str], but: str = "") -> None:
    for option in field.options:
        if option["key"] != but and _same(option["labels"], labels):
            words = _("“%(name)s” is among the removed options. Bring it back instead.") if option.get("removed") else None
            raise Refused((words or _("“%(name)s” is among the options already.")) % {"name": label_of(option["labels"])})


def _same(one: dict[str, str], other: dict[str, str]) -> bool:
    return any(one[code].casefold() == other[code].casefold() for code in one if code in other)


def _words(labels: dict[str, str]) -> str:
    return labels.get("en") or next(iter(labels.values()))


def _language() -> str:
    code = (get_language() or "")[:2]
    return code if code in LANGUAGES else LANGUAGES[0]


def _save(field: CustomField) -> None:
    try:
        with transaction.atomic():
            field.save()
    except IntegrityError:
        raise Refused(_("The key “%(key)s” is taken.") % {"key": field.key}) from None


def _tell(what: str, field: CustomField, by: User, **more: Any) -> None:
    events.record(f"custom_field.{what}", record="custom_field", record_id=field.pk, by=by, kind=field.kind, key=field.key, **more)
