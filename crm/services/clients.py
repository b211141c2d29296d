"""Adding and editing companies and contacts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, rules
from crm.cleaning import clean
from crm.errors import Changed, Refused
from crm.models import Company, Contact, User
from crm.services.custom_values import put_values

FIELDS: dict[type[Company] | type[Contact], tuple[str, ...]] = {
    Company: ("name", "website", "city", "owner"),
    Contact: ("name", "email", "phone", "position", "company", "owner"),
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
    Not visible: Http404. Not theirs to change: Forbidden. Bad values: Refused.
    """
    if unknown := set(values) - set(FIELDS[model]):
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    kind = model._meta.model_name or ""
    with transaction.atomic():
        client = model(owner=by, team=by.team) if pk is None else _locked(model, pk, by)
        if isinstance(name := values.get("company"), str):
            values["company"] = find_or_add_company(name=name, by=by)
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
            events.record(f"{kind}.edited", record=kind, record_id=client.pk, by=by, changes=changed)
    return client


def plain(client: Company | Contact, field: str) -> Any:
    """A field's value as the journal and a form write it: a record by its id."""
    return getattr(client, f"{field}_id", getattr(client, field))


def find_or_add_company(*, name: str, by: User) -> Company | None:
    """The company of that name that the person sees, else a new one of theirs; none for an empty name."""
    name = name.strip()
    if not name:
        return None
    found = Company.objects.visible_to(by).filter(name__iexact=name).order_by("id").first()
    return found or save_client(model=Company, by=by, name=name)


def _require_unchanged(client: Company | Contact, was: dict[str, Any], values: dict[str, Any]) -> None:
    now = {field: plain(client, field) for field in was}
    wanted = {field: getattr(value, "pk", value) for field, value in values.items()}
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
