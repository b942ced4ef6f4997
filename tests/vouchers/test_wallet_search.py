"""Finding a voucher in the wallet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product
from tests.factories import Cast, make_product, make_store
from tests.vouchers.counter import sell, sell_one
from vouchers.models import Voucher
from vouchers.services.redeem import redeem_voucher


@pytest.fixture
def buyer(people: Cast) -> Client:
    client = Client()
    client.force_login(people.buyer)
    return client


def voucher_of(people: Cast, **fields: Any) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def look(client: Client, words: str, **query: str) -> tuple[list[int], str]:
    """Ids of the vouchers found, and the page."""
    html = client.get(reverse("voucher_list"), {"q": words, **query}).content.decode()
    return [int(pk) for pk in re.findall(r'card__link" href="/vouchers/(\d+)/"', html)], html


def test_every_name_of_a_voucher_finds_it_in_both_languages(people: Cast, buyer: Client) -> None:
    facial = voucher_of(people, title_en="Harbour facial", title_zh="港口面部护理")
    tea = voucher_of(people, title_en="Afternoon tea", title_zh="下午茶")
    for words, expected in (
        ("FACIAL", [facial.pk]),
        ("面部", [facial.pk]),
        ("ｆａｃｉａｌ", [facial.pk]),
        ("護理", [facial.pk]),
        ("tea after", [tea.pk]),
        ("tea facial", []),
        (people.merchant.name_en, [tea.pk, facial.pk]),
        (people.merchant.name_zh, [tea.pk, facial.pk]),
        (people.other_store.name_en, [tea.pk, facial.pk]),
        (tea.order_number, [tea.pk]),
        ("100%", []),
        ("_", []),
    ):
        assert look(buyer, words)[0] == expected, words


def test_a_name_in_the_other_script_is_found_wherever_people_search(people: Cast) -> None:
    plain = make_product(merchant=people.merchant, title_zh="龙井茶馆")
    full = make_product(merchant=people.merchant, title_zh="龍井茶館")
    found = Product.objects.filter(title_zh__reads="龙井")
    assert set(found) == set(Product.objects.filter(title_zh__reads="龍井")) == {plain, full}
    office = Client()
    office.force_login(people.owner)
    page = office.get(reverse("admin:catalog_product_changelist"), {"q": "龍井"})
    assert page.context["cl"].result_count == 2


def test_what_mixes_both_scripts_is_counted_and_listed(people: Cast) -> None:
    """A list is asked more than once: for its number, and for its rows."""
    product = make_product(merchant=people.merchant, title_zh="茶餐廳云吞面")
    office = Client()
    office.force_login(people.owner)
    page = office.get(reverse("admin:catalog_product_changelist"), {"q": "餐廳云吞"})
    assert page.context["cl"].result_count == 1
    assert list(page.context["cl"].result_list) == [product]


def test_a_search_in_both_scripts_stays_among_the_rows_of_ones_own(people: Cast) -> None:
    own = make_product(merchant=people.merchant, title_zh="广东早茶")
    make_product(title_zh="廣東早茶")
    mine = Product.objects.filter(merchant=people.merchant)
    assert list(mine.filter(title_zh__reads="早茶广东")) == []
    for typed in ("广东", "廣東"):
        assert list(mine.filter(title_zh__reads=typed)) == [own]
        assert list(Product.objects.filter(title_zh__reads=typed, merchant=people.merchant)) == [
            own
        ]


def test_a_store_finds_only_what_it_takes(people: Cast, buyer: Client) -> None:
    here = make_store(merchant=people.merchant, name_en="Lighthouse branch", name_zh="灯塔店")
    only_here = voucher_of(people, stores=[here])
    everywhere = voucher_of(people)
    elsewhere = voucher_of(people, stores=[people.store])
    found, _html = look(buyer, "lighthouse")
    assert found == [everywhere.pk, only_here.pk] and elsewhere.pk not in found
    assert look(buyer, "灯塔")[0] == found


def test_a_search_looks_under_every_tab_and_counts_them(people: Cast, buyer: Client) -> None:
    used = voucher_of(people, title_en="Morning yoga")
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=used.code)
    usable = voucher_of(people, title_en="Evening yoga")
    found, html = look(buyer, "yoga")
    assert found == [usable.pk, used.pk] and "2 vouchers for “yoga”" in html
    assert look(buyer, "yoga", tab="used")[0] == [used.pk]
    found, html = look(buyer, "evening", tab="used")
    assert found == [] and "None under this tab" in html


def test_nothing_found_says_what_to_do_and_keeps_the_words(people: Cast, buyer: Client) -> None:
    voucher_of(people)
    found, html = look(buyer, 'no "such" <b>')
    assert found == [] and "No voucher of yours matches" in html
    assert 'value="no &quot;such&quot; &lt;b&gt;"' in html
    assert "Show my vouchers" in html and reverse("order_list") in html


def test_other_peoples_vouchers_are_never_found(people: Cast, buyer: Client) -> None:
    foreign = sell_one(make_product(merchant=people.merchant, title_en="Secret massage"))
    assert look(buyer, "secret")[0] == []
    assert look(buyer, foreign.order_number)[0] == []


def test_an_empty_wallet_has_no_search_box(buyer: Client) -> None:
    html = buyer.get(reverse("voucher_list")).content.decode()
    assert 'name="q"' not in html


def test_a_search_costs_as_many_queries_as_the_list(people: Cast, buyer: Client) -> None:
    costs = []
    for _round in range(2):
        sell(
            make_product(merchant=people.merchant, title_en="Yoga"), buyer=people.buyer, quantity=9
        )
        with CaptureQueriesContext(connection) as queries:
            look(buyer, "yoga " * 9)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 8


def test_the_following_page_keeps_the_search(people: Cast, buyer: Client) -> None:
    product = make_product(merchant=people.merchant, title_en="Yoga")
    sell(product, buyer=people.buyer, quantity=21)
    _found, html = look(buyer, "yoga")
    following = re.search(r'rel="next" href="\?([^"]+)"', html)[1].replace("&amp;", "&")
    assert "q=yoga" in following
    more = buyer.get(f"{reverse('voucher_list')}?{following}").content.decode()
    assert more.count('class="ticket ') == 1
