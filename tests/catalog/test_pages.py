"""Home, list and product page as a visitor sees them."""

from __future__ import annotations

import datetime as dt
import io
from itertools import product as product_of

import pytest
from django.core.cache import cache
from django.test import Client
from PIL import Image

from catalog.admin_forms import TRADES
from catalog.cards import ICONS, trade_icon
from catalog.models import Offer, Product
from catalog.services.pictures import add_picture
from catalog.services.prices import refresh_price
from catalog.services.products import VariantInput, add_variant, apply_product_rating
from catalog.services.stock import set_stock
from kernel.clock import at, now
from stores.places import featured_cities
from tests.factories import (
    make_category,
    make_city,
    make_limited_offer,
    make_merchant,
    make_product,
    make_store,
    make_user,
    offer_of,
    variant_of,
)

pytestmark = pytest.mark.django_db


def page(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


@pytest.fixture
def city():
    return make_city(featured=True, name_en="Linwan", latitude=30.0, longitude=120.0)


def shown(client, url: str) -> list[str]:
    response = client.get(url)
    assert response.status_code == 200
    return [card["title"] for card in response.context["cards"]]


def test_home_has_city_search_categories_and_deals(client, city) -> None:
    store = make_store(city=city)
    category = make_category(name_en="Hot pot", trade="restaurants")
    make_category(name_en="A child", parent=category)
    plain = make_product(merchant=store.merchant, title_en="Plain dinner", category=category)
    limited = make_product(merchant=store.merchant, title_en="Brief dinner")
    make_limited_offer(limited, price_fen=100)
    apply_product_rating(product_id=plain.pk, stars_delta=5, count_delta=1)
    make_product(title_en="In another city")
    html = page(client, "/")
    assert "Things to do in Linwan" in html
    assert 'name="q"' in html
    assert f"/products/?category={category.slug}" in html
    assert "A child" not in html
    for section in ("Limited time", "In the middle of the city", "Top rated", "New"):
        assert section in html
    assert 'data-ends-at="' in html
    assert "Plain dinner" in html
    assert "In another city" not in html
    assert "Near you" in page(client, "/?near=30.01,120.0")


def test_an_empty_shop_says_what_to_do(client) -> None:
    assert "Nothing is on sale here yet" in page(client, "/")
    assert "Nothing is on sale here yet" in page(client, "/products/")


def test_the_list_is_of_the_chosen_city_unless_asked(client, city) -> None:
    make_product(stores=[make_store(city=city)], title_en="Here")
    elsewhere = make_product(title_en="Elsewhere")
    other = elsewhere.merchant.stores.get().city
    assert shown(client, "/products/") == ["Here"]
    assert shown(client, "/products/?city=") == ["Elsewhere", "Here"]
    assert shown(client, f"/products/?city={other.slug}") == ["Elsewhere"]


def test_words_shelf_price_radius_and_open_now_limit_the_list(client, city) -> None:
    category = make_category()
    store = make_store(city=city, always_open=False)
    make_product(
        merchant=store.merchant,
        title_en="Iced latte",
        title_zh="冰拿铁",
        category=category,
        price_fen=1850,
    )
    for params, fits in (
        ("q=latte", True), ("q=拿铁", True), ("q=espresso", False),
        (f"category={category.slug}", True), ("min_price=18.50&max_price=18.50", True),
        ("min_price=18.51", False), ("open_now=on", False),
        ("near=30.0,120.0&radius=1000", True), ("near=31.0,120.0&radius=1000", False),
    ):  # fmt: skip
        assert (shown(client, f"/products/?{params}") == ["Iced latte"]) is fits, params


def test_a_wrong_filter_is_named_and_hides_nothing(client, city) -> None:
    make_product(stores=[make_store(city=city)], title_en="Here")
    for params in ("min_price=abc", "min_price=9&max_price=5", "min_price=-1", "max_price=1.234"):
        html = page(client, f"/products/?{params}")
        assert "field__error" in html, params
        assert "Here" in html
    assert client.get("/products/?category=nothing").status_code == 404
    assert client.get("/products/?merchant=nobody").status_code == 404


def test_orders_and_pages_keep_the_filters(client, city) -> None:
    merchant = make_store(city=city).merchant
    for number in range(30):
        make_product(merchant=merchant, title_en=f"Set {number:02}", price_fen=1000 + number)
    url = "/products/?q=set&sort=price"
    first = client.get(url)
    titles = [card["title"] for card in first.context["cards"]]
    html = first.content.decode()
    next_url = html.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "q=set" in next_url
    assert "sort=price" in next_url
    titles += shown(client, f"/products/{next_url}")
    assert titles == [f"Set {number:02}" for number in range(30)]
    assert client.get(f"{url}&cursor=broken").url == url
    assert "Nearest" not in html
    assert "Nearest" in page(client, f"{url}&near=30.0,120.0")
    assert shown(client, "/products/?q=set&sort=-price&near=none")[0] == "Set 29"


def test_a_card_shows_price_saving_countdown_distance_and_sales(client, city) -> None:
    store = make_store(city=city, name_en="Corner", latitude=30.0, longitude=120.0)
    with at(now() - dt.timedelta(days=40)):
        product = make_product(
            merchant=store.merchant, price_fen=6800, list_price_fen=9800, title_en="Dinner"
        )
    make_limited_offer(product, price_fen=4900, quota=5)
    Product.objects.filter(pk=product.pk).update(sales_count=128)
    html = page(client, "/products/?near=30.01,120.0")
    for text in ("Limited time", "27% off", "128 sold", "Corner", "1.1 km", "data-ends-at"):
        assert text in html, text
    assert '<span class="price__sign">¥</span>49' in html


def test_a_limited_price_that_sold_out_gives_way_to_the_usual_one(client, city) -> None:
    product = make_product(stores=[make_store(city=city)], price_fen=6800)
    limited = make_limited_offer(product, price_fen=4900, quota=5)
    Offer.objects.filter(pk=limited.pk).update(quota_sold=5)
    refresh_price([product.pk])
    assert client.get("/products/").context["cards"][0]["price_fen"] == 6800
    set_stock(variant_id=variant_of(product).pk, available=0)
    refresh_price([product.pk])
    card = client.get("/products/").context["cards"][0]
    assert card["sold_out"]
    html = page(client, f"/products/{product.pk}/")
    assert "Sold out" in html
    assert 'value="now"' not in html


def test_the_product_page_tells_everything_before_the_purchase(client, city) -> None:
    store = make_store(city=city, name_en="Lighthouse", latitude=30.0, longitude=120.0)
    product = make_product(
        merchant=store.merchant,
        title_en="Dinner for two",
        price_fen=6800,
        list_price_fen=9800,
        included=[{"name_en": "Soup", "name_zh": "汤", "quantity": 2, "value_fen": 4900}],
        provenance={"farm_en": "Tidal Farm", "batch": "B-7"},
        validity_days=60,
        blackout=[{"weekdays": [5, 6], "start": "11:30", "end": "13:30"}],
        refund_rule="days",
        refund_days=7,
        notes=[{"en": "Bring an umbrella", "zh": "请带伞"}],
        stores=[store],
    )
    add_picture(product=product, content=_png(), alt_en="Two bowls")
    html = page(client, f"/products/{product.pk}/?near=30.01,120.0")
    for text in (
        "Dinner for two", "Soup", "× 2", "Worth at the counter", "Tidal Farm", "B-7",
        "Valid for 60 days", "Saturday and Sunday", "11:30", "within 7 days", "Bring an umbrella",
        "Lighthouse", "1.1 km", "Open 24 hours", "You save ¥30.", "Refund within 7 days of purchase", 'alt="Two bowls"',
    ):  # fmt: skip
        assert text in html, text
    assert f'<input type="hidden" name="offer" value="{offer_of(product).pk}">' in html
    assert 'action="/basket/' in html


def test_choices_and_their_limited_price_can_be_bought(client, city) -> None:
    product = make_product(stores=[make_store(city=city)], price_fen=6800, stock=7)
    other = add_variant(
        product=product, choice=VariantInput("For four", "四人", 12800, 0), position=1
    )
    limited = make_limited_offer(product, price_fen=4900, quota=3, per_person_limit=2)
    response = client.get(f"/products/{product.pk}/")
    choices = response.context["choices"]
    assert [(c.offer.pk, c.left, c.usual_fen, c.most) for c in choices] == [
        (limited.pk, 3, 6800, 2),
        (other.offers.get().pk, 0, None, 1),
    ]
    html = response.content.decode()
    assert "3 left" in html
    assert "At most 2 per person" in html
    assert html.count('type="radio"') == 2
    assert "from" in html


def test_a_sold_out_deal_says_so_once_and_leads_to_the_others(client, city) -> None:
    product = make_product(stores=[make_store(city=city)], stock=0, list_price_fen=9800)
    panel = page(client, f"/products/{product.pk}/").split('id="buy-panel"')[1].split("</aside>")[0]
    assert panel.count("Sold out") == 1
    assert f"/products/?merchant={product.merchant.slug}" in panel
    assert "Buy now" not in panel
    assert "You save" not in panel


def test_every_store_where_it_can_be_used_is_listed(client, city) -> None:
    merchant = make_merchant()
    for number in range(8):
        make_store(merchant=merchant, city=city, name_en=f"Branch {number}")
    product = make_product(merchant=merchant)
    html = page(client, f"/products/{product.pk}/")
    assert html.count("Branch ") < 8
    assert f"/products/{product.pk}/stores/" in html
    assert page(client, f"/products/{product.pk}/stores/").count('class="store__name"') == 8
    assert client.get(f"/products/{product.pk}/stores/?cursor=x").status_code == 302


def test_what_is_not_on_sale_is_not_found(client) -> None:
    for product in (
        make_product(state="draft"),
        make_product(state="archived"),
        make_product(merchant=make_store(merchant=make_merchant(state="suspended")).merchant),
    ):
        assert client.get(f"/products/{product.pk}/").status_code == 404


def test_a_text_of_the_merchant_is_text_and_never_markup(client, city) -> None:
    title = "<script>alert(1)</script>"
    product = make_product(
        stores=[make_store(city=city, name_en=title)], title_en=title, description_en=title
    )
    for url in ("/", "/products/?near=30,120", f"/products/{product.pk}/"):
        assert "<script>alert" not in page(client, url)


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "#2b6").save(out, "PNG")
    return out.getvalue()


