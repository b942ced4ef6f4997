"""Products, their variants, prices and pictures, through the services."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from PIL import Image

from catalog.errors import BadPicture, CategoryNotAllowed, NothingToSell, OfferNotRunning
from catalog.models import Offer, Product
from catalog.selectors import offers_for_purchase, product_for_page
from catalog.services.offers import (
    change_limited_offer,
    create_limited_offer,
    end_offer,
    set_normal_price,
)
from catalog.services.pictures import add_picture
from catalog.services.prices import refresh_due_prices, refresh_price
from catalog.services.products import (
    VariantInput,
    add_sales,
    apply_product_rating,
    archive_product,
    create_product,
    publish_product,
    update_product,
)
from catalog.services.stock import Wanted, give_back_stock, take_stock
from kernel import clock
from kernel.clock import now
from kernel.errors import InvalidInput
from orders.services.place import place_order
from stores.models import Store
from stores.services.stores import update_store
from tests.factories import (
    make_category,
    make_limited_offer,
    make_merchant,
    make_product,
    make_store,
    make_user,
    offer_of,
    owner_of,
    variant_of,
)

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def create(**fields) -> Product:
    merchant = fields.pop("merchant", None) or make_merchant()
    category = fields.pop("category", None) or make_category()
    category.merchants.add(merchant)
    defaults = {
        "title_en": "Set menu",
        "list_price_fen": 9800,
        "variants": [VariantInput(price_fen=6800, available=10)],
    }
    return create_product(merchant=merchant, category=category, **{**defaults, **fields})


def test_a_new_product_is_a_draft_until_published() -> None:
    product = create(
        variants=[
            VariantInput("For two", "双人", 6800, 10),
            VariantInput("For four", "四人", 12800, None),
        ]
    )
    assert product.state == Product.State.DRAFT
    assert offers_for_purchase(product.offers.values_list("pk", flat=True)) == {}
    publish_product(product=product)
    product.refresh_from_db()
    assert product.price_fen == 6800
    stock = [variant.stock.available for variant in product.variants.order_by("position")]
    assert stock == [10, None]
    make_store(merchant=product.merchant)
    assert len(offers_for_purchase(product.offers.values_list("pk", flat=True))) == 2


@pytest.mark.parametrize("named", [False, True])
def test_what_no_store_takes_is_sold_to_nobody_until_one_does(named: bool) -> None:
    store = make_store()
    other = make_store(merchant=store.merchant)
    product = make_product(merchant=store.merchant, stores=[store] if named else [])
    offer, buyer = offer_of(product), make_user()
    closed = [store] if named else [store, other]
    for each in closed:
        update_store(store=each, state=Store.State.CLOSED)
    with pytest.raises(OfferNotRunning), transaction.atomic():
        place_order(buyer=buyer, lines=[(offer.pk, 1)])
    assert product_for_page(product.pk).offers == []
    update_store(store=store, state=Store.State.ACTIVE)
    assert product_for_page(product.pk).offers == [offer]
    assert place_order(buyer=buyer, lines=[(offer.pk, 1)]).total_fen == offer.price_fen


def test_the_platform_opens_categories_to_merchants() -> None:
    merchant, parent = make_merchant(), make_category()
    child = make_category(parent=parent)
    facts = {
        "merchant": merchant,
        "title_en": "x",
        "list_price_fen": 1,
        "variants": [VariantInput(price_fen=1)],
    }
    with pytest.raises(CategoryNotAllowed):
        create_product(category=child, **facts)
    parent.merchants.add(merchant)
    product = create_product(category=child, **facts)
    with pytest.raises(CategoryNotAllowed):
        update_product(product=product, category=make_category())


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"title_en": ""}, "title_en"),
        ({"variants": []}, "variants"),
        ({"variants": [VariantInput(price_fen=0)]}, "price_fen"),
        ({"variants": [VariantInput(price_fen=1, available=-1)]}, "available"),
        ({"list_price_fen": 0}, "list_price_fen"),
        ({"uses": 3}, "uses"),
        ({"refund_rule": "days"}, "refund_days"),
        ({"validity_days": 0}, "validity_days"),
        ({"included": [{"quantity": 1}]}, "included"),
        ({"included": [{"name_en": "Soup", "quantity": 0}]}, "included"),
        ({"blackout": [{"weekdays": [7]}]}, "blackout"),
        ({"blackout": [{}]}, "blackout"),
        ({"blackout": [{"from": "2026-10-07", "to": "2026-10-01"}]}, "blackout"),
        ({"blackout": [{"weekdays": [1], "start": "25:00", "end": "26:00"}]}, "blackout"),
        ({"notes": ["free text"]}, "notes"),
        ({"kind": "dream"}, "kind"),
    ],
)
def test_what_cannot_be_sold_is_refused_and_named(fields, named) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create(**fields)
    assert named in refusal.value.extra["fields"]
    assert not Product.objects.exists()


def test_a_store_of_somebody_else_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        create(stores=[make_store()])
    assert "stores" in refusal.value.extra["fields"]


def test_a_product_without_a_price_is_not_published() -> None:
    product = create()
    end_offer(offer=offer_of(product))
    with pytest.raises(NothingToSell):
        publish_product(product=product)


def test_an_archived_product_cannot_be_bought() -> None:
    product = make_product()
    offer = offer_of(product)
    assert offers_for_purchase([offer.pk])
    archive_product(product=product)
    assert offers_for_purchase([offer.pk]) == {}


def test_offers_for_purchase_is_one_query_and_leaves_out_what_does_not_run(
    django_assert_num_queries,
) -> None:
    product = make_product()
    limited = make_limited_offer(product, price_fen=100)
    later = make_limited_offer(
        product, price_fen=90, starts_at=now() + HOUR, ends_at=now() + 2 * HOUR
    )
    over = make_limited_offer(
        product, price_fen=80, starts_at=now() - 2 * HOUR, ends_at=now() - HOUR
    )
    suspended = offer_of(make_product(merchant=make_store(merchant=make_merchant()).merchant))
    suspended.merchant.state = "suspended"
    suspended.merchant.save()
    wanted = [offer_of(product).pk, limited.pk, later.pk, over.pk, suspended.pk, 10**9]
    with django_assert_num_queries(1):
        found = offers_for_purchase(wanted)
        for offer in found.values():
            assert offer.product.title_en
            assert offer.variant.name_en == ""
    assert set(found) == {offer_of(product).pk, limited.pk}


def test_a_changed_price_is_a_new_offer() -> None:
    product = make_product(price_fen=5000)
    old = offer_of(product)
    new = set_normal_price(variant=variant_of(product), price_fen=4500)
    assert new.pk != old.pk
    assert offers_for_purchase([old.pk, new.pk]).keys() == {new.pk}
    product.refresh_from_db()
    assert product.price_fen == 4500
    assert set_normal_price(variant=variant_of(product), price_fen=4500).pk == new.pk


def test_a_limited_time_offer_needs_a_period_and_positive_numbers() -> None:
    variant = variant_of(make_product())
    good = {"variant": variant, "price_fen": 1, "starts_at": now(), "ends_at": now() + HOUR}
    for wrong, named in (
        ({"ends_at": now() - HOUR}, "ends_at"),
        ({"quota": 0}, "quota"),
        ({"per_person_limit": 0}, "per_person_limit"),
        ({"price_fen": 0}, "price_fen"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            create_limited_offer(**{**good, **wrong})
        assert named in refusal.value.extra["fields"]


@pytest.mark.parametrize("price_fen", [5000, 5001])
def test_a_limited_time_price_lowers_the_normal_one(price_fen: int) -> None:
    product = make_product(price_fen=5000)
    with pytest.raises(InvalidInput) as refusal:
        make_limited_offer(product, price_fen=price_fen)
    assert "below the normal price (¥50)" in str(refusal.value.extra["fields"]["price_fen"])
    client = Client()
    client.force_login(owner_of(product.merchant))
    typed = {
        "variant": variant_of(product).pk,
        "price_fen": f"{price_fen / 100}",
        **{f"starts_at_{n}": v for n, v in enumerate(("2031-01-01", "10:00"))},
        **{f"ends_at_{n}": v for n, v in enumerate(("2031-01-02", "10:00"))},
    }
    answer = client.post("/admin/catalog/offer/add/", typed).content.decode()
    assert "below the normal price (¥50)" in answer
    assert not product.offers.limited().exists()
    made = make_limited_offer(product, price_fen=4999)
    set_normal_price(variant=made.variant, price_fen=4000)  # what runs already may be changed
    change_limited_offer(offer=made, ends_at=made.ends_at + HOUR, quota=3, per_person_limit=None)


def price_of(product: Product) -> int | None:
    product.refresh_from_db()
    return product.price_fen


def test_the_list_price_follows_offers_that_begin_end_and_sell_out(drain: Any) -> None:
    product, other = make_product(price_fen=5000), make_product(price_fen=700)
    start = now()
    limited = make_limited_offer(
        product, price_fen=3000, starts_at=start + HOUR, ends_at=start + 3 * HOUR, quota=2
    )
    assert price_of(product) == 5000
    with clock.at(start + 2 * HOUR):
        assert refresh_due_prices() == 1
        assert price_of(product) == 3000
        with transaction.atomic():
            take_stock(buyer_id=make_user().pk, wanted=[Wanted(limited.pk, limited.variant_id, 2)])
        drain()
        assert price_of(product) == 5000
        one = [Wanted(limited.pk, limited.variant_id, 1)]
        give_back_stock(buyer_id=make_user().pk, returned=one)
        drain()
        assert price_of(product) == 3000
        assert refresh_due_prices() == 0
    with clock.at(start + 4 * HOUR):
        assert refresh_due_prices() == 1
        assert price_of(product) == 5000
        assert refresh_due_prices() == 0
    assert price_of(other) == 700


def test_without_any_running_offer_a_product_leaves_the_shop() -> None:
    product = make_product()
    Offer.objects.filter(product=product).update(active=False)
    assert refresh_price() == 1
    assert price_of(product) is None
    assert not Product.objects.on_sale().exists()


def test_sales_and_ratings_are_counted_both_ways() -> None:
    product = make_product()
    add_sales(product_id=product.pk, quantity=3)
    add_sales(product_id=product.pk, quantity=-1)
    apply_product_rating(product_id=product.pk, stars_delta=5, count_delta=1)
    apply_product_rating(product_id=product.pk, stars_delta=4, count_delta=1)
    product.refresh_from_db()
    assert (product.sales_count, product.rating_score, str(product.rating)) == (2, 450, "4.5")
    apply_product_rating(product_id=product.pk, stars_delta=-9, count_delta=-2)
    add_sales(product_id=product.pk, quantity=-10)
    product.refresh_from_db()
    assert (product.sales_count, product.rating_score, product.rating) == (0, 0, None)


def picture(size=(2000, 1500), kind="JPEG", **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#e0592a").save(out, kind, **options)
    return out.getvalue()


def test_a_picture_is_made_small_and_loses_the_cameras_data() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # turned by a quarter
    added = add_picture(product=make_product(), content=picture(exif=exif), alt_en="A dish")
    assert (added.width, added.height) == (900, 1200)
    with added.image.open() as file:
        assert b"SecretCamera" not in file.read()
    with added.small.open() as file, Image.open(file) as small:
        assert small.format == "WEBP"
        assert max(small.size) == 480


@pytest.mark.parametrize("size", [(2000, 1500), (300, 900), (1300, 100)])
def test_a_shared_link_shows_the_middle_of_the_picture(size: tuple[int, int]) -> None:
    for options in ({"kind": "JPEG"}, {"kind": "PNG"}):
        added = add_picture(product=make_product(), content=picture(size, **options))
        with added.card.open() as file, Image.open(file) as card:
            assert (card.format, card.size) == ("JPEG", (1200, 630))


def test_what_is_no_picture_is_refused() -> None:
    product = make_product()
    for content in (b"", b"<svg onload=alert(1)>", b"GIF89a", picture()[:200]):
        with pytest.raises(BadPicture):
            add_picture(product=product, content=content)
    assert not product.pictures.exists()
