"""Stock at the counter: look an item up, count it, receive it."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import StockDiscrepancy, StockLevel, StockMovement
from catalog.services.by_store import keep_by_store
from catalog.services.levels import MovementAsked, record_movements
from catalog.services.stock import set_low_stock
from tests.factories import Cast, cast, make_product, variant_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def level(people: Cast) -> StockLevel:
    product = make_product(
        merchant=people.merchant, kind="goods", stock=8, title_en="Eggs", external_code="EGG"
    )
    keep_by_store(variant_id=variant_of(product).pk, by=people.owner, store_id=people.store.pk)
    return StockLevel.objects.get(store=people.store)


@pytest.fixture
def counter(client: Client, people: Cast) -> Client:
    client.force_login(people.clerk)
    return client


def look(client: Client, people: Cast, **params: Any) -> Any:
    return client.get(reverse("console_stock", args=[people.store.pk]), params)


def tell(client: Client, people: Cast, level: StockLevel, **data: Any) -> Any:
    shown = look(client, people).content.decode()
    key = shown.split('name="form_key" value="')[1].split('"')[0]
    url = reverse("console_stock_tell", args=[people.store.pk, level.pk])
    return client.post(url, {"form_key": key} | data, follow=True)


def on_hand(level: StockLevel) -> int:
    level.refresh_from_db()
    return level.on_hand


def test_a_clerk_finds_an_item_by_words_or_number(
    counter: Client, people: Cast, level: StockLevel
) -> None:
    for words, found in (("egg", [level]), ("Eggs", [level]), ("milk", [])):
        assert look(counter, people, q=words).context["page"].items == found


def test_a_count_says_how_many_there_are_and_who_counted(
    counter: Client, people: Cast, level: StockLevel
) -> None:
    answer = tell(counter, people, level, what="count", number="5")
    assert on_hand(level) == 5
    row = StockMovement.objects.latest("pk")
    assert (row.reason, row.counted, row.books, row.author) == ("count", 5, 8, people.clerk)
    assert "5 here now" in html.unescape(answer.content.decode())


def test_what_came_is_added(counter: Client, people: Cast, level: StockLevel) -> None:
    tell(counter, people, level, what="receive", number="4")
    assert on_hand(level) == 12


@pytest.mark.parametrize(
    ("what", "number"), [("count", "-1"), ("count", "x"), ("count", ""), ("receive", "0")]
)
def test_nonsense_changes_nothing(
    counter: Client, people: Cast, level: StockLevel, what: str, number: str
) -> None:
    tell(counter, people, level, what=what, number=number)
    assert on_hand(level) == 8


def test_a_count_settles_what_a_till_sold_beyond(
    counter: Client, people: Cast, level: StockLevel
) -> None:
    line = MovementAsked(level.variant_id, people.store.pk, "sold", "t1", delta=-9)
    record_movements(merchant=people.merchant, lines=[line], stores=None, by=people.owner)
    assert "More were sold than were here" in look(counter, people).content.decode()
    tell(counter, people, level, what="count", number="0")
    assert StockDiscrepancy.objects.get().settled_by == people.clerk


def test_what_is_low_can_be_seen_alone(counter: Client, people: Cast, level: StockLevel) -> None:
    assert look(counter, people, low=1).context["page"].items == []
    set_low_stock(variant_id=level.variant_id, low_stock_at=8)
    assert look(counter, people, low=1).context["page"].items == [level]


def test_another_stores_item_is_not_found(counter: Client, people: Cast, level: StockLevel) -> None:
    other = StockLevel.objects.get(store=people.other_store)
    assert tell(counter, people, other, what="count", number="5").status_code == 404
    url = reverse("console_stock", args=[people.other_store.pk])
    assert counter.get(url).status_code == 404


@pytest.mark.parametrize(
    ("what", "books", "sentence"),
    [("count", 8, "you counted 999999999"), ("receive", 8, "999999999 pieces came at once")],
)
def test_a_number_far_from_the_books_is_asked_about_once(
    counter: Client, people: Cast, level: StockLevel, what: str, books: int, sentence: str
) -> None:
    answer = tell(counter, people, level, what=what, number="999999999")
    page = html.unescape(answer.content.decode())
    assert sentence in page.replace("\u202f", "").replace(",", "")
    assert 'value="999999999"' in page, "what was typed stays"
    assert on_hand(level) == books
    tell(counter, people, level, what=what, number="99999999", sure=f"{what} 999999999")
    assert on_hand(level) == books, "sure of another number"
    tell(counter, people, level, what=what, number="999999999", sure=f"{what} 999999999")
    assert on_hand(level) == 999999999 + (books if what == "receive" else 0)


def test_a_big_count_of_a_big_stock_is_not_asked_about(
    counter: Client, people: Cast, level: StockLevel
) -> None:
    tell(counter, people, level, what="count", number="900")
    assert on_hand(level) == 900
    tell(counter, people, level, what="count", number="8000")
    assert on_hand(level) == 8000
    tell(counter, people, level, what="count", number="0")
    assert on_hand(level) == 0
