"""The one set of validators: what no column, calendar or clock takes is refused in a sentence."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import TextField

from catalog.models import Category
from catalog.services.offers import change_limited_offer, create_limited_offer, set_normal_price
from catalog.services.products import VariantInput, update_product
from catalog.services.stock import set_stock
from kernel import bounds
from kernel.clock import now
from kernel.countries import read_country
from kernel.errors import InvalidInput
from kernel.money import MAX_AMOUNT_FEN
from stores.services.cities import find_or_create_city
from stores.services.merchants import apply_merchant
from stores.services.stores import HolidayInput, set_hours, update_store
from tests.factories import (
    make_limited_offer,
    make_merchant,
    make_product,
    make_store,
    make_user,
    variant_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def refused(validate, *values) -> bool:
    try:
        validate(*values)
    except ValidationError as error:
        assert error.messages[0]
        return True
    return False


@pytest.mark.parametrize(
    "name", ["localtime", "Factory", "posixrules", "posix/Asia/Shanghai", "Etc/GMT+8", "Mars/Base"]
)
def test_a_zone_that_is_no_place_or_unknown_to_the_database_is_refused(name) -> None:
    assert refused(bounds.validate_time_zone, name)
    assert not refused(bounds.validate_time_zone, "America/Santiago")


@pytest.mark.parametrize(
    ("latitude", "longitude", "good"),
    [
        (0.0, 0.0, False),
        (-0.0, 0.0, False),
        (0.0, 109.3, True),
        (91, 0.5, False),
        (math.nan, 1.0, False),
        (1.0, -180.01, False),
        (math.inf, 1.0, False),
        (-90, 180, True),
    ],
)
def test_a_position_is_a_point_that_somebody_means(latitude, longitude, good) -> None:
    found = (
        refused(bounds.validate_latitude, latitude)
        or refused(bounds.validate_longitude, longitude)
        or refused(bounds.validate_position, latitude, longitude)
    )
    assert found is not good


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cn", "CN"),
        ("中国", "CN"),
        ("Japan", "JP"),
        (" ｆｒ ", "FR"),
        ("XX", None),
        ("EU", None),
        ("C1", None),
        ("", None),
        ("001", None),
    ],
)
def test_a_country_is_a_code_or_a_name_we_know(text, code) -> None:
    assert read_country(text) == code


def test_days_and_moments_stay_inside_a_century() -> None:
    assert refused(bounds.validate_day, dt.date(1999, 12, 31))
    assert not refused(bounds.validate_day, dt.date(2000, 1, 1))
    assert not refused(bounds.validate_day, dt.date(2199, 12, 31))
    assert refused(bounds.validate_day, dt.date.max)
    assert refused(bounds.validate_moment, dt.datetime(1, 1, 1, tzinfo=dt.UTC))
    assert refused(bounds.validate_moment, dt.datetime(2200, 1, 1, tzinfo=dt.UTC))
    assert refused(bounds.validate_moment, dt.datetime(2026, 1, 1))  # noqa: DTZ001
    assert not refused(bounds.validate_moment, now())


@pytest.mark.parametrize("char", ["\x00", "\x1f", "\x7f", "\x9f", "\ud800", "\u2028", "\ufffe"])
def test_a_control_character_is_named_and_refused(char) -> None:
    assert refused(bounds.validate_line, f"钟楼{char}")
    assert refused(bounds.validate_text, f"two\n{char}lines")
    assert bounds.bad_characters(f"a{char}{char}", lines=True) == [f"U+{ord(char):04X}"]


def test_line_breaks_are_for_texts_of_several_lines() -> None:
    assert refused(bounds.validate_line, "one\ntwo")
    assert not refused(bounds.validate_text, "one\r\n\ttwo 🍜")


def test_json_is_neither_deep_nor_endless_nor_full_of_controls() -> None:
    deep: list = []
    for _level in range(2000):
        deep = [deep]
    assert refused(bounds.validate_json, deep)
    assert refused(bounds.validate_json, ["x" * 60_000])
    assert refused(bounds.validate_json, [{"name\x1f": 1}])
    assert refused(bounds.validate_json, [{"name": "\x00"}])
    assert refused(bounds.validate_json, [float("nan")])
    assert refused(bounds.validate_json, [{"name_en": "\u202eTea"}])  # would be read as "aeT"
    assert refused(bounds.validate_json, [{"name_en": "\ufeff"}])
    assert refused(bounds.validate_json, {"\u2066farm": "x"})
    assert not refused(bounds.validate_json, [{"name_en": "Tea", "name_zh": "", "quantity": 1}])


# The services call them ----------------------------------------------------------------


def fields_refused(action) -> set[str]:
    with pytest.raises(InvalidInput) as refusal:
        action()
    assert all(str(why) for whys in refusal.value.extra["fields"].values() for why in whys)
    return set(refusal.value.extra["fields"])


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"time_zone": "localtime"}, "time_zone"),
        ({"latitude": 0.0, "longitude": 0.0}, "latitude"),
        ({"longitude": 200.0}, "longitude"),
        ({"district_zh": "钟楼\x1f区"}, "district_zh"),
        ({"postcode": "1" * 21}, "postcode"),
        ({"name_en": "", "name_zh": ""}, "name_en"),
    ],
)
def test_a_store_out_of_bounds_is_not_saved(facts, field) -> None:
    store = make_store()
    assert fields_refused(lambda: update_store(store=store, **facts)) == {field}
    store.refresh_from_db()
    assert store.time_zone == "Asia/Shanghai"
    assert store.latitude


def test_hours_out_of_bounds_leave_those_that_stood() -> None:
    store = make_store()
    span = (dt.time(9), dt.time(18))
    assert fields_refused(lambda: set_hours(store=store, hours=[(7, *span)])) == {"hours"}
    assert fields_refused(lambda: set_hours(store=store, hours=[(1, *span), (1, *span)])) == {
        "hours"
    }
    closed = HolidayInput(dt.date(9999, 12, 31))
    assert fields_refused(lambda: set_hours(store=store, holidays=[closed])) == {"holidays"}
    assert store.hours.count() == 7


def test_a_city_needs_a_country_that_exists() -> None:
    facts = {"region": "", "name_en": "Nowhere", "time_zone": "Asia/Tokyo"}
    facts |= {"latitude": 35.0, "longitude": 139.0}
    assert fields_refused(lambda: find_or_create_city(country="QQ", **facts)) == {"country"}


def test_an_application_is_bounded_as_the_admin_is() -> None:
    applicant = make_user()
    assert fields_refused(lambda: apply_merchant(applicant=applicant)) == {"name_en"}
    assert fields_refused(lambda: apply_merchant(applicant=applicant, name_en="x" * 121)) == {
        "name_en"
    }
    assert fields_refused(
        lambda: apply_merchant(applicant=applicant, name_en="Tea", story_en="a\x00b")
    ) == {"story_en"}
    assert fields_refused(
        lambda: apply_merchant(applicant=applicant, name_en="Tea", story_zh="茶" * 2001)
    ) == {"story_zh"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"list_price_fen": 10**27}, "list_price_fen"),
        ({"list_price_fen": MAX_AMOUNT_FEN + 1}, "list_price_fen"),
        ({"validity_days": 3651}, "validity_days"),
        ({"validity_days": 2, "usable_after_hours": 48}, "usable_after_hours"),
        ({"uses": 2}, "uses"),
        ({"kind": "times_card", "uses": 1}, "uses"),
        ({"refund_rule": "days"}, "refund_days"),
        ({"title_en": "", "title_zh": ""}, "title_en"),
        ({"description_en": "a\x1fb"}, "description_en"),
        ({"description_zh": "长" * (bounds.MAX_TEXT_CHARS + 1)}, "description_zh"),
        ({"included": [{"name_en": "Tea", "quantity": 0}]}, "included"),
        ({"included": [{"name_en": "Tea", "value_fen": -500}]}, "included"),
        ({"included": [{"name_en": "Tea", "value_fen": 10**29}]}, "included"),
        ({"included": [{"name_en": 5}]}, "included"),
        ({"included": [{"name_en": "Tea"}] * 61}, "included"),
        ({"blackout": [{"from": "2026-01-01", "to": "9999-12-31"}]}, "blackout"),
        ({"blackout": [{"from": "2026-02-30"}]}, "blackout"),
        ({"blackout": [{"weekdays": [1], "start": "25:00"}]}, "blackout"),
        ({"blackout": [{"weekdays": [10**20]}]}, "blackout"),
        ({"notes": [{"en": "x" * 1001}]}, "notes"),
        ({"provenance": {"farm": {"deep": "er"}}}, "provenance"),
    ],
)
def test_a_product_out_of_bounds_is_not_saved(facts, field) -> None:
    product = make_product()
    assert fields_refused(lambda: update_product(product=product, **facts)) == {field}
    product.refresh_from_db()
    assert product.title_en
    assert product.blackout == []


def test_times_of_day_may_run_over_midnight_and_end_at_24() -> None:
    rules = [
        {"weekdays": [4], "start": "22:00", "end": "02:00"},
        {"start": "20:00", "end": "24:00"},
    ]
    assert update_product(product=make_product(), blackout=rules).blackout == rules


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"starts_at": dt.datetime(1, 1, 1, tzinfo=dt.UTC)}, {"starts_at"}),
        ({"ends_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}, {"ends_at"}),
        ({"ends_at": dt.datetime(2150, 1, 1, tzinfo=dt.UTC)}, {"ends_at"}),
        ({"ends_at": dt.datetime(2001, 1, 1, tzinfo=dt.UTC)}, {"ends_at"}),
        ({"price_fen": 0}, {"price_fen"}),
        ({"price_fen": 2**70}, {"price_fen"}),
        ({"quota": 2**31}, {"quota"}),
        ({"quota": 0}, {"quota"}),
        ({"per_person_limit": 32_768}, {"per_person_limit"}),
    ],
)
def test_a_limited_time_price_out_of_bounds_is_not_made(facts, fields) -> None:
    variant = variant_of(make_product())
    usual = {"price_fen": 100, "starts_at": now(), "ends_at": now() + DAY}
    assert (
        fields_refused(lambda: create_limited_offer(variant=variant, **{**usual, **facts}))
        == fields
    )
    assert variant.offers.count() == 1


def test_a_quota_never_falls_below_what_is_sold() -> None:
    offer = make_limited_offer(make_product(), price_fen=100, quota=5)
    type(offer).objects.filter(pk=offer.pk).update(quota_sold=3)
    facts = {"ends_at": offer.ends_at + DAY, "per_person_limit": None}
    assert fields_refused(lambda: change_limited_offer(offer=offer, quota=2, **facts)) == {"quota"}
    changed = change_limited_offer(offer=offer, quota=3, **facts)
    assert (changed.quota, changed.quota_sold, changed.remaining) == (3, 3, 0)


@pytest.mark.parametrize("available", [-1, 2**31, 10**30])
def test_stock_that_no_column_holds_is_refused(available) -> None:
    variant = variant_of(make_product())
    assert fields_refused(lambda: set_stock(variant_id=variant.pk, available=available)) == {
        "available"
    }
    assert fields_refused(
        lambda: make_product(stock=available),
    ) == {"available"}
    assert VariantInput(available=None).available is None


@pytest.mark.parametrize("price_fen", [0, -5, MAX_AMOUNT_FEN + 1, 2**63])
def test_a_price_lies_between_a_fen_and_what_an_order_may_cost(price_fen) -> None:
    variant = variant_of(make_product())
    assert fields_refused(lambda: set_normal_price(variant=variant, price_fen=price_fen)) == {
        "price_fen"
    }


def test_every_text_of_a_model_that_people_fill_has_a_longest_length() -> None:
    endless = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, bounds.Bounded)
        for field in model._meta.concrete_fields
        if isinstance(field, TextField) and not field.max_length
    ]
    assert endless == []


@pytest.mark.parametrize("most", [bounds.MAX_TEXT_CHARS, 20])
def test_a_text_is_refused_with_its_length_and_the_longest(most: int) -> None:
    bounds.validate_text("字" * most, most)
    with pytest.raises(ValidationError, match=f"{most + 1} characters.*{most}"):
        bounds.validate_text("字" * (most + 1), most)
    bounds.validate_text("字\r\n" * (most // 2), most)  # a line end is one character


def test_a_note_of_the_operator_is_bounded_too() -> None:
    assert bounds.check_note("  well \n", field="note") == "well"
    assert fields_refused(lambda: bounds.check_note("n" * 2001, field="note")) == {"note"}
    assert fields_refused(lambda: bounds.check_note("a\x00b", field="note")) == {"note"}


def test_every_text_column_of_a_bounded_model_is_judged() -> None:
    shelf = Category(slug="tea", name_en="Tea\x1f", name_zh="茶", trade="gift\x00")
    assert set(bounds.field_problems(shelf)) == {"name_en", "trade"}
    assert bounds.field_problems(make_merchant()) == {}


def test_the_sign_for_lost_letters_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"U\+FFFD"):
        bounds.validate_line("Caf\ufffd")


@pytest.mark.parametrize("text", ["\u200b\u200b", "\u3164", "\u202eevil\u2066"])
def test_services_refuse_a_text_that_nobody_can_read(text) -> None:
    with pytest.raises(InvalidInput) as caught:
        apply_merchant(applicant=make_user(), name_en="Tea", name_zh=text)
    assert set(caught.value.extra["fields"]) == {"name_zh"}
