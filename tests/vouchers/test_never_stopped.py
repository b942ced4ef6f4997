"""Money goes back and vouchers are redeemed whatever a merchant typed, and by the clock."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.urls import reverse

from catalog.models import Offer, OfferPurchase, Picture, Product, Stock
from catalog.services.products import update_product
from catalog.services.search_index import index_products
from catalog.services.stock import Wanted, give_back_stock
from kernel import clock
from kernel.bounds import MAX_COUNT
from kernel.errors import InvalidInput
from kernel.watch.models import Incident
from orders.services.cancel import cancel_order
from tests.factories import (
    make_limited_offer,
    make_order,
    make_product,
    make_staff,
    make_store,
    make_user,
    make_voucher,
    offer_of,
    redeem,
    variant_of,
)
from tests.vouchers.counter import freeze_terms
from vouchers.errors import Expired, NotRefundable
from vouchers.explain import DAMAGED
from vouchers.models import Voucher, VoucherTerms
from vouchers.outcome import with_outcome
from vouchers.services.expire import expire_voucher
from vouchers.services.redeem import undo_redemption
from vouchers.services.refund import refund_quote, refund_voucher
from vouchers.services.terms import current_terms
from vouchers.shapes import voucher_shape
from vouchers.terms import terms_of

pytestmark = pytest.mark.django_db
FOR_EVER = [{"from": "2026-01-01", "to": "9999-12-31"}, {"weekdays": [2]}]


def fill_stock(product: Product, available: int = MAX_COUNT) -> None:
    Stock.objects.filter(variant__product=product).update(available=available)


def damage(voucher: Voucher, **parts) -> Voucher:
    """Write ``parts`` into the voucher's frozen terms, as an older release let them be."""
    body = {**voucher.terms.body, **parts}
    VoucherTerms.objects.filter(pk=voucher.terms_id).update(body=body)
    return Voucher.objects.select_related("terms", "merchant", "owner").get(pk=voucher.pk)


def test_a_full_stock_does_not_stop_a_refund_and_is_reported() -> None:
    voucher = make_voucher()
    fill_stock(voucher.product)
    refund_voucher(owner=voucher.owner, voucher_id=voucher.pk)
    voucher.refresh_from_db()
    assert voucher.state == Voucher.State.REFUNDING
    assert Stock.objects.get(variant=voucher.variant_id).available == MAX_COUNT
    assert Incident.objects.get(kind="catalog.stock").subject == f"variant:{voucher.variant_id}"


def test_a_full_stock_stops_neither_cancelling_nor_expiry() -> None:
    order, voucher = make_order(), make_voucher()
    Stock.objects.update(available=MAX_COUNT)
    cancel_order(buyer=order.buyer, number=order.number)
    with clock.at(voucher.valid_until):
        assert expire_voucher(voucher_id=voucher.pk)
    assert set(Stock.objects.values_list("available", flat=True)) == {MAX_COUNT}


def test_pieces_given_back_fill_the_stock_to_its_last_number() -> None:
    product = make_product()
    fill_stock(product, MAX_COUNT - 2)
    wanted = Wanted(offer_of(product).pk, variant_of(product).pk, 2)
    give_back_stock(buyer_id=make_user().pk, returned=[wanted])
    assert Stock.objects.get(variant__product=product).available == MAX_COUNT
    give_back_stock(buyer_id=make_user().pk, returned=[wanted])
    assert Stock.objects.get(variant__product=product).available == MAX_COUNT


def test_what_is_given_back_never_falls_below_zero() -> None:
    product, buyer = make_product(), make_user()
    offer = make_limited_offer(product, price_fen=100, quota=MAX_COUNT, per_person_limit=5)
    OfferPurchase.objects.create(offer=offer, buyer=buyer, quantity=1)
    wanted = Wanted(offer.pk, variant_of(product).pk, MAX_COUNT)
    give_back_stock(buyer_id=buyer.pk, returned=[wanted, wanted])
    assert Offer.objects.get(pk=offer.pk).quota_sold == 0
    assert OfferPurchase.objects.get(offer=offer).quantity == 0


def test_terms_that_no_clock_reads_are_not_sold() -> None:
    product = make_product()
    Product.objects.filter(pk=product.pk).update(blackout=FOR_EVER)
    product.refresh_from_db()
    with pytest.raises(InvalidInput) as refusal:
        freeze_terms(product)
    assert "Nothing was ordered" in refusal.value.extra["fields"]["terms"][0]
    with pytest.raises(InvalidInput), transaction.atomic():
        make_order(offer=offer_of(product))
    assert not current_terms(product).whole  # its page says what can be read


