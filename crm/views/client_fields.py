"""The fields of a contact or company, edited in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm import rules
from crm.client_fields import read_field, read_seen, seen_values, ways_back
from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.inputs import rows_of
from crm.errors import Changed, Refused
from crm.field_editing import MAX_VALUE, read_json
from crm.ids import read_id
from crm.models import Company, Consent, Contact, User
from crm.queries.clients import with_companies
from crm.queries.custom_fields import fields_of
from crm.queries.known import Likely, Typed, likely
from crm.queries.tags import coloured, suggested_tags
from crm.reach import LISTS, WORDS, in_words
from crm.services.clients import save_client


@dataclass(frozen=True)
class Group:
    """A list of rows on the page."""

    name: str
    label: Any
    add: Any
    rows: list[dict[str, str]]
    was: str
    read_only: bool


@require_POST
@login_required
def edit_contact_field(request: HttpRequest, contact_id: int) -> HttpResponse:
    """One field of a person: `field, value, was`. Changed by somebody else meanwhile: 412 with the value that stands."""
    return _edit(request, Contact, contact_id)


@require_POST
@login_required
def edit_company_field(request: HttpRequest, company_id: int) -> HttpResponse:
    """The same of a company."""
    return _edit(request, Company, company_id)


def _edit(request: HttpRequest, model: type[Company] | type[Contact], pk: int) -> HttpResponse:
    field, value = request.POST.get("field", ""), request.POST.get("value", "")
    client = get_object_or_404(model.objects.visible_to(request.user).select_related("owner"), pk=pk)
    if len(value) > MAX_VALUE:
        raise Refused(_("That is too long."))
    conflict, warned, status = None, None, 200
    changes = read_field(client, field, value)
    was = read_seen(field, request.POST["was"]) if "was" in request.POST else None
    try:
        save_client(model=model, by=request.user, pk=pk, was=was, **changes)
    except Changed as changed:
        conflict, status = {"field": field, "mine": value, "words": _words(field, value), "message": changed.message}, changed.status
    found = model.objects.visible_to(request.user).select_related("owner", "team").filter(pk=pk).first()
    if found is None:
        return render(request, "clients/_gone.html", {"client": client})
    parts = field_parts(request, found) | {"conflict": conflict}
    if conflict is None and (who := _likely(client, found, parts["company"], request.user)):
        warned = {"field": field, "found": who}
    return render(request, "clients/_fields.html", parts | {"warned": warned}, status=status)


def field_parts(request: HttpRequest, client: Company | Contact) -> dict[str, Any]:
    """What `clients/_fields.html` shows. Four queries."""
    kind = client._meta.model_name or ""
    may_edit = rules.allows(request.user, f"{kind}.change", client)
    seen = seen_values(client)
    rows = {field: getattr(client, field) or ([{}] if field in ("phones", "emails") and may_edit else []) for field in WORDS}
    [row] = with_companies([client], request.user) if isinstance(client, Contact) else [None]
    return {
        "client": client,
        "kind": kind,
        "company": row.company if row else None,
        "address": reverse(f"{kind}_fields", args=[client.pk]),
        "may_edit": may_edit,
        "custom_rows": rows_of(fields_of(kind), client.custom, Colleagues()),
        "seen": seen,
        "back": ways_back(client),
        "groups": [Group(name, label, add, rows[name], seen[name], not may_edit) for name, (label, add) in WORDS.items()],
        "tags": coloured(client.tags),
        "known_tags": suggested_tags() if may_edit else [],
        "people": User.objects.active().only("name", "email"),
        "consents": Consent.choices,
    }


def _likely(before: Company | Contact, after: Company | Contact, company: Company | None, viewer: User) -> Likely | None:
    """Who may be the same by what has just become new: the name, an e-mail or a number. No query where none of these did."""
    emails, numbers = (
        frozenset(row[key] for row in getattr(after, name)) - {row[key] for row in getattr(before, name)}
        for name, key in (("emails", "address"), ("phones", "number"))
    )
    name = after.name if after.name != before.name else ""
    if not (name or emails or numbers):
        return None
    typed = Typed(name, company.name if company else "", emails, numbers)
    return likely(after._meta.model_name or "", typed, viewer=viewer, but=after.pk)


def _words(field: str, value: str) -> str:
    """What somebody wanted a field to be, in words."""
    if field == "tags":
        return ", ".join(map(str, read_json(value)))
    if field in LISTS:
        return "; ".join(in_words(field, row) for row in read_json(value) if isinstance(row, dict))
    if field == "owner":
        return str(User.objects.filter(pk=read_id(value)).first() or "")
    return str(dict(Consent.choices).get(value, value)) if field == "consent" else value