def _fill(city, count: int) -> Product:
    merchants = [make_store(city=city).merchant for _ in range(3)]
    category = make_category()
    product = None
    for number in range(count):
        product = make_product(
            merchant=merchants[number % 3],
            category=category,
            title_en=f"Dinner {number}",
            description_en="latte",
        )
        add_picture(product=product, content=_png())
        apply_product_rating(product_id=product.pk, stars_delta=5, count_delta=1)
        if number % 2:
            make_limited_offer(product, price_fen=100)
    assert product is not None
    return product


@pytest.mark.parametrize("count", [2, 30])
def test_the_pages_cost_the_same_at_any_size(city, count, django_assert_max_num_queries) -> None:
    product = _fill(city, count)
    people = (None, make_user(), product.merchant.applicant)
    for member, warm in product_of(people, (True, False)):
        _pages_cost_little(product, member, warm, django_assert_max_num_queries)


def _pages_cost_little(product, member, warm, django_assert_max_num_queries) -> None:
    client = Client()
    cache.clear()
    if member:
        client.force_login(member)
    # After the cache was lost, a member brings the session along, and who asks for a word first
    # asks how common it is, too.
    limit = 8 if warm or not member else 12
    # Who works in the back office alone is asked whether a counter opens for them, too.
    limit += bool(member and member.is_staff)
    client.get("/")
    for url in (
        "/",
        "/?near=30.0,120.0",
        "/products/",
        "/products/?near=30.0,120.0&sort=distance&q=dinner&radius=30000&open_now=on&min_price=0.5",
        f"/products/?q=latte&category={product.category.slug}",
        f"/products/{product.pk}/?near=30.0,120.0",
        f"/products/{product.pk}/stores/",
    ):
        client.get(url) if warm else cache.clear()
        with django_assert_max_num_queries(limit):
            assert client.get(url).status_code == 200


