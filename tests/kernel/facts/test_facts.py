"""Facts: once each, in their month, of nobody who did not agree."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.db import IntegrityError, connection

from kernel.clock import at, now
from kernel.db.months import drop_months, kept_months, make_months, month_after, month_of
from kernel.facts.batches import Batch
from kernel.facts.models import DailySalt, Fact
from kernel.facts.services import (
    AT_ONCE,
    BATCH,
    MONTHS_KEPT,
    About,
    Kind,
    flush_facts,
    forget_old_facts,
    forget_subject,
    keep_months,
    record,
    recordable,
)
from kernel.facts.traces import NOBODY, Trace, subject_key
from kernel.watch.models import Incident

pytestmark = pytest.mark.django_db
AGREED = Trace("browser", "", "visit", "person", "web", "phone", True, stay="stay")
STRANGER = Trace("", "192.0.2.7\nMozilla/5.0", "visit", "", "web", "phone", stay="stay")


def test_a_view_costs_no_statement_and_is_there_after_the_batch(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(0):
        record(Kind.PRODUCT_VIEW, [About("v1", product_id=7)], trace=AGREED)
    assert not Fact.objects.exists()
    assert flush_facts() == 1
    fact = Fact.objects.get()
    assert (fact.kind, fact.key, fact.product_id) == ("product_view", "product_view:v1", 7)
    assert (fact.visitor, fact.visit, fact.subject, fact.device) == (
        *("browser", "stay", "person", "phone"),
    )


def test_the_same_fact_twice_is_one_row() -> None:
    for _ in range(2):
        record(Kind.PAID, [About("5")], trace=AGREED)
        record(Kind.PRODUCT_VIEW, [About("v1")], trace=AGREED)
        flush_facts()
    assert Fact.objects.count() == 2


def test_of_a_stranger_only_a_hash_of_the_day_is_kept() -> None:
    for product, days in enumerate((0, 0, 1)):
        with at(now() + dt.timedelta(days=days)):
            record(Kind.PRODUCT_VIEW, [About(product_id=product)], trace=STRANGER)
            flush_facts()
    first, again, next_day = Fact.objects.order_by("id")
    assert first.visitor == again.visitor != next_day.visitor
    assert len(first.visitor) == 32
    assert "192.0.2.7" not in first.visitor
    assert {(fact.visit, fact.subject) for fact in (first, again, next_day)} == {("", "")}


def test_a_fact_that_names_an_order_says_nothing_of_a_stranger() -> None:
    for kind in sorted(AT_ONCE - {Kind.CONSENT}):
        record(kind, [About("1")], trace=STRANGER)
    for fact in Fact.objects.all():
        assert (fact.visitor, fact.visit, fact.subject) == ("", "", "")


def test_robots_are_not_counted_but_what_is_earned_is() -> None:
    record(Kind.PRODUCT_VIEW, [About()], trace=NOBODY)
    record(Kind.PAID, [About("1")], trace=NOBODY)
    assert flush_facts() == 0
    assert Fact.objects.get().kind == "paid"


def test_a_fact_names_the_one_that_it_goes_on_with() -> None:
    record(Kind.PAID, [About("9", merchant_id=2, follows="checkout:9")])
    fact = Fact.objects.get()
    assert (fact.follows, fact.merchant_id, fact.visitor) == ("checkout:9", 2, "")


def test_a_month_that_nobody_made_is_kept_and_moves_when_it_is_made() -> None:
    far = dt.datetime(2031, 5, 17, tzinfo=dt.UTC)
    with at(far):
        record(Kind.PAID, [About("1")])
        assert dt.date(2031, 5, 1) not in kept_months("facts_fact")
        assert dt.date(2031, 5, 1) in keep_months()
        assert keep_months() == []
        record(Kind.PAID, [About("1"), About("2")])
    assert Fact.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM facts_fact_203105")
        assert cursor.fetchone() == (2,)


def test_a_fact_lies_in_the_month_of_its_moment() -> None:
    with pytest.raises(IntegrityError):
        Fact.objects.create(month=dt.date(2020, 1, 1), at=now(), kind="paid", key="paid:1")


def test_old_months_and_the_salts_of_past_days_are_forgotten() -> None:
    moment = now()
    old, kept = (month_after(month_of(moment), -MONTHS_KEPT - back) for back in (1, 0))
    make_months("facts_fact", [old, kept])
    for month in (old, kept):
        with at(dt.datetime(month.year, month.month, 9, tzinfo=dt.UTC)):
            record(Kind.PRODUCT_VIEW, [About()], trace=STRANGER)
            flush_facts()
    assert old in forget_old_facts()
    assert Fact.objects.get().month == kept
    assert not DailySalt.objects.filter(day__lt=moment.date() - dt.timedelta(days=1)).exists()


def test_dropping_takes_the_rows_of_months_that_were_never_made_too() -> None:
    with at(dt.datetime(2021, 2, 3, tzinfo=dt.UTC)):
        record(Kind.PAID, [About("1")])
    drop_months("facts_fact", before=dt.date(2021, 3, 1))
    assert not Fact.objects.exists()


def test_a_person_can_be_taken_off_their_facts() -> None:
    record(Kind.PAID, [About("1")], trace=AGREED)
    record(Kind.PRODUCT_VIEW, [About()], trace=AGREED)
    assert forget_subject(subject="") == 0
    assert forget_subject(subject="person") == 2
    assert {(fact.subject, fact.visit, fact.visitor) for fact in Fact.objects.all()} == {
        ("", "", "")
    }


def test_the_key_of_a_person_is_no_name_without_the_shop_s_secret(settings: Any) -> None:
    before = subject_key(17)
    assert before == subject_key(17) != subject_key(18)
    settings.SECRET_KEY = "another"
    assert subject_key(17) != before


def test_a_row_that_the_database_refuses_takes_no_other_along() -> None:
    written: list[int] = []

    def write(rows: Any) -> None:
        if 3 in rows:
            raise IntegrityError("three is refused")
        written.extend(rows)

    batch: Batch[int] = Batch("numbers", write)
    for number in range(1, 6):
        batch.add(number)
    batch.flush()
    assert written == [1, 2, 4, 5]
    assert Incident.objects.get().kind == "facts.refused"


def test_a_text_that_the_driver_refuses_takes_no_other_along() -> None:
    for words in ("noodles", "half \ud800 a sign", "nul \x00", "tea"):
        record(Kind.SEARCH, [About(words=words)], trace=AGREED)
    flush_facts()
    assert sorted(Fact.objects.values_list("words", flat=True)) == ["noodles", "tea"]
    assert {incident.kind for incident in Incident.objects.all()} == {"facts.refused"}


@pytest.mark.parametrize(
    "words",
    [
        *("mei@example.com", "mei\uff20example.com", "mei\ufe6bexample.com"),
        *("13800138000", "138 0013 8000", "138-0013-8000", "138.0013.8000", "(138) 00 13 80 00"),
        *(
            "138\u20130013\u20138000",
            "138/00/13/80/00",
            "138_0013_8000",
            "\uff11\uff13\uff18\uff10\uff10\uff11",
        ),
        "12,34,56",
    ],
)
def test_words_that_may_name_a_person_are_not_kept(words: str) -> None:
    assert recordable(words) == ""


@pytest.mark.parametrize(
    "words", ["noodles", "hotpot for 2", "50-100", "2026 calendar", "7-11", "24/7 gym"]
)
def test_words_that_name_nobody_are_kept(words: str) -> None:
    assert recordable(words) == words


@pytest.mark.django_db(transaction=True)
def test_a_thread_writes_within_its_time_and_ends_when_nothing_comes(settings: Any) -> None:
    settings.BATCH_SECONDS = 0.05
    record(Kind.PRODUCT_VIEW, [About("t")], trace=AGREED)
    until = time.monotonic() + 3
    while not Fact.objects.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert Fact.objects.get().key == "product_view:t"
    settings.BATCH_SECONDS = 0.0


def test_recording_a_view_takes_less_than_a_third_of_a_millisecond() -> None:
    spans = []
    for _ in range(500):
        start = time.perf_counter()
        record(Kind.PRODUCT_VIEW, [About(product_id=7, merchant_id=1)], trace=STRANGER)
        spans.append(time.perf_counter() - start)
    BATCH.forget()
    assert sorted(spans)[250] < 0.0003
