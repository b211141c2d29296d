"""The filters that are on, as words that can be taken away one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.filtering.reader import Reader
from crm.filtering.tree import try_tree
from crm.lists.views import name_of_view
from crm.models import User
from crm.templatetags.display import money_full
from pipeline.models import NextStep
from pipeline.queries.board_filters import Filters


@dataclass(frozen=True)
class Chip:
    """One filter in words; `query` is the address without it."""

    label: str
    query: str


def chips(filters: Filters, *, people: Iterable[User], currency: str, reader: Reader) -> Iterator[Chip]:
    """One chip per filter that is on; a view is one, and so is each part of a filter that a list has brought."""

    def chip(label: str, **without: Any) -> Chip:
        return Chip(label, filters.replaced(**without).query)

    if filters.view:
        yield chip(name_of_view(filters.view, "deal", reader), view="")
    if filters.filter:
        tree = try_tree(filters.filter, kind="deal", reader=reader)
        for error in tree.errors:
            yield chip(error, filter="")
        for said, rest in tree.parts(reader):
            yield chip(said, filter=rest.text)
    if filters.text:
        yield chip(_("“%(text)s”") % {"text": filters.text}, text="")
    if filters.owner:
        names = {"me": _("My deals"), "none": _("Without owner")} | {str(person.pk): person.name for person in people}
        yield chip(names.get(filters.owner, _("Unknown owner")), owner="")
    if filters.team:
        teams = {person.team_id: person.team.name for person in people if person.team}
        yield chip(teams.get(filters.team, _("Unknown team")), team=None)
    if filters.step:
        yield chip(_("Next step: %(state)s") % {"state": NextStep(filters.step).label}, step="")
    if filters.amount_from is not None:
        yield chip(_("from %(amount)s") % {"amount": money_full(filters.amount_from, currency)}, amount_from=None)
    if filters.amount_to is not None:
        yield chip(_("up to %(amount)s") % {"amount": money_full(filters.amount_to, currency)}, amount_to=None)
    if filters.rotting:
        yield chip(_("Standing too long"), rotting=False)
