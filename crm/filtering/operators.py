"""What can be asked of a field: the operators, their names in a list to choose from, and how a condition reads as a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Operator:
    """One way to ask; `takes` says what is typed beside it: one value, two, many, a number of days, or nothing."""

    key: str
    label: Any
    sentence: Any
    takes: str = "one"


OPERATORS = {
    operator.key: operator
    for operator in (
        Operator("is", pgettext_lazy("filter", "is"), pgettext_lazy("filter", "%(field)s is %(value)s")),
        Operator("is_not", pgettext_lazy("filter", "is not"), pgettext_lazy("filter", "%(field)s is not %(value)s")),
        Operator("any_of", pgettext_lazy("filter", "is any of"), pgettext_lazy("filter", "%(field)s is any of: %(value)s"), "many"),
        Operator("none_of", pgettext_lazy("filter", "is none of"), pgettext_lazy("filter", "%(field)s is none of: %(value)s"), "many"),
        Operator("has_any", pgettext_lazy("filter", "has any of"), pgettext_lazy("filter", "%(field)s has any of: %(value)s"), "many"),
        Operator("has_all", pgettext_lazy("filter", "has all of"), pgettext_lazy("filter", "%(field)s has all of: %(value)s"), "many"),
        Operator("has_none", pgettext_lazy("filter", "has none of"), pgettext_lazy("filter", "%(field)s has none of: %(value)s"), "many"),
        Operator("contains", pgettext_lazy("filter", "contains"), pgettext_lazy("filter", "%(field)s contains %(value)s")),
        Operator("lacks", pgettext_lazy("filter", "does not contain"), pgettext_lazy("filter", "%(field)s does not contain %(value)s")),
        Operator("begins", pgettext_lazy("filter", "begins with"), pgettext_lazy("filter", "%(field)s begins with %(value)s")),
        Operator("more", pgettext_lazy("filter", "is more than"), pgettext_lazy("filter", "%(field)s is more than %(value)s")),
        Operator("less", pgettext_lazy("filter", "is less than"), pgettext_lazy("filter", "%(field)s is less than %(value)s")),
        Operator("between", pgettext_lazy("filter", "is between"), pgettext_lazy("filter", "%(field)s is between %(value)s"), "two"),
        Operator("before", pgettext_lazy("filter", "is before"), pgettext_lazy("filter", "%(field)s is before %(value)s")),
        Operator("after", pgettext_lazy("filter", "is after"), pgettext_lazy("filter", "%(field)s is after %(value)s")),
        Operator("last", pgettext_lazy("filter", "is in the last … days"), pgettext_lazy("filter", "%(field)s %(value)s"), "days"),
        Operator("next", pgettext_lazy("filter", "is in the next … days"), pgettext_lazy("filter", "%(field)s %(value)s"), "days"),
        Operator("older", pgettext_lazy("filter", "is more than … days ago"), pgettext_lazy("filter", "%(field)s %(value)s"), "days"),
        Operator("empty", pgettext_lazy("filter", "is empty"), pgettext_lazy("filter", "%(field)s is empty"), "nothing"),
        Operator("filled", pgettext_lazy("filter", "is not empty"), pgettext_lazy("filter", "%(field)s is not empty"), "nothing"),
    )
}
