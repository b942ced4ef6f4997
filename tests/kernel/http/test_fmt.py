"""Amounts, distances, times and codes as people read them, in both languages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from kernel.http.templatetags import fmt, ui

EVENING = dt.datetime(2025, 5, 12, 10, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("amount_fen", "form", "text"),
    [
        (123450, "", "¥1,234.50"),
        (6800, "", "¥68"),
        (6800, "exact", "¥68.00"),
        (6805, "", "¥68.05"),
        (6850, "", "¥68.50"),
        (-2000, "", "−¥20"),
        (-2000, "exact", "−¥20.00"),
        (-5, "", "−¥0.05"),
        (0, "", "¥0"),
        (None, "", ""),
    ],
)
def test_money_keeps_every_fen(amount_fen, form, text):
    assert fmt.fen(amount_fen, form) == text


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (12, "under 50 m"),
        (348, "350 m"),
        (994.9, "990 m"),
        (995, "1.0 km"),
        (1240, "1.2 km"),
        (9960, "10 km"),
        (12800, "13 km"),
        (None, ""),
    ],
)
def test_distance_is_rounded_as_people_say_it(metres, text):
    with translation.override("en"):
        assert fmt.distance(metres) == text


def test_time_is_told_in_the_stores_zone_and_the_readers_language():
    with translation.override("en"):
        assert fmt.datetime_local(EVENING, "Asia/Shanghai") == "12 May 2025, 18:00"
        assert fmt.date_local(EVENING, "Pacific/Auckland") == "12 May 2025"
    with translation.override("zh-hans"):
        assert fmt.datetime_local(EVENING, "Asia/Shanghai") == "2025年5月12日 18:00"
    assert fmt.time_local(EVENING, "Asia/Shanghai") == "18:00"


def test_a_day_is_the_stores_day():
    late = dt.datetime(2025, 5, 12, 17, 0, tzinfo=dt.UTC)
    with translation.override("en"):
        assert fmt.date_local(late, "Asia/Shanghai") == "13 May 2025"
        assert fmt.date_local(late, "Europe/London") == "12 May 2025"


@pytest.mark.parametrize(
    ("code", "groups"),
    [("123456789012", "1234 5678 9012"), ("1234-5678", "1234 5678"), ("12345", "1234 5"), ("", "")],
)
def test_codes_are_read_in_groups_of_four(code, groups):
    assert fmt.code_groups(code) == groups


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(Decimal("0.125"), "12.5%"), (1, "100%"), (0, "0%"), (Decimal("0.0005"), "0.1%"), (None, "")],
)
def test_percentages_drop_needless_zeros(ratio, text):
    assert fmt.percent(ratio) == text


def test_discounts_never_promise_more_than_they_give():
    with translation.override("en"):
        assert fmt.discount(8010, 10000) == "19% off"
        assert fmt.discount(9999, 10000) == ""
        assert fmt.discount(10000, 10000) == ""
    with translation.override("zh-hans"):
        assert fmt.discount(8000, 10000) == "8折"
        assert fmt.discount(8010, 10000) == "8.1折"
        assert fmt.discount(9999, 10000) == ""


def test_large_counts_are_short_in_each_language():
    with translation.override("en"):
        assert fmt.compact(12800) == "12.8k"
    with translation.override("zh-hans"):
        assert fmt.compact(12800) == "1.3万"


def test_price_escapes_and_hides_whole_decimals():
    assert ".00" not in ui.price(6800)
    assert '<span class="price__minor">.50</span>' in ui.price(6850)
    assert "&lt;b&gt;" in ui.price(100, suffix="<b>")


def test_a_struck_price_says_what_it_is():
    with translation.override("en"):
        assert "Usual price" in ui.price(9800, "list")