def test_cities_are_kept_for_a_moment(city, django_assert_num_queries) -> None:
    featured_cities()
    with django_assert_num_queries(0):
        assert featured_cities() == [city]


def test_the_countdown_ends_when_the_offer_does(client, city) -> None:
    product = make_product(stores=[make_store(city=city)])
    ends_at = (now() + dt.timedelta(minutes=90)).replace(microsecond=0)
    make_limited_offer(product, price_fen=1, ends_at=ends_at)
    assert f'data-ends-at="{int(ends_at.timestamp() * 1000)}"' in page(client, "/")


def test_pictures_are_a_strip_with_a_count_and_small_ones_to_jump_to(client, city) -> None:
    product = make_product(stores=[make_store(city=city)])
    add_picture(product=product, content=_png(), alt_en="Two bowls")
    one = page(client, f"/products/{product.pk}/")
    assert 'alt="Two bowls"' in one
    assert "data-gallery" not in one
    add_picture(product=product, content=_png(), alt_en="The room")
    html = page(client, f"/products/{product.pk}/")
    for text in ("1/2", "2/2", 'id="picture-2"', 'href="#picture-2"', 'alt="The room"'):
        assert text in html, text


def test_what_is_saved_is_computed_in_words(client, city) -> None:
    with at(now() - dt.timedelta(days=40)):
        product = make_product(
            stores=[make_store(city=city)],
            price_fen=6800,
            list_price_fen=9800,
            included=[{"name_en": "Dinner", "quantity": 1, "value_fen": 9800}],
        )
    url = f"/products/{product.pk}/"
    assert "Item by item it costs ¥98 at the counter, here ¥68." in page(client, url)
    make_limited_offer(product, price_fen=4900)
    html = page(client, url)
    assert "You save ¥19." in html
    assert "The lowest price before was ¥68, now it is ¥49." in html
    assert "After the limited time it is ¥68." in html
    fresh = make_product(stores=[make_store(city=city)], price_fen=6800, list_price_fen=9800)
    make_limited_offer(fresh, price_fen=4900)
    html = page(client, f"/products/{fresh.pk}/")
    assert "You save" not in html and "After the limited time it is ¥68." in html


