"""The filter of a view, by how an address names it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm.filtering.reader import Reader
from crm.filtering.tree import Tree, try_tree
from crm.ids import read_id
from crm.lists.kinds import standard_views
from crm.models import SavedView


def view_tree(ref: str, kind: str, reader: Reader) -> Tree:
    """What a standard or saved view of this kind finds; one that isn't this reader's to see finds nothing. One query at most."""
    standard = next((view for view in standard_views(kind) if view.key == ref), None)
    if standard:
        return try_tree(standard.filter, kind=kind, reader=reader)
    pk = read_id(ref)
    saved = SavedView.objects.visible_to(reader.user).filter(pk=pk, kind=kind).first() if pk else None
    if saved is None:
        return Tree(kind, errors=(_("This view doesn't exist, or it isn't shared with you."),))
    return try_tree(saved.filter, kind=kind, reader=reader)


def name_of_view(ref: str, kind: str, reader: Reader) -> str:
    """What a view is called, as far as the reader sees it. One query at most."""
    standard = next((view for view in standard_views(kind) if view.key == ref), None)
    pk = read_id(ref)
    saved = SavedView.objects.visible_to(reader.user).filter(pk=pk, kind=kind).first() if pk and not standard else None
    return str(standard.name) if standard else saved.name if saved else _("This view doesn't exist, or it isn't shared with you.")
