"""Adding and editing companies and contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, rules
from crm.cleaning import clean, tidy
from crm.errors import Changed, Refused
from crm.models import Company, Consent, Contact, Organisation, User
from crm.reach import LISTS, MAIN, read_list, with_main
from crm.services.custom_values import put_values
from crm.services.tags import read_tags

TEXTS = ("name", "website", "position", "consent_source", "do_not_contact_source")
REACH = ("emails", "phones", "addresses", "links", "tags", "owner")
CONSENT = ("consent", "consent_at", "consent_source", "do_not_contact", "do_not_contact_at", "do_not_contact_source")
FIELDS: dict[type[Company] | type[Contact], tuple[str, ...]] = {
    Company: ("name", "website", *REACH, *CONSENT),
    Contact: ("name", "position", "company", *REACH, *CONSENT),
}


def save_client(
    *,
    model: type[Company] | type[Contact],
    by: User,
    pk: int | None = None,
    was: dict[str, Any] | None = None,
    custom: dict[str, Any] | None = None,
    **values: Any,
) -> Any:
    """Add a company or contact (owned by `by` unless said otherwise), or edit the one with this `pk`.

    `was` names the values that the editor saw: where one of these fields has been given another value meanwhile: Changed (412)
    with what stands there now. Different fields edited by two people merge. A contact's company may be a name, looked up or added.
    `custom` are values of custom fields by their keys, put among those there are; `was["custom"]` names those that the editor saw.
    `email`, `phone` and `city` name the main one of their lists.
    Not visible: Http404. Not theirs to change: Forbidden. Bad values: Refused.
    """
    if unknown := set(values) - {*FIELDS[model], *MAIN}:
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    kind = model._meta.model_name or ""
    with transaction.atomic():
        client = model(owner=by, team=by.team) if pk is None else _locked(model, pk, by)
        values = _read(client, values, by)
        before = {field: plain(client, field) for field in values}
        seen = dict(was or {})
        seen_custom = seen.pop("custom", None)
        _require_unchanged(client, seen, values)
        changed_custom = put_values(client, kind=kind, given=custom or {}, was=seen_custom)
        for field, value in values.items():
            setattr(client, field, value)
        if "owner" in values:
            client.team = client.owner.team if client.owner else by.team
        clean(client)
        client.save()
        if pk is None:
            events.record(f"{kind}.created", record=kind, record_id=client.pk, by=by)
        elif changed := _changed(client, before) | changed_custom:
            client.refresh_from_db(fields=["sort_name", *MAIN])  # the database has made them anew
            events.record(f"{kind}.edited", record=kind, record_id=client.pk, by=by, changes=changed)
    return client


def plain(client: Company | Contact, field: str) -> Any:
    """A field's value as the journal and a form write it: a record by its id, a time as text."""
    value = getattr(client, f"{field}_id", getattr(client, field))
    return value.isoformat() if isinstance(value, datetime) else value


def find_or_add_company(*, name: str, by: User) -> Company | None:
    """The company of that name that the person sees, else a new one of theirs; none for an empty name."""
    name = tidy(name)
    if not name:
        return None
    found = Company.objects.visible_to(by).filter(name__iexact=name).order_by("id").first()
    return found or save_client(model=Company, by=by, name=name)


def _read(client: Company | Contact, values: dict[str, Any], by: User) -> dict[str, Any]:
    """The values as the row keeps them: words tidied, lists read, the main ones put into their lists, consent dated."""
    values = {field: tidy(value) if field in TEXTS else value for field, value in values.items()}
    if (website := values.get("website")) and "://" not in website:
        values["website"] = f"https://{website}"
    if isinstance(name := values.get("company"), str):
        values["company"] = find_or_add_company(name=name, by=by)
    if any(field in LISTS or field in MAIN for field in values):
        region = Organisation.current().country
        for field in LISTS:
            if field in values:
                values[field] = read_list(field, values[field], region=region)
        for field, (rows, key) in MAIN.items():
            if field in values:
                typed = read_list(rows, [{key: values.pop(field) or ""}], region=region)
                values[rows] = with_main(field, values.get(rows, getattr(client, rows)), typed[0] if typed else {})
    if "tags" in values:
        values["tags"] = read_tags(values["tags"])
    return values | _dated(client, values)


def _dated(client: Company | Contact, values: dict[str, Any]) -> dict[str, Any]:
    """Since when and from where consent, or the wish to be left alone, is known: now and from nobody unless said otherwise."""
    dated = {}
    for field, nothing in (("consent", Consent.UNKNOWN), ("do_not_contact", False)):
        value = values.get(field, getattr(client, field))
        if value == nothing:
            dated |= {f"{field}_at": None, f"{field}_source": ""} if values.keys() & set(CONSENT) else {}
        elif value != getattr(client, field):
            dated |= {f"{field}_at": values.get(f"{field}_at") or timezone.now(), f"{field}_source": values.get(f"{field}_source") or ""}
    return dated


def _require_unchanged(client: Company | Contact, was: dict[str, Any], values: dict[str, Any]) -> None:
    now = {field: plain(client, field) for field in was}
    wanted = {field: getattr(value, "pk", value) for field, value in values.items()}
    wanted |= {field: rows[0][key] if (rows := values[name]) else "" for field, (name, key) in MAIN.items() if name in values}
    differing = {field: now[field] for field in was if now[field] != was[field] and now[field] != wanted.get(field)}
    if differing:
        raise Changed(_("Somebody else has changed this meanwhile. Look at the new value before you overwrite it."), differing)


def _locked(model: type[Any], pk: int, by: User) -> Any:
    if not model.objects.visible_to(by).filter(pk=pk).exists():
        raise Http404(_("This record doesn't exist, or you may not see it."))
    client = model.objects.select_for_update(of=("self",)).get(pk=pk)
    rules.require(by, f"{model._meta.model_name}.change", client)
    return client


def _changed(client: Any, before: dict[str, Any]) -> dict[str, list[Any]]:
    after = {field: plain(client, field) for field in before}
    return {field: [before[field], after[field]] for field in before if before[field] != after[field]}
