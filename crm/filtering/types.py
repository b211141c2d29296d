"""Types of fields: which operators each has, how a value is read strictly, compared in SQL, and said in words."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from crm import records
from crm.filtering.columns import Column, compare, is_null, unless
from crm.filtering.fields import FilterField
from crm.filtering.names import Names
from crm.filtering.operators import OPERATORS
from crm.filtering.reader import Reader
from crm.models import User
from crm.queries.merged import follow_merges
from crm.templatetags.display import day, money_full, number

MAX_TEXT, MAX_VALUES, MAX_DAYS = 200, 100, 36_600
MAX_ID = 2**63 - 1
MAX_NUMBER = Decimal(10) ** 15
PLAIN_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")
NOTHING = Q(pk__in=[])


class Unreadable(ValueError):
    """A filter that makes no sense, with the reason in words."""


class FieldType:
    """What the types have in common; `editor` is what a value is typed into."""

    key = "text"
    editor = "text"
    operators: tuple[str, ...] = ()
    # Where a sentence of this type sounds different.
    sentences: dict[str, Any] = {}

    def read(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Any:
        """The value in its one shape, as it is kept; `Unreadable` for anything that is none."""
        takes = OPERATORS[operator].takes
        if takes == "nothing":
            return None
        if takes == "days":
            return _whole(value, 1, MAX_DAYS)
        if takes in ("two", "many"):
            if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES or (takes == "two" and len(value) != 2):
                raise Unreadable(_("two values are needed") if takes == "two" else _("a list of 1 to 100 values is needed"))
            read = [self.read_one(one, field, reader) for one in value]
            return read if takes == "two" else list(dict.fromkeys(read))
        return self.read_one(value, field, reader)

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> Any:
        """One value in its one shape."""
        raise NotImplementedError

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        """The question in SQL, about the field's column."""
        raise NotImplementedError

    def say(self, operator: str, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        """The value in words."""
        return ", ".join(self.say_one(one, field, reader, names) for one in (value if isinstance(value, list) else [value]))

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        """One value in words."""
        return str(value)

    def note(self, value: Any, field: FilterField, names: Names) -> None:
        """Ask for the names that the words will need, so that all are read at once."""


class TextType(FieldType):
    """Words, compared in any case."""

    operators = ("contains", "lacks", "is", "is_not", "begins", "empty", "filled")

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> str:
        return read_text(value)

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        column = field.column
        blank = is_null(column) | compare(column, "exact", "")
        if operator in ("empty", "filled"):
            return blank if operator == "empty" else ~is_null(column) & ~compare(column, "exact", "")
        any_case = "" if field.shaped else "i"
        lookup = {"is": "exact", "is_not": "exact", "contains": "contains", "lacks": "contains", "begins": "startswith"}[operator]
        found = compare(column, any_case + lookup, field.shaped(value) if field.shaped else value)
        return unless(found, column) if operator in ("is_not", "lacks") else found

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        return _("“%(text)s”") % {"text": value}


class NumberType(FieldType):
    """A number."""

    key = editor = "number"
    operators = ("is", "is_not", "more", "less", "between", "empty", "filled")

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> str:
        return read_number(value)

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        if operator in ("empty", "filled"):
            return is_null(field.column) if operator == "empty" else ~is_null(field.column)
        found = _within(field.column, operator, [Decimal(one) for one in (value if isinstance(value, list) else [value])])
        return unless(found, field.column) if operator == "is_not" else found

    def say(self, operator: str, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        return pair([self.say_one(one, field, reader, names) for one in (value if isinstance(value, list) else [value])])

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        return number(Decimal(value), 6)


class MoneyType(NumberType):
    """Money, compared in the organisation's currency at today's rate; what has no rate fits no comparison."""

    key = editor = "money"

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        if operator in ("empty", "filled"):
            return super().condition(operator, value, field, reader)
        limits = [Decimal(one) for one in (value if isinstance(value, list) else [value])]
        found = reduce(
            or_,
            [
                compare(field.currency, "exact", currency) & _within(field.column, operator, [limit / rate for limit in limits])
                for currency, rate in reader.rates.items()
            ],
            NOTHING,
        )
        return unless(found, field.column) if operator == "is_not" else found

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        return money_full(Decimal(value), reader.currency)


class YesNoType(FieldType):
    """Yes, or anything else."""

    key = editor = "yes_no"
    operators = ("is",)
    sentences = {"is": pgettext_lazy("filter", "%(field)s: %(value)s")}

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> bool:
        if not isinstance(value, bool):
            raise Unreadable(_("true or false is needed"))
        return value

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        found = compare(field.column, "exact", True)
        return found if value else unless(found, field.column)

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        return pgettext("filter", "yes") if value else pgettext("filter", "no")


class ChoiceType(FieldType):
    """One of several words."""

    key = editor = "choice"
    operators: tuple[str, ...] = ("is", "is_not", "any_of", "none_of", "empty", "filled")

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> str:
        key = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(key, str) or key not in {str(known) for known, _label in self.choices_of(field, reader)}:
            raise Unreadable(_("“%(value)s” is none of the choices") % {"value": str(value)[:40]})
        return key

    def choices_of(self, field: FilterField, reader: Reader) -> list[tuple[str, Any]]:
        """The keys and their words."""
        return [(str(key), label) for key, label in (field.choices(reader) if field.choices else ())]

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        column = field.column
        if operator in ("empty", "filled"):
            return is_null(column) if operator == "empty" else ~is_null(column)
        found = compare(column, "in", value if isinstance(value, list) else [value])
        return unless(found, column) if operator in ("is_not", "none_of") else found

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        return str(dict(self.choices_of(field, reader)).get(value, value))


class ChoicesType(ChoiceType):
    """Several words of several, in a list of JSON."""

    key, editor = "choices", "choice"
    operators = ("has_any", "has_all", "has_none", "empty", "filled")

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        column = field.column
        empty = is_null(column) | compare(column, "exact", [])
        if operator in ("empty", "filled"):
            return empty if operator == "empty" else ~is_null(column) & ~compare(column, "exact", [])
        if operator == "has_all":
            return compare(column, "contains", value)
        found = reduce(or_, [compare(column, "contains", [one]) for one in value])
        return unless(found, column) if operator == "has_none" else found


class TagType(FieldType):
    """Words hung on a record, in an array."""

    key, editor = "tag", "tags"
    operators = ("has_any", "has_all", "has_none", "empty", "filled")

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> str:
        return read_text(value)

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        column = field.column
        if operator in ("empty", "filled"):
            return (
                is_null(column) | compare(column, "exact", []) if operator == "empty" else ~is_null(column) & ~compare(column, "exact", [])
            )
        # Said in addition, since the index leaves out what carries no tag.
        found = compare(column, "contains" if operator == "has_all" else "overlap", value) & ~compare(column, "exact", [])
        return unless(found, column) if operator == "has_none" else found


class PersonType(FieldType):
    """A colleague: me, my team, nobody, or somebody by id."""

    key = editor = "person"
    operators = ("is", "is_not", "any_of", "none_of")
    words = ("me", "my_team", "nobody")

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> str | int:
        return value if isinstance(value, str) and value in self.words else _whole(value, 1, MAX_ID)

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        column = field.column
        found = reduce(or_, [self._one(column, one, reader) for one in (value if isinstance(value, list) else [value])])
        if operator in ("is", "any_of"):
            return found
        return ~found if "nobody" in (value if isinstance(value, list) else [value]) else unless(found, column)

    @staticmethod
    def _one(column: Column, value: str | int, reader: Reader) -> Q:
        if value == "nobody":
            return is_null(column)
        if value == "my_team":
            return (
                compare(column, "in", User.objects.filter(team=reader.user.team_id).order_by().values("pk"))
                if reader.user.team_id
                else NOTHING
            )
        return compare(column, "exact", reader.user.pk if value == "me" else value)

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        known = {"me": pgettext("filter", "me"), "my_team": pgettext("filter", "my team"), "nobody": pgettext("filter", "nobody")}
        return known.get(value) or names.get("user", value) or _("somebody unknown")

    def note(self, value: Any, field: FilterField, names: Names) -> None:
        names.want("user", [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int)])


class RecordType(FieldType):
    """Another record, by its id, of those that the reader may see; one that was merged means where it went."""

    key = editor = "record"
    operators = ("is", "is_not", "any_of", "empty", "filled")

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> int:
        return _whole(value, 1, MAX_ID)

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        column = field.column
        if operator in ("empty", "filled"):
            return is_null(column) if operator == "empty" else ~is_null(column)
        asked = follow_merges(field.record, value if isinstance(value, list) else [value])
        seen = records.kind_of(field.record).visible_to(reader.user).filter(pk__in=asked.values())
        found = compare(column, "in", seen.order_by().values("pk"))
        return unless(found, column) if operator == "is_not" else found

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        found = names.get(field.record, value)
        return _("“%(text)s”") % {"text": found} if found else _("something unknown")

    def note(self, value: Any, field: FilterField, names: Names) -> None:
        names.want(field.record, value if isinstance(value, list) else [value] if value else [])


def read_text(value: Any) -> str:
    """Some words that the database can hold."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > MAX_TEXT or "\0" in text:
        raise Unreadable(_("a text of 1 to 200 characters is needed"))
    return text


def read_number(value: Any) -> str:
    """A number as it is kept: digits without a zero too many."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    try:
        if not isinstance(text, str) or not PLAIN_NUMBER.fullmatch(text := text.strip().replace(",", ".")):
            raise InvalidOperation
        found = Decimal(text)
    except InvalidOperation:
        raise Unreadable(_("“%(value)s” is no number") % {"value": str(value)[:40]}) from None
    if abs(found) >= MAX_NUMBER:
        raise Unreadable(_("“%(value)s” is no number") % {"value": str(value)[:40]})
    return f"{found.normalize():f}" if found else "0"


def read_day(value: Any) -> date | None:
    """A day written as 2026-11-24."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
    return found if found and 1900 <= found.year <= 2200 else None


def say_day(value: date, reader: Reader) -> str:
    """A day, with its year where that isn't this one."""
    return day(value, reader.today)


def _within(column: Column, operator: str, limits: list[Decimal]) -> Q:
    if operator == "between":
        low, high = sorted(limits)
        return compare(column, "gte", low) & compare(column, "lte", high)
    return compare(column, {"is": "exact", "is_not": "exact", "more": "gt", "less": "lt"}[operator], limits[0])


def pair(said: list[str]) -> str:
    """One value, or two between which something lies."""
    return pgettext("filter", "%(first)s and %(second)s") % {"first": said[0], "second": said[1]} if len(said) == 2 else said[0]


def _whole(value: Any, least: int, most: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Unreadable(_("“%(value)s” is not what is asked for here") % {"value": str(value)[:40]})
    return value


def say_days(operator: str, count: int) -> str:
    """So many days back or ahead."""
    if operator == "last":
        return ngettext("in the last %(count)s day", "in the last %(count)s days", count) % {"count": count}
    if operator == "next":
        return ngettext("in the next %(count)s day", "in the next %(count)s days", count) % {"count": count}
    return ngettext("more than %(count)s day ago", "more than %(count)s days ago", count) % {"count": count}


TEXT, NUMBER, MONEY, YES_NO = TextType(), NumberType(), MoneyType(), YesNoType()
CHOICE, CHOICES, TAG, PERSON, RECORD = ChoiceType(), ChoicesType(), TagType(), PersonType(), RecordType()
