"""What people type finds what they mean: other forms of a word, plurals, words of the trade."""

from __future__ import annotations

import pytest

from catalog.search import ProductQuery, find_products
from catalog.synonyms import GROUPS, product_query
from kernel.words import query_text, singular, words
from tests.factories import cast, make_product, make_store, make_user

pytestmark = pytest.mark.django_db


def titles(text: str) -> list[str]:
    return [product.title for product in find_products(ProductQuery(text=text)).rows]


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("火鍋", "双人火锅"),
        ("火锅", "麻辣火鍋套餐"),
        ("頭髮護理", "头发护理"),
        ("臺灣牛肉麵", "台湾牛肉面"),
        ("ＳＰＡ", "Spa day"),
        ("乾洗", "干洗三件"),
    ],
)
def test_traditional_and_full_width_forms_find_and_are_found(asked: str, title: str) -> None:
    make_product(title_en=title, title_zh=title)
    make_product(title_en="Other", title_zh="别的")
    assert titles(asked) == [title]


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("strawberry", "Strawberries by the kilo"),
        ("strawberries", "Strawberry cake"),
        ("dishes", "One dish of your choice"),
        ("boxes of tea", "Box of tea"),
        ("puppy", "Dog wash"),
        ("dogs", "犬类洗护"),
        ("movie", "Weekend screening for two"),
        ("movies", "周末观影"),
        ("理发", "男士剪发"),
        ("水饺", "猪肉饺子"),
        ("haircut", "剪发六次卡"),
    ],
)
def test_plurals_and_words_of_the_trade_find_what_is_meant(asked: str, title: str) -> None:
    make_product(title_en=title, title_zh=title)
    make_product(title_en="Car wax", title_zh="打蜡")
    assert titles(asked) == [title]


def test_a_word_is_no_plural_by_its_last_letter_alone() -> None:
    assert singular("glass") == singular("bus") == singular("tennis") == singular("gas") == []
    assert singular("movies") == ["movie", "movy"]
    assert "bus" in words("bus stop")


def test_every_word_of_a_group_finds_every_other() -> None:
    for group in GROUPS:
        names = group.split()
        for name in names:
            query = product_query(name)
            for other in names:
                assert query_text(other).split("'")[1] in query, (name, other)


TYPED = ["Auntie Qiao’s", "auntie qiao's", "Ａｕｎｔｉｅ Qiao´s", "Auntie  Qiao`s"]


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("kept", ["Auntie Qiao's – Gate", "Auntie Qiao’s — Gate"])
def test_no_sign_that_a_phone_puts_in_hides_a_row(client, typed: str, kept: str) -> None:
    people = cast()
    shop = make_store(merchant=people.merchant, name_en=kept)
    make_product(merchant=people.merchant, title_en=kept, stores=[shop])
    for person, url in (
        (people.owner, "/console/"),
        (people.owner, "/admin/stores/store/"),
        (people.owner, "/admin/catalog/product/"),
        (make_user("operator"), "/admin/stores/store/"),
    ):
        client.force_login(person)
        answer = client.get(url, {"q": typed})
        assert (
            kept.split(" –", maxsplit=1)[0].split(" —", maxsplit=1)[0][:11]
            in answer.content.decode()
        ), url
        if "admin" in url:
            assert answer.context["cl"].result_count == 1
