"""A company's timeline tells of its people too."""

from __future__ import annotations

from crm.models import Contact, User
from crm.timeline import Subject

MOST = 200


def people_of(company_id: int, viewer: User) -> list[Subject]:
    """The company's people whom the viewer sees. One query."""
    people = Contact.objects.visible_to(viewer).filter(company=company_id).order_by("-pk")
    return [Subject("contact", pk, name) for pk, name in people.values_list("pk", "name")[:MOST]]
