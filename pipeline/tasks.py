"""Background work of the pipeline."""

from celery import shared_task

from crm.models import Organisation
from pipeline.services import tallies


@shared_task
def fold_tallies() -> None:
    """Keep the board's totals in few rows."""
    tallies.fold_tallies(today=Organisation.current().today())