@pytest.mark.parametrize(
    ("rule", "days", "on_expiry", "title", "text"),
    [
        ("anytime", None, True, "Refund at any time before use", "is refunded automatically"),
        ("days", 1, True, "Refund within 1 day of purchase", "is refunded automatically"),
        ("none", None, False, "No refund on request", "is not refunded"),
    ],
)
def test_the_refund_promise_stands_at_the_price(
    client, city, rule, days, on_expiry, title, text
) -> None:
    product = make_product(
        stores=[make_store(city=city)],
        refund_rule=rule,
        refund_days=days,
        refund_on_expiry=on_expiry,
    )
    aside = page(client, f"/products/{product.pk}/").split("<aside")[1].split("</aside>")[0]
    assert title in aside
    assert text in aside


def test_only_blackout_dates_that_a_voucher_sold_today_can_meet_are_shown(client, city) -> None:
    product = make_product(
        stores=[make_store(city=city)],
        validity_days=90,
        blackout=[{"from": f"{year}-10-01", "to": f"{year}-10-07"} for year in (2029, 2030, 2031)],
    )
    with at(dt.datetime(2030, 9, 1, 4, tzinfo=dt.UTC)):
        html = page(client, f"/products/{product.pk}/")
    when = html.split('id="when"')[1].split("</section>")[0]
    assert "Not from 1 Oct 2030 to 7 Oct 2030." in when
    assert "2029" not in when and "2031" not in when


def test_similar_deals_are_of_the_shelf_and_the_city_best_sold_first(client, city) -> None:
    food = make_category()
    noodles, soup = make_category(parent=food), make_category(parent=food)
    store = make_store(city=city)
    product = make_product(merchant=store.merchant, category=noodles, title_en="This one")

    def another(title: str, category, sold: int = 0) -> None:
        made = make_product(merchant=store.merchant, category=category, title_en=title)
        Product.objects.filter(pk=made.pk).update(sales_count=sold)

    another("Same shelf", soup, sold=90)
    another("Same kind", noodles)
    another("Same kind, loved", noodles, sold=5)
    another("Another trade", make_category(), sold=100)
    make_product(category=noodles, title_en="In another city")
    similar = client.get(f"/products/{product.pk}/").context["similar"]
    assert [card["title"] for card in similar] == ["Same kind, loved", "Same kind", "Same shelf"]


def test_the_map_and_the_list_beside_it_have_the_same_numbers(client, city) -> None:
    merchant = make_merchant()
    for number in range(3):
        make_store(merchant=merchant, city=city, latitude=30.0 + number / 50, longitude=120.0)
    product = make_product(merchant=merchant)
    for url in (f"/products/{product.pk}/", f"/products/{product.pk}/stores/", "/stores/"):
        html = page(client, f"{url}?near=30.01,120.0")
        drawing = html.split('class="map__drawing"')[1].split("</svg>")[0]
        for number in (1, 2, 3):
            assert f'href="#store-{number}"' in drawing
            assert f'id="store-{number}"' in html
        assert "style=" not in drawing
        assert "map__you" in drawing


def test_every_trade_that_has_an_icon_can_be_chosen_for_a_category() -> None:
    assert set(TRADES) == {*ICONS, trade_icon("")}
