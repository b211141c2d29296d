"""Tags: put on records by name; a new name joins the list of those that are suggested."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from crm.cleaning import tidy
from crm.errors import Refused
from crm.models import Tag
from crm.models.tags import MAX_TAG

MAX_TAGS = 30


def read_tags(names: Any) -> list[str]:
    """The tags as a record keeps them: each once, in the case in which the list of tags has it; new ones join that list."""
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise Refused(_("Tags are a list of words."))
    typed = [name for name in (tidy(name).lstrip("#").strip() for name in names) if name]
    wanted = list({name.lower(): name for name in reversed(typed)}.values())[::-1]  # of two cases the one typed first
    if any(len(name) > MAX_TAG for name in wanted):
        raise Refused(_("A tag has at most %(count)d characters.") % {"count": MAX_TAG})
    if len(wanted) > MAX_TAGS:
        raise Refused(_("That are too many tags: at most %(count)d fit here.") % {"count": MAX_TAGS})
    known = know_tags(wanted)
    return list(dict.fromkeys(known.get(name.lower(), name) for name in wanted))


def know_tags(names: Iterable[str]) -> dict[str, str]:
    """Lower-case name → the name as the list of tags has it, for each of these; those not there yet are added."""
    wanted = {name.lower(): name for name in names}
    if not wanted:
        return {}
    known = _known(wanted)
    if missing := [name for key, name in wanted.items() if key not in known]:
        Tag.objects.bulk_create([Tag(name=name) for name in missing], ignore_conflicts=True)
        known = _known(wanted)
    return known


def _known(wanted: dict[str, str]) -> dict[str, str]:
    names = Tag.objects.annotate(key=Lower("name")).filter(key__in=wanted)
    return {name.lower(): name for name in names.values_list("name", flat=True)}
