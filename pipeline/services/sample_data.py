"""Taking the demo's invented data away, so that real work can begin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet

from crm import events, live, rules
from crm.models import Attachment, Call, Company, Contact, Event, Meeting, Message, Note, Organisation, Removal, RemovedRow, Task, User
from pipeline.models import Competitor, Deal, Quote, QuoteCounter, Stage
from pipeline.queries.sample_data import (
    SampleData,
    about_samples,
    count_sample_data,
    demo_people,
    sample_companies,
    sample_competitors,
    sample_contacts,
    sample_deals,
    sample_products,
    sample_quotes,
)


def remove_sample_data(*, by: User) -> SampleData:
    """Delete invented deals and clients with all that was written about them, and close the demo's logins but one's own.

    Pipelines, stages, lists and real records stay; a client that something real names stays too and is invented no longer.
    Not an admin: Forbidden. Doing it twice changes nothing.
    """
    rules.require(by, "settings.change")
    with transaction.atomic():
        organisation = Organisation.locked()
        # The order of locks that every writer of columns keeps: stages by id, then deals by id.
        stages = list(Stage.objects.filter(pipeline__in=sample_deals().values("pipeline")).order_by("id").select_for_update(no_key=True))
        list(sample_deals().order_by("id").select_for_update().values_list("pk"))
        removed = count_sample_data(viewer=by)
        _delete()
        people = demo_people(besides=by)
        for person in people:
            live.kick(person.pk)
        people.update(is_active=False, password=make_password(None))
        organisation.has_sample_data = False
        organisation.save(update_fields=["has_sample_data"])
        events.record(
            "sample_data.removed", record="organisation", record_id=organisation.pk, by=by, deals=removed.deals, people=removed.people
        )
        for pipeline_id in {stage.pipeline_id for stage in stages}:
            live.publish(f"pipeline:{pipeline_id}", stages=[stage.pk for stage in stages if stage.pipeline_id == pipeline_id])
    return removed


def _delete() -> None:
    """What tells of records goes before them, since it is found by them; what is needed is found before the need is."""
    for model in (Note, Task, Call, Meeting, Message, Attachment, Event):
        model.objects.filter(about_samples()).delete()
    gone: list[QuerySet[Any]] = [sample_contacts(), sample_companies()]
    ids = [list(rows.values_list("pk", flat=True)) for rows in gone]
    rivals = list(sample_competitors().values_list("pk", flat=True))
    years = set(sample_quotes().values_list("year", flat=True))
    sample_deals().delete()
    sample_products().delete()
    Competitor.objects.filter(pk__in=rivals).delete()
    # The first real quote is number one, unless real ones are there already.
    QuoteCounter.objects.filter(year__in=years).exclude(year__in=Quote.objects.values("year")).delete()
    for rows, found in zip((Contact.objects, Company.objects), ids, strict=True):
        rows.filter(pk__in=found).delete()
        rows.filter(is_sample=True).update(is_sample=False)
    # Nor may what was invented and deleted come back.
    own = [model._meta.label_lower for model in (Contact, Company, Deal)]
    Removal.objects.filter(pk__in=RemovedRow.objects.filter(label__in=own, row__is_sample=True).values("removal")).delete()
