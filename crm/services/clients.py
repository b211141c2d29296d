"""Adding and editing companies and contacts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, rules
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Company, Contact, User

FIELDS: dict[type[Company] | type[Contact], tuple[str, ...]] = {
    Company: ("name", "website", "city", "owner"),
    Contact: ("name", "email", "phone", "position", "company", "owner"),
}


def save_client(*, model: type[Company] | type[Contact], by: User, pk: int | None = None, **values: Any) -> Any:
    """Add a company or contact (owned by `by` unless said otherwise), or edit the one with this `pk`.

    Not visible: Http404. Not theirs to change: Forbidden. Bad values: Refused.
    """
    if unknown := set(values) - set(FIELDS[model]):
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    kind = model._meta.model_name or ""
    with transaction.atomic():
        client = model(owner=by, team=by.team) if pk is None else _locked(model, pk, by)
        before = {field: getattr(client, f"{field}_id", getattr(client, field)) for field in values}
        for field, value in values.items():
            setattr(client, field, value)
        if "owner" in values:
            client.team = client.owner.team if client.owner else by.team
        clean(client)
        client.save()
        if pk is None:
            events.record(f"{kind}.created", record=kind, record_id=client.pk, by=by)
        elif changed := _changed(client, before):
            events.record(f"{kind}.edited", record=kind, record_id=client.pk, by=by, changes=changed)
    return client


def _locked(model: type[Any], pk: int, by: User) -> Any:
    if not model.objects.visible_to(by).filter(pk=pk).exists():
        raise Http404(_("This record doesn't exist, or you may not see it."))
    client = model.objects.select_for_update(of=("self",)).get(pk=pk)
    rules.require(by, f"{model._meta.model_name}.change", client)
    return client


def _changed(client: Any, before: dict[str, Any]) -> dict[str, list[Any]]:
    after = {field: getattr(client, f"{field}_id", getattr(client, field)) for field in before}
    return {field: [before[field], after[field]] for field in before if before[field] != after[field]}
