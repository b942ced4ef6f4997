"""Going on past something bad, and telling the operator."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import transaction

from kernel.watch.models import Incident
from kernel.watch.services import report_incident, settle_incidents, try_each

pytestmark = pytest.mark.django_db


def fail_at_two(number: int) -> int:
    if number == 2:
        raise ValueError("two cannot be drawn")
    return number * 10


def test_one_bad_item_is_left_out_and_the_rest_is_done() -> None:
    assert try_each([1, 2, 3], fail_at_two, kind="numbers", subject=lambda n: f"n:{n}") == [10, 30]
    incident = Incident.objects.get()
    assert (incident.kind, incident.subject, incident.count) == ("numbers", "n:2", 1)
    assert "two cannot be drawn" in incident.error


def test_the_same_trouble_is_one_row_that_counts_and_is_not_written_at_every_visit() -> None:
    for _ in range(3):
        report_incident(kind="numbers", subject="n:2", error="bad")
    assert Incident.objects.get().count == 1
    cache.clear()  # a minute later
    report_incident(kind="numbers", subject="n:2", error="worse")
    incident = Incident.objects.get()
    assert (incident.count, incident.error) == (2, "worse")


def test_after_settling_the_same_trouble_opens_a_new_incident() -> None:
    report_incident(kind="numbers", subject="n:2", error="bad")
    assert settle_incidents(ids=[Incident.objects.get().pk]) == 1
    cache.clear()
    report_incident(kind="numbers", subject="n:2", error="again")
    assert Incident.objects.count() == 2
    assert Incident.objects.open().get().error == "again"


def test_a_text_that_no_database_takes_is_reported_all_the_same() -> None:
    report_incident(kind="numbers", subject="n:\x00", error="a\x00b" + "x" * 5000)
    assert Incident.objects.get().error.startswith("abxxx")


def test_reporting_inside_a_failed_transaction_does_not_hide_its_error() -> None:
    with pytest.raises(RuntimeError, match="first"), transaction.atomic():
        try:
            with transaction.atomic(savepoint=False):
                raise ValueError("broken")
        except ValueError:
            report_incident(kind="numbers", subject="n:1", error="seen")
            raise RuntimeError("first") from None
    assert not Incident.objects.exists()