@pytest.mark.parametrize(
    "parts",
    [
        {"blackout": FOR_EVER},
        {"blackout": 5, "included": None, "notes": "x"},
        {"included": [{"name_en": "Tea", "value_fen": 10**27}, {"name_en": "Cup"}]},
        {"notes": [{"en": 5}, {"en": "Book ahead"}]},
        {"title_en": None, "title_zh": None, "kind": "?", "uses": -1, "store_ids": "all"},
    ],
)
def test_damaged_terms_are_shown_redeemed_and_refunded(parts) -> None:
    voucher = damage(make_voucher(), **parts)
    vouchers = with_outcome(Voucher.objects.select_related("terms"))
    shape = voucher_shape(vouchers.get(pk=voucher.pk))
    assert str(DAMAGED) in shape["terms"]["lines"]
    assert Incident.objects.filter(kind="vouchers.terms").exists()
    store = voucher.merchant.stores.get()
    redemption = redeem(voucher, store=store)
    undo_redemption(staff=redemption.staff, redemption_id=redemption.pk)
    refund_voucher(owner=voucher.owner, voucher_id=voucher.pk)
    voucher.refresh_from_db()
    assert voucher.state == Voucher.State.REFUNDING


def test_what_can_be_read_of_damaged_terms_still_holds() -> None:
    voucher = damage(make_voucher(), blackout=FOR_EVER, refund_rule="none", refund_on_expiry=False)
    terms = terms_of(voucher)
    assert [rule.weekdays for rule in terms.blackout] == [{2}]
    assert not refund_quote(voucher).allowed
    assert not terms.refund_on_expiry


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("voucher_detail", "text/html"),
        ("voucher_calendar", "text/calendar"),
        ("voucher_picture", "image/png"),
        ("voucher_sheet", "application/pdf"),
    ],
)
@pytest.mark.parametrize("parts", [{"blackout": FOR_EVER}, {"included": "tea", "notes": 7}])
def test_a_voucher_with_damaged_terms_keeps_its_pages(client, page, kind, parts) -> None:
    voucher = damage(make_voucher(), **parts)
    client.force_login(voucher.owner)
    answer = client.get(reverse(page, args=[voucher.pk]))
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, kind)
    assert b"".join(answer) if answer.streaming else answer.content


def test_a_zone_that_this_machine_does_not_know_stops_nothing() -> None:
    voucher = make_voucher()
    Voucher.objects.filter(pk=voucher.pk).update(time_zone="Factory/Moon")
    voucher = Voucher.objects.select_related("terms").get(pk=voucher.pk)
    assert voucher.zone.key == "Asia/Shanghai"
    refund_voucher(owner=voucher.owner, voucher_id=voucher.pk)


def test_a_picture_whose_file_is_gone_stops_nothing(client) -> None:
    product = make_product(refund_on_expiry=True)
    # Django measures what it saves; the file is lost afterwards.
    picture = Picture(product=product, width=1, height=1)
    Picture.objects.bulk_create([picture])
    Picture.objects.update(**dict.fromkeys(("image", "small", "card"), "products/gone.webp"))
    refunded, over = (make_voucher(product=product) for _ in range(2))
    client.force_login(refunded.owner)
    assert client.get(reverse("voucher_detail", args=[refunded.pk])).status_code == 200
    refund_voucher(owner=refunded.owner, voucher_id=refunded.pk)
    with clock.at(over.valid_until):
        assert expire_voucher(voucher_id=over.pk)
    for voucher in (refunded, over):
        voucher.refresh_from_db()
        assert voucher.state in Voucher.SENT_BACK


# The clock judges, not the sweep --------------------------------------------------------


def test_what_expires_without_money_back_is_not_refunded_before_the_sweep() -> None:
    voucher = make_voucher(product=make_product(refund_on_expiry=False))
    with clock.at(voucher.valid_until - dt.timedelta(seconds=1)):
        assert refund_quote(voucher).allowed
    with clock.at(voucher.valid_until):
        assert voucher.state == Voucher.State.ACTIVE
        assert not refund_quote(voucher).allowed
        with pytest.raises(NotRefundable):
            refund_voucher(owner=voucher.owner, voucher_id=voucher.pk)
        assert expire_voucher(voucher_id=voucher.pk)


