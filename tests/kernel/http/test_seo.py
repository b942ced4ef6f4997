"""What search engines and link previews are told, compared with what people see."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from catalog.services.pictures import add_picture
from catalog.services.products import VariantInput, add_variant
from kernel.clock import at
from kernel.http.seo.structured import script
from reviews.services.reviews import write_review
from stores.models import StoreHoliday
from tests.factories import (
    make_category,
    make_city,
    make_limited_offer,
    make_merchant,
    make_product,
    make_store,
    make_user,
    make_voucher,
    redeem,
)
from tests.kernel.http.head import Head

pytestmark = pytest.mark.django_db
BASE = "https://shop.example"
CHINESE = {"accept-language": "zh-CN,zh;q=0.9"}


@pytest.fixture(autouse=True)
def public_address(settings: Any) -> None:
    settings.BASE_URL = BASE


def head_of(client: Client, url: str, **options: Any) -> Head:
    response = client.get(url, **options)
    assert response.status_code == 200, url
    return Head(response.content.decode())


@pytest.fixture
def shop() -> Any:
    """A product with a picture, a limited-time price and one redeemed voucher with a review."""
    city = make_city(slug="harbour", name_en="Harbour", name_zh="港城", featured=True)
    merchant = make_merchant(name_en="Old Pier", name_zh="老码头")
    store = make_store(merchant=merchant, city=city, phone="0571-8888 6666", postcode="310000")
    top = make_category(slug="eat", name_en="Food", name_zh="美食", trade="restaurants")
    return make_product(
        stores=[store],
        price_fen=6850,
        category=make_category(parent=top, name_en="Noodles", slug="noodles"),
        title_en='Noodles "to go" <for two> & tea',
        title_zh="双人面",
        description_en="Two bowls.\n\nAnd a pot of tea.",
        list_price_fen=12000,
    )


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1300, 900), (190, 58, 16)).save(out, "PNG")
    return out.getvalue()


# Addresses -----------------------------------------------------------------------------


def test_position_cursor_and_tracking_are_no_part_of_the_address(client: Client, shop: Any) -> None:
    url = reverse("product_list")
    asked = f"{url}?near=30.25,120.16&utm_source=x&sort=price&city=harbour&category=eat&q="
    assert head_of(client, asked).canonical == f"{BASE}{url}?category=eat&city=harbour"
    assert head_of(client, f"{url}?city=").canonical == f"{BASE}{url}?city="
    product = reverse("product_detail", args=[shop.pk])
    assert head_of(client, f"{product}?channel=poster-7").canonical == f"{BASE}{product}"


def test_each_language_has_an_address_that_renders_it(client: Client, shop: Any) -> None:
    url = reverse("product_detail", args=[shop.pk])
    page = head_of(client, url)
    assert page.languages == {
        "en": f"{BASE}{url}?lang=en",
        "zh-Hans": f"{BASE}{url}?lang=zh-hans",
        "x-default": f"{BASE}{url}",
    }
    chinese = client.get(f"{url}?lang=zh-hans")
    assert '<html lang="zh-hans"' in chinese.content.decode()
    assert chinese["Content-Language"] == "zh-hans"
    read = Head(chinese.content.decode())
    assert read.canonical == f"{BASE}{url}?lang=zh-hans"
    assert "双人面" in read.title
    assert read.meta["og:locale"] == "zh_CN"
    assert read.languages == page.languages
    english = client.get(f"{url}?lang=en", headers=CHINESE).content.decode()
    assert '<html lang="en"' in english


def test_who_opens_an_address_of_a_language_goes_on_in_it(client: Client, shop: Any) -> None:
    client.get(f"{reverse('product_list')}?lang=zh-hans")
    for page in ("home", "store_list", "login"):
        assert '<html lang="zh-hans"' in client.get(reverse(page)).content.decode()
    again = client.get(f"{reverse('home')}?lang=zh-hans")
    assert "django_language" not in again.cookies, "known already"
    client.get(f"{reverse('help')}?lang=en")
    assert '<html lang="en"' in client.get(reverse("home")).content.decode()


@pytest.mark.parametrize(
    "header",
    [{"sec-fetch-dest": "empty"}, {"sec-fetch-dest": "iframe"}, {"sec-purpose": "prefetch"}],
)
def test_what_a_page_fetches_by_itself_changes_nobody_s_language(
    client: Client, shop: Any, header: dict[str, str]
) -> None:
    answer = client.get(f"{reverse('offline_page')}?lang=zh-hans", headers=header)
    assert answer.status_code == 200
    assert "django_language" not in answer.cookies


@pytest.mark.parametrize(
    "path",
    ["/manifest.webmanifest?lang=zh-hans", "/api/v1/products?lang=zh-hans", "/?lang=xx",
     "/nowhere/?lang=zh-hans", "/robots.txt?lang=zh-hans"],
)  # fmt: skip
def test_a_file_an_error_and_an_unknown_language_change_nothing(
    client: Client, shop: Any, path: str
) -> None:
    assert "django_language" not in client.get(path).cookies


def test_an_unknown_language_is_ignored(client: Client, shop: Any) -> None:
    url = reverse("home")
    page = head_of(client, f"{url}?lang=klingon", headers=CHINESE)
    assert page.canonical == f"{BASE}{url}"
    assert page.meta["og:locale"] == "zh_CN"


def test_switching_the_language_leaves_the_address_that_asked_for_the_other(
    client: Client, shop: Any
) -> None:
    html = client.get(f"{reverse('product_list')}?city=harbour&lang=zh-hans").content.decode()
    assert f'name="next" value="{reverse("product_list")}?city=harbour"' in html


def test_caches_are_told_what_a_page_depends_on(client: Client, shop: Any) -> None:
    response = client.get(reverse("home"))
    assert {"accept-language", "cookie"} <= {
        name.strip().lower() for name in response["Vary"].split(",")
    }
    assert response["Cache-Control"] == "private, no-cache"
    assert "X-Robots-Tag" not in response


def test_a_search_is_no_page_for_an_index(client: Client, shop: Any) -> None:
    url = reverse("product_list")
    response = client.get(f"{url}?q=noodles")
    page = Head(response.content.decode())
    assert response["X-Robots-Tag"] == "noindex, follow"
    assert page.meta["robots"] == "noindex, follow"
    assert page.languages == {}
    assert "noodles" in page.title


def test_a_page_that_is_gone_offers_no_address(client: Client) -> None:
    response = client.get(reverse("product_detail", args=[10**9]))
    page = Head(response.content.decode())
    assert response["X-Robots-Tag"] == "noindex"
    assert page.meta["robots"] == "noindex"
    assert not [link for link in page.links if link.get("rel") == "canonical"]
    assert "og:url" not in page.meta


# Titles and cards ----------------------------------------------------------------------


def public_urls(product: Any) -> list[str]:
    store = product.stores.get()
    listing, stores = reverse("product_list"), reverse("store_list")
    return [
        reverse("home"),
        f"{listing}?city=",
        f"{listing}?city=harbour",
        f"{listing}?category=eat&city=harbour",
        f"{listing}?merchant={product.merchant.slug}&city=",
        f"{listing}?q=noodles",
        reverse("product_detail", args=[product.pk]),
        reverse("product_stores", args=[product.pk]),
        reverse("product_review_list", args=[product.pk]),
        f"{stores}?city=",
        f"{stores}?city=harbour",
        reverse("store_detail", args=[store.pk]),
        reverse("store_review_list", args=[store.pk]),
        reverse("help"),
    ]


@pytest.mark.parametrize("headers", [{}, CHINESE], ids=["en", "zh"])
def test_every_public_page_has_a_title_and_a_description_of_its_own(
    client: Client, shop: Any, headers: dict[str, str]
) -> None:
    pages = {url: head_of(client, url, headers=headers) for url in public_urls(shop)}
    titles = [page.title for page in pages.values()]
    assert sorted(set(titles)) == sorted(titles)
    told = [page.meta["description"] for page in pages.values()]
    assert sorted(set(told)) == sorted(told)
    for url, page in pages.items():
        assert 20 <= len(page.meta["description"]) <= 160, url
        assert page.meta["og:title"] and page.meta["og:title"] in page.title
        assert page.meta["og:description"] == page.meta["description"]
        assert page.meta["og:url"] == page.canonical
        assert page.meta["og:image"].startswith(BASE)
        assert page.meta["twitter:card"] == "summary_large_image"


def test_the_product_card_shows_its_cover_price_and_title(client: Client, shop: Any) -> None:
    picture = add_picture(product=shop, content=png(), alt_en="Two bowls")
    page = head_of(client, reverse("product_detail", args=[shop.pk]))
    assert page.meta["og:type"] == "product"
    assert page.meta["og:image"] == f"{BASE}{picture.card.url}"
    assert page.meta["og:image:alt"] == "Two bowls"
    assert (page.meta["og:image:width"], page.meta["og:image:height"]) == ("1200", "630")
    assert page.meta["og:title"] == 'Noodles "to go" <for two> & tea · Old Pier'
    assert page.meta["description"] == "¥68.50 at Old Pier. Two bowls. And a pot of tea."


def test_pages_without_a_picture_show_the_drawn_card(client: Client, shop: Any) -> None:
    page = head_of(client, reverse("home"))
    assert page.meta["og:image"] == f"{BASE}/static/img/card.png"
    with Image.open("static/img/card.png") as card:
        assert card.size == (int(page.meta["og:image:width"]), int(page.meta["og:image:height"]))


def test_private_pages_have_no_card(client: Client) -> None:
    page = head_of(client, reverse("login"))
    assert page.meta["robots"].startswith("noindex")
    assert not [name for name in page.meta if name.startswith("og:")]


# schema.org ----------------------------------------------------------------------------


def test_data_cannot_leave_its_element() -> None:
    block = script({"name": "</script><!-- & \u2028"})
    inner = block.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set("<>&\u2028") & set(inner)


def test_a_product_says_what_its_page_shows(client: Client, shop: Any) -> None:
    page = head_of(client, reverse("product_detail", args=[shop.pk]))
    data = page.thing("Product")
    assert data["name"] == shop.title_en
    assert data["name"] in page.visible
    assert data["offers"]["price"] == "68.50"
    assert data["offers"]["priceCurrency"] == "CNY"
    assert "68 .50" in page.visible
    assert data["offers"]["availability"] == "https://schema.org/InStock"
    assert "priceValidUntil" not in data["offers"]
    assert "aggregateRating" not in data
    assert data["brand"]["name"] == "Old Pier"
    assert data["url"] == page.canonical
    crumbs = page.thing("BreadcrumbList")["itemListElement"]
    assert [crumb["name"] for crumb in crumbs] == ["Home", "Food", "Noodles", shop.title_en]
    assert [crumb["position"] for crumb in crumbs] == [1, 2, 3, 4]
    assert crumbs[1]["item"].startswith(f"{BASE}/products/?category=eat")
    assert crumbs[3]["item"] == page.canonical


def test_a_limited_time_price_says_from_when_until_when(client: Client, shop: Any) -> None:
    limited = make_limited_offer(shop, price_fen=4900, quota=5)
    offer = head_of(client, reverse("product_detail", args=[shop.pk])).thing("Product")["offers"]
    assert offer["price"] == "49.00"
    assert dt.datetime.fromisoformat(offer["validFrom"]) == limited.starts_at
    assert dt.datetime.fromisoformat(offer["priceValidUntil"]) == limited.ends_at
    assert offer["availability"] == "https://schema.org/LimitedAvailability"


def test_what_is_sold_out_says_so(client: Client, shop: Any) -> None:
    shop.variants.get().stock.__class__.objects.update(available=0)
    page = head_of(client, reverse("product_detail", args=[shop.pk]))
    assert "Sold out" in page.visible
    assert page.thing("Product")["offers"]["availability"] == "https://schema.org/SoldOut"


def test_stars_are_told_only_where_they_are_shown(client: Client, shop: Any) -> None:
    voucher = make_voucher(product=shop)
    redeem(voucher)
    write_review(author=voucher.owner, voucher_id=voucher.pk, rating=4, text="Good.")
    store = shop.stores.get()
    for url, kind in [
        (reverse("product_detail", args=[shop.pk]), "Product"),
        (reverse("store_detail", args=[store.pk]), "Restaurant"),
    ]:
        page = head_of(client, url)
        assert page.thing(kind)["aggregateRating"] == {
            "@type": "AggregateRating",
            "ratingValue": "4.0",
            "reviewCount": 1,
            "bestRating": 5,
        }
        assert "Rated 4.0 out of 5" in page.visible


def test_a_store_is_the_business_of_its_trade_at_its_place(client: Client, shop: Any) -> None:
    store = shop.stores.get()
    page = head_of(client, reverse("store_detail", args=[store.pk]))
    data = page.thing("Restaurant")
    assert data["telephone"] == "0571-8888 6666"
    assert data["telephone"] in page.visible
    assert data["address"]["streetAddress"] in page.visible
    assert data["address"]["addressLocality"] == "Harbour"
    assert data["address"]["addressCountry"] == "CN"
    assert data["geo"] == {
        "@type": "GeoCoordinates",
        "latitude": store.latitude,
        "longitude": store.longitude,
    }
    assert data["openingHoursSpecification"] == [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": [
                *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
            ],
            "opens": "00:00",
            "closes": "23:59",
        }
    ]
    assert "Open 24 hours" in page.visible


def test_a_store_without_deals_is_a_local_business(client: Client) -> None:
    store = make_store(always_open=False)
    page = head_of(client, reverse("store_detail", args=[store.pk]))
    assert "openingHoursSpecification" not in page.thing("LocalBusiness")


def test_holidays_of_the_week_shown_are_told_apart(client: Client) -> None:
    hours = [
        (0, dt.time(10), dt.time(14)),
        (0, dt.time(17), dt.time(2)),
        (1, dt.time(9), dt.time(18)),
    ]
    store = make_store(hours=hours)
    monday = dt.datetime(2026, 5, 4, 12, tzinfo=store.zone)
    StoreHoliday.objects.create(store=store, date=monday.date())
    StoreHoliday.objects.create(
        store=store, date=dt.date(2026, 5, 6), opens=dt.time(11), closes=dt.time(15)
    )
    with at(monday):
        page = head_of(client, reverse("store_detail", args=[store.pk]))
    data = page.thing("LocalBusiness")
    week = [(s["dayOfWeek"], s["opens"], s["closes"]) for s in data["openingHoursSpecification"]]
    assert week == [
        (["Monday"], "10:00", "14:00"),
        (["Monday"], "17:00", "02:00"),
        (["Tuesday"], "09:00", "18:00"),
    ]
    special = [
        (s["validFrom"], s["opens"], s["closes"]) for s in data["specialOpeningHoursSpecification"]
    ]
    assert special == [("2026-05-04", "00:00", "00:00"), ("2026-05-06", "11:00", "15:00")]
    assert "09:00–18:00" in page.visible and "11:00–15:00" in page.visible


def test_the_front_page_can_be_searched_from_outside(client: Client, shop: Any) -> None:
    site = head_of(client, reverse("home")).thing("WebSite")
    template = site["potentialAction"]["target"]["urlTemplate"]
    assert site["url"] == f"{BASE}/"
    found = client.get(template.removeprefix(BASE).replace("{search_term_string}", "noodles"))
    assert shop.title_en in Head(found.content.decode()).visible


def test_guests_and_members_are_told_the_same(client: Client, shop: Any) -> None:
    url = reverse("product_detail", args=[shop.pk])
    guest = head_of(client, url)
    client.force_login(make_user())
    member = head_of(client, url)
    assert member.things == guest.things
    assert member.canonical == guest.canonical


def test_every_choice_is_an_offer(client: Client, shop: Any) -> None:
    add_variant(product=shop, choice=VariantInput("Large", "大份", 9900))
    page = head_of(client, reverse("product_detail", args=[shop.pk]))
    prices = sorted(offer["price"] for offer in page.thing("Product")["offers"])
    assert prices == ["68.50", "99.00"]
