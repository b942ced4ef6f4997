"""Terms: frozen at purchase, judged in the store's time, explained once for everybody."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from kernel import clock
from kernel.errors import InvalidInput
from tests.factories import Cast, make_product, variant_of
from tests.vouchers.counter import freeze_terms
from vouchers.blackout import BlackoutRule, free_from, rule_at
from vouchers.explain import explain, explain_blackout
from vouchers.models import VoucherTerms
from vouchers.services import terms as terms_service
from vouchers.services.terms import current_terms, freeze_all
from vouchers.terms import Terms

SHANGHAI = ZoneInfo("Asia/Shanghai")
BODY: dict[str, Any] = {
    "kind": "voucher",
    "title_en": "Hotpot for two",
    "title_zh": "双人火锅",
    "included": [],
    "notes": [],
    "uses": 1,
    "validity_days": 30,
    "usable_after_hours": 0,
    "blackout": [],
    "refund_rule": "anytime",
    "refund_days": None,
    "refund_on_expiry": True,
    "store_ids": None,
    "list_price_fen": 10_000,
    "price_fen": 8_000,
}


def terms(**changes: Any) -> Terms:
    return Terms.from_body({**BODY, **changes})


def texts(kind: str, language: str = "en", **changes: Any) -> list[str]:
    return [line.text for line in explain(terms(**changes), language) if line.kind == kind]


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def forbidden(rule: dict[str, Any], text: str) -> bool:
    return rule_at([BlackoutRule.from_json(rule)], local(text), SHANGHAI) is not None


# Blackout ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "moment", "answer"),
    [
        # 2026-05-09 is a Saturday.
        ({"weekdays": [5]}, "2026-05-09T00:00", True),
        ({"weekdays": [5]}, "2026-05-09T23:59:59", True),
        ({"weekdays": [5]}, "2026-05-10T00:00", False),
        ({"weekdays": [5], "start": "11:00", "end": "14:00"}, "2026-05-09T10:59:59", False),
        ({"weekdays": [5], "start": "11:00", "end": "14:00"}, "2026-05-09T11:00", True),
        ({"weekdays": [5], "start": "11:00", "end": "14:00"}, "2026-05-09T14:00", False),
        ({"weekdays": [5], "start": "22:00", "end": "02:00"}, "2026-05-10T01:59", True),
        ({"weekdays": [5], "start": "22:00", "end": "02:00"}, "2026-05-09T01:59", False),
        ({"weekdays": [5], "start": "18:00"}, "2026-05-09T23:00", True),
        ({"weekdays": [5], "end": "12:00"}, "2026-05-09T11:59", True),
        ({"weekdays": [5], "start": "18:00", "end": "24:00"}, "2026-05-09T23:59", True),
        ({"weekdays": [5], "start": "18:00", "end": "24:00"}, "2026-05-10T00:00", False),
        ({"from": "2026-10-01", "to": "2026-10-07"}, "2026-09-30T23:59", False),
        ({"from": "2026-10-01", "to": "2026-10-07"}, "2026-10-01T00:00", True),
        ({"from": "2026-10-01", "to": "2026-10-07"}, "2026-10-07T23:59", True),
        ({"from": "2026-10-01", "to": "2026-10-07"}, "2026-10-08T00:00", False),
        ({"from": "2026-12-31", "start": "20:00", "end": "01:00"}, "2027-01-01T00:30", True),
    ],
)
def test_blackout_rules(rule: dict[str, Any], moment: str, answer: bool) -> None:
    assert forbidden(rule, moment) is answer


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"weekdays": [7]},
        {"from": "2026-10-07", "to": "2026-10-01"},
        {"weekdays": [1], "start": "25:00"},
        {"from": "next week"},
    ],
)
def test_rules_that_say_nothing_are_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        BlackoutRule.from_json(rule)


def test_the_next_free_moment_looks_past_rules_that_follow_each_other() -> None:
    rules = tuple(
        BlackoutRule.from_json(rule)
        for rule in ({"weekdays": [5, 6]}, {"from": "2026-05-11", "start": "00:00", "end": "09:30"})
    )
    assert free_from(rules, local("2026-05-09T12:00"), SHANGHAI) == local("2026-05-11T09:30")


def test_a_rule_without_an_end_never_gets_free() -> None:
    rules = (BlackoutRule.from_json({"weekdays": [0, 1, 2, 3, 4, 5, 6]}),)
    assert free_from(rules, local("2026-05-09T12:00"), SHANGHAI) is None


# The explanation -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"weekdays": [5, 6]}, "Not on Saturday and Sunday."),
        (
            {"weekdays": [5, 6], "start": "11:00", "end": "14:00"},
            "Not on Saturday and Sunday from 11:00 to 14:00.",
        ),
        ({"weekdays": [0], "start": "18:00"}, "Not on Monday from 18:00 to 24:00."),
        ({"from": "2026-10-01", "to": "2026-10-07"}, "Not from 1 Oct 2026 to 7 Oct 2026."),
        ({"from": "2026-02-14", "to": "2026-02-14"}, "Not on 14 Feb 2026."),
        ({"start": "12:00", "end": "13:00"}, "Not from 12:00 to 13:00 on any day."),
        ({"weekdays": [0, 1, 2, 3, 4]}, "Not on Monday to Friday."),
        ({"weekdays": [0, 1, 2, 4]}, "Not on Monday, Tuesday, Wednesday and Friday."),
        ({"weekdays": list(range(7))}, "Not on any day."),
        (
            {"weekdays": list(range(7)), "start": "15:00", "end": "23:59"},
            "Not from 15:00 on, every day.",
        ),
        ({"start": "21:00"}, "Not from 21:00 on, every day."),
    ],
)
def test_a_blackout_rule_as_a_sentence(rule: dict[str, Any], sentence: str) -> None:
    assert explain_blackout(BlackoutRule.from_json(rule)) == sentence


def blackouts(at: str, *rules: dict[str, Any], **options: Any) -> list[str]:
    with clock.at(local(at)):
        lines = explain(terms(blackout=list(rules)), **options)
    return [line.text for line in lines if line.kind == "blackout"]


def test_blackout_dates_that_are_over_are_not_told() -> None:
    week = {"from": "2026-10-01", "to": "2026-10-07"}
    next_month = {"from": "2026-11-01", "to": "2026-11-07"}
    weekend = {"weekdays": [5, 6]}
    told = "Not from 1 Oct 2026 to 7 Oct 2026."
    assert told in blackouts("2026-10-07T23:59", week, zone=SHANGHAI)
    assert blackouts("2026-10-08T00:00", week, next_month, weekend, zone=SHANGHAI) == [
        "Not from 1 Nov 2026 to 7 Nov 2026.",
        "Not on Saturday and Sunday.",
    ]
    assert told in blackouts("2026-10-08T19:59", week), "not over yet somewhere on earth"
    assert blackouts("2026-10-08T20:00", week) == []


def test_a_night_that_began_on_the_last_blackout_day_is_still_told() -> None:
    night = {"from": "2026-10-07", "to": "2026-10-07", "start": "22:00", "end": "04:00"}
    assert blackouts("2026-10-08T03:59", night, zone=SHANGHAI) == [
        "Not on 7 Oct 2026 from 22:00 to 04:00."
    ]
    assert blackouts("2026-10-08T04:00", night, zone=SHANGHAI) == []


def test_blackout_dates_after_the_last_day_are_not_told() -> None:
    rule = {"from": "2026-10-01", "to": "2026-10-07"}
    last_day = dt.date(2026, 9, 30)
    assert blackouts("2026-09-01T12:00", rule, last_day=last_day, zone=SHANGHAI) == []
    assert blackouts("2026-09-01T12:00", rule, last_day=dt.date(2026, 10, 1)) != []


def test_blackout_dates_that_no_voucher_bought_now_can_meet_are_not_told() -> None:
    autumn = {"from": "2026-10-01", "to": "2026-10-07"}
    with clock.at(local("2026-06-01T12:00")):
        for days, told in ((90, 0), (130, 1)):
            lines = explain(terms(blackout=[autumn], validity_days=days))
            assert [line.kind for line in lines].count("blackout") == told


def test_uses_and_validity() -> None:
    assert texts("uses") == ["Can be used once."]
    assert texts("uses", uses=10) == ["Can be used 10 times, one at a time or several at once."]
    assert texts("validity") == ["Valid for 30 days after purchase."]
    assert texts("validity", usable_after_hours=24)[1] == "First usable 24 hours after purchase."
    sold = explain(terms(), last_day=dt.date(2026, 5, 9))
    assert "Valid until the end of 9 May 2026." in [line.text for line in sold]


def test_refund_rules_are_told_with_what_happens_on_expiry() -> None:
    assert texts("refund") == [
        "What is not used can be refunded at any time until it expires.",
        "What is unused when it expires is refunded automatically.",
    ]
    assert texts("refund", refund_rule="days", refund_days=7)[0] == (
        "What is not used can be refunded within 7 days of purchase."
    )
    assert texts("refund", refund_rule="none", refund_on_expiry=False) == [
        "No refund on request.",
        "What is unused when it expires is not refunded.",
    ]


def test_included_and_notes_come_in_the_readers_language() -> None:
    included = [{"name_en": "Soup", "name_zh": "汤", "quantity": 2, "value_fen": 800}]
    notes = [{"en": "Book a day ahead.", "zh": "请提前一天预约。"}]
    assert texts("included", included=included) == ["Soup × 2"]
    assert texts("note", "zh-hans", notes=notes) == ["请提前一天预约。"]


def test_every_line_has_an_icon() -> None:
    full = terms(
        included=[{"name_en": "Soup"}],
        notes=[{"en": "Note"}],
        blackout=[{"weekdays": [1]}],
        store_ids=[1, 2],
    )
    lines = explain(full)
    assert all(line.icon for line in lines)
    assert "At 2 stores of this merchant." in [line.text for line in lines]


# Freezing ------------------------------------------------------------------------------


def test_equal_terms_are_one_row_and_an_edit_makes_another(people: Cast) -> None:
    product = make_product(merchant=people.merchant)
    first = freeze_terms(product)
    assert freeze_terms(Product.objects.get(pk=product.pk)) == first
    product.validity_days = 10
    second = freeze_terms(product)
    assert second != first and first.body["validity_days"] == 90
    assert VoucherTerms.objects.count() == 2


def test_the_price_the_stores_and_the_variant_are_frozen_too(people: Cast) -> None:
    product = make_product(merchant=people.merchant, stores=[people.store], title_en="Facial")
    variant = variant_of(product)
    variant.name_en, variant.name_zh = "90 minutes", "90分钟"
    body = freeze_terms(product, variant, price_fen=19_900).body
    assert body["title_en"] == "Facial · 90 minutes"
    assert body["store_ids"] == [people.store.pk]
    assert body["price_fen"] == 19_900


def test_many_are_frozen_in_two_statements(people: Cast) -> None:
    goods = [(make_product(merchant=people.merchant), None, 100 + n) for n in range(5)]
    ids = freeze_all(goods)
    with CaptureQueriesContext(connection) as queries:
        assert freeze_all(goods) == ids
    assert len(set(ids)) == 5
    assert len(queries) == 2


def test_a_process_keeps_terms_that_it_sold_once_they_are_committed(
    people: Cast,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.NEAR_SECONDS = 5
    monkeypatch.setattr(terms_service, "_sold", {})
    product = make_product(merchant=people.merchant)
    with django_capture_on_commit_callbacks() as rolled_back:
        freeze_all([(product, None, 100)])
    assert rolled_back and not terms_service._sold, "its row may go with the transaction"
    with django_capture_on_commit_callbacks(execute=True):
        ids = freeze_all([(product, None, 100)])
    product.named_store_ids = []  # type: ignore[attr-defined]
    with CaptureQueriesContext(connection) as queries:
        assert freeze_all([(product, None, 100)]) == ids
    assert not queries.captured_queries
    assert freeze_all([(product, None, 101)]) != ids


def test_what_the_counter_could_not_judge_cannot_be_sold(people: Cast) -> None:
    product = make_product(merchant=people.merchant)
    product.blackout = [{"weekdays": [9]}]
    with pytest.raises(InvalidInput):
        freeze_terms(product)


def test_a_products_page_explains_what_will_be_frozen(people: Cast) -> None:
    product = make_product(merchant=people.merchant, uses=3, kind="times_card")
    assert explain(current_terms(product)) == explain(Terms.from_body(freeze_terms(product).body))