def test_what_expires_with_money_back_may_be_asked_for_before_the_sweep() -> None:
    voucher = make_voucher(product=make_product(refund_on_expiry=True))
    with clock.at(voucher.valid_until + dt.timedelta(minutes=3)):
        assert refund_quote(voucher).allowed
    days = make_voucher(
        product=make_product(
            refund_on_expiry=False, refund_rule="days", refund_days=5, validity_days=2
        )
    )
    with clock.at(days.valid_until + dt.timedelta(days=1)):
        assert refund_quote(days).allowed
    with clock.at(days.valid_until + dt.timedelta(days=4)):
        assert not refund_quote(days).allowed


def test_a_card_that_is_over_is_not_undone_before_the_sweep() -> None:
    store = make_store()
    product = make_product(stores=[store], kind="times_card", uses=3)
    voucher, staff = make_voucher(product=product), make_staff(store)
    with clock.at(voucher.valid_until - dt.timedelta(minutes=1)):
        redemption = redeem(voucher, store=store, staff=staff)
    with clock.at(voucher.valid_until), pytest.raises(Expired):
        undo_redemption(staff=staff, redemption_id=redemption.pk)


# Days that end twice or not at all ------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("America/Santiago", "2027-04-03", "2027-04-04T03:59:59"),  # 24:00 is 23:00 again
        ("America/Havana", "2026-10-31", "2026-11-01T03:59:59"),  # 01:00 is 00:00 again
        ("Asia/Beirut", "2026-03-28", "2026-03-28T21:59:59"),  # 00:00 is 01:00
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T02:59:59"),
        ("Pacific/Apia", "2011-12-29", "2011-12-30T09:59:59"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T09:59:59"),  # a day that never was
        ("America/Scoresbysund", "2024-03-30", "2024-03-31T00:59:59"),
        ("Asia/Shanghai", "2026-12-31", "2026-12-31T15:59:59"),
    ],
)
def test_a_day_ends_when_it_is_over_for_good(zone, day, end) -> None:
    found = clock.end_of_day(dt.date.fromisoformat(day), ZoneInfo(zone))
    assert found == dt.datetime.fromisoformat(end).replace(tzinfo=dt.UTC)


def test_a_voucher_is_valid_to_the_end_of_a_day_that_ends_twice() -> None:
    store = make_store(time_zone="America/Santiago")
    product = make_product(stores=[store], validity_days=2)
    with clock.at(dt.datetime(2027, 4, 1, 15, tzinfo=dt.UTC)):
        voucher = make_voucher(product=product)
    assert voucher.valid_until == dt.datetime(2027, 4, 4, 3, 59, 59, tzinfo=dt.UTC)
    assert voucher.last_day == dt.date(2027, 4, 3)


def test_the_day_of_a_store_is_cut_without_gap_or_overlap() -> None:
    zone = ZoneInfo("America/Santiago")
    _start, end = clock.day_bounds(dt.date(2027, 4, 3), zone)
    start, _end = clock.day_bounds(dt.date(2027, 4, 4), zone)
    assert end == start == dt.datetime(2027, 4, 4, 4, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("wall", "after", "moment"),
    [
        ("2026-10-25T02:30", None, "2026-10-25T00:30"),  # twice: the first time
        ("2026-10-25T02:30", "2026-10-25T01:10", "2026-10-25T01:30"),  # the second time
        ("2026-03-29T02:30", None, "2026-03-29T01:00"),  # jumped over: the jump
        ("2026-06-01T12:00", None, "2026-06-01T10:00"),
    ],
)
def test_a_wall_clock_names_one_moment(wall, after, moment) -> None:
    def utc(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)

    found = clock.first_at(
        dt.datetime.fromisoformat(wall),
        ZoneInfo("Europe/Berlin"),
        after=utc(after) if after else None,
    )
    assert found == utc(moment)


# Words that no index takes --------------------------------------------------------------


def test_a_word_too_long_for_the_index_is_left_out_and_saved() -> None:
    product = make_product()
    update_product(product=product, description_en=f"Fine {'a' * 2047} noodles {'面' * 900}x")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT search_vector @@ 'noodles'::tsquery, search_vector @@ 'fine'::tsquery"
            " FROM catalog_product WHERE id = %s",
            [product.pk],
        )
        assert cursor.fetchone() == (True, True)


def test_a_description_longer_than_an_index_is_indexed_as_far_as_it_goes() -> None:
    """An older release let it in; nobody can write one so long any more (kernel/bounds.py)."""
    product = make_product()
    text = " ".join(f"word{number}" for number in range(130_000))
    Product.objects.filter(pk=product.pk).update(description_en=text)
    assert index_products([product.pk]) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT search_vector @@ 'word7'::tsquery FROM catalog_product WHERE id = %s",
            [product.pk],
        )
        assert cursor.fetchone() == (True,)
