"""What the database keeps about custom fields and their values, whoever writes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from crm.models import Company, Contact, CustomField, User
from pipeline.models import Deal, Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def execute(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_values_are_an_object(anna: User, stages: list[Stage]) -> None:
    make_deal(by=anna)
    Company.objects.create(name="Vektor")
    Contact.objects.create(name="Petr")
    for table in ("pipeline_deal", "crm_company", "crm_contact"):
        for value in ("[]", '"text"', "null", "7"):
            with pytest.raises(IntegrityError):
                execute(f"UPDATE {table} SET custom = %s", value)
        execute(f"UPDATE {table} SET custom = %s", '{"size": "7"}')
    assert {model.objects.get().custom["size"] for model in (Deal, Company, Contact)} == {"7"}


def test_a_row_that_says_nothing_has_no_values(db: None) -> None:
    """As every row that is written in bulk, past the models."""
    execute("INSERT INTO crm_company (name, website, created_at, is_sample) VALUES ('Vektor', '', now(), false)")
    assert Company.objects.get().custom == {}


def test_a_key_is_plain_and_stands_once_per_kind(db: None) -> None:
    CustomField.objects.create(kind="deal", key="budget", type="money")
    CustomField.objects.create(kind="contact", key="budget", type="money")
    for kind, key in (("deal", "budget"), ("deal", "Budget"), ("deal", "7up"), ("deal", "a b"), ("deal", ""), ("rocket", "size")):
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomField.objects.create(kind=kind, key=key, type="text")


def test_the_index_holds_only_records_with_values(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE '%%\\_by\\_custom' ORDER BY 1")
        found = dict(cursor.fetchall())
    assert list(found) == ["company_by_custom", "contact_by_custom", "deal_by_custom"]
    assert all("jsonb_path_ops" in index and "WHERE (NOT (custom = '{}'::jsonb))" in index for index in found.values())
