"""The demo city reads as a real one: it is sound, full enough, and the checker would notice if it were not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from demo.content import CITY, City, problems
from demo.content.build import hours
from demo.content.types import Holiday, Limited, OpenSpan, Text


def test_city_is_sound():
    assert problems(CITY) == []


def test_city_is_large_enough_to_look_alive():
    approved = [merchant for merchant in CITY.merchants if merchant.status == "approved"]
    assert len(CITY.trades) == 10
    assert len(approved) >= 14
    assert len(CITY.stores) >= 40
    assert len(CITY.products) >= 150
    assert len(CITY.customers) >= 60
    by_language = Counter(review.language for review in CITY.reviews)
    assert min(by_language.values()) >= 120


def test_every_trade_has_goods_on_the_shelf_and_voices_in_both_languages():
    for trade in CITY.trades:
        products = [product for product in CITY.products if CITY.trade_of(product) == trade]
        assert len(products) >= 12, trade
        for language in ("en", "zh"):
            ratings = {r.rating for r in CITY.reviews if (r.trade, r.language) == (trade, language)}
            assert ratings == {2, 3, 4, 5}, (trade, language)


def test_every_kind_of_deal_state_and_stock_occurs():
    assert {product.kind for product in CITY.products} == {"voucher", "times_card", "goods"}
    assert {p.limited.phase for p in CITY.products if p.limited} == {"live", "upcoming", "ended"}
    assert {product.refund.kind for product in CITY.products} == {"anytime", "within_days", "none"}
    stocks = {product.stock for product in CITY.products}
    assert None in stocks
    assert 0 in stocks
    assert any(stock is not None and 0 < stock < 10 for stock in stocks)


def test_stores_keep_split_shifts_late_nights_and_holidays():
    spans = [span for store in CITY.stores for span in store.hours]
    assert any(span.past_midnight for span in spans)
    assert any(
        max(Counter(span.weekday for span in store.hours).values()) > 1 for store in CITY.stores
    )
    assert any(store.holidays for store in CITY.stores)


def test_every_rating_has_an_answer_in_every_language():
    for language in ("en", "zh"):
        answered = {
            rating
            for reply in CITY.replies
            if reply.language == language
            for rating in reply.ratings
        }
        assert answered >= {2, 3, 4, 5}


def _with_first_product(**changes: object) -> City:
    first, *others = CITY.products
    return replace(CITY, products=(replace(first, **changes), *others))


def _with_first_store(**changes: object) -> City:
    first, *others = CITY.stores
    return replace(CITY, stores=(replace(first, **changes), *others))


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (_with_first_product(slug=CITY.products[1].slug), "is used 2 times"),
        (_with_first_product(title=CITY.products[1].title), "are called"),
        (_with_first_product(title=Text("Half", "")), "a language is empty"),
        (_with_first_product(description=Text("鱼", "鱼")), "Chinese in the English text"),
        (_with_first_product(price_fen=CITY.products[0].list_price_fen), "not below list price"),
        (_with_first_product(limited=Limited(10**6, 10, 1, 0, 5)), "not below price"),
        (_with_first_product(limited=Limited(1, 10, 1, 5, 5)), "ends before it starts"),
        (_with_first_product(kind="times_card"), "with 1 uses"),
        (_with_first_product(stores=("tide-net-shed",)), "not its merchant's"),
        (_with_first_product(category="coffee"), "not in a child category"),
        (_with_first_store(latitude=30.5), "km from the centre"),
        (_with_first_store(district="nowhere"), "no such merchant or district"),
        (
            _with_first_store(hours=hours("Mo-Su 10:00-02:00,01:00-05:00")),
            "overlapping hours",
        ),
    ],
)
def test_checker_names_what_is_wrong(broken: City, complaint: str):
    assert any(complaint in problem for problem in problems(broken))


def test_hours_read_split_shifts_and_late_nights():
    assert hours("Fr-Sa 11:00-14:00,17:00-02:00; Su 10:00-12:00") == (
        OpenSpan(4, "11:00", "14:00"),
        OpenSpan(4, "17:00", "02:00"),
        OpenSpan(5, "11:00", "14:00"),
        OpenSpan(5, "17:00", "02:00"),
        OpenSpan(6, "10:00", "12:00"),
    )


def test_holidays_start_at_the_next_such_date():
    name = Text("Rest", "休息")
    assert Holiday(name, in_days=3).first_date(date(2026, 12, 30)) == date(2027, 1, 2)
    assert Holiday(name, month_day=(10, 1)).first_date(date(2026, 10, 1)) == date(2026, 10, 1)
    assert Holiday(name, month_day=(10, 1)).first_date(date(2026, 10, 2)) == date(2027, 10, 1)
