"""The buyer's way to goods at a store: product page, basket, checkout, the order's page."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from catalog.models import StockLevel
from catalog.services.shelves import change_level
from kernel.plaintext import isolate
from messages.models import Notification
from messages.wording import word_notification
from orders.models import Basket, Fulfilment, Order
from orders.reactions import _sum_up
from orders.services.basket import add_line, basket_of, guest_basket, merge_baskets
from stores.models import Store
from tests.factories import make_product, make_store, offer_of, pay_order
from tests.orders.test_parts import Farm, make_farm
from tests.stores.codes.test_follow import make_poster
from vouchers.explain import explain
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher
from vouchers.terms import terms_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm() -> Farm:
    return make_farm()


@pytest.fixture
def shop(client: Client, farm: Farm) -> Client:
    client.force_login(farm.buyer)
    return client


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def add(client: Client, farm: Farm, **data: Any) -> Any:
    return client.post(reverse("basket_add"), {"offer": farm.offer.pk} | data, follow=True)


def choose(client: Client, farm: Farm, store: Store, **data: Any) -> Any:
    sent = {f"store-{farm.offer.pk}": store.pk} | data
    return client.post(reverse("basket_stores"), sent, follow=True)


def option(page: str, store: Store) -> str:
    return page.split(f'<option value="{store.pk}"')[1].split("</option>", maxsplit=1)[0]


def order_now(client: Client) -> Any:
    page = client.get(reverse("checkout"))
    assert page.status_code == 200, page
    form = page.context["form"].initial
    data = {name: value for name, value in form.items() if value is not None}
    key = page.content.decode().split('name="form_key" value="')[1].split('"')[0]
    return client.post(reverse("checkout"), data | {"gateway": "sandbox", "form_key": key})


def test_the_product_offers_its_stores_with_what_each_has(client: Client, farm: Farm) -> None:
    page = client.get(reverse("product_detail", args=[farm.variant.product_id]))
    assert [(place.store, place.left) for place in page.context["collecting"]] == [
        (farm.here, 3),
        (farm.there, 5),
    ]
    assert 'name="store" required' in text(page)


def test_a_product_with_one_number_asks_for_no_store(client: Client) -> None:
    page = client.get(reverse("product_detail", args=[make_product().pk]))
    assert page.context["collecting"] == []
    assert 'name="store"' not in text(page)


def test_the_chosen_store_goes_from_the_page_to_the_order(shop: Client, farm: Farm) -> None:
    add(shop, farm, store=farm.there.pk, quantity=2)
    page = shop.get(reverse("checkout"))
    assert "You collect it here:" in text(page)
    assert "South Gate" in text(page)
    assert order_now(shop).status_code == 302
    assert Fulfilment.objects.get().store == farm.there
    assert farm.levels == (3, 3, 6)


def test_without_a_store_the_basket_asks_for_one_and_cannot_be_ordered(
    shop: Client, farm: Farm
) -> None:
    add(shop, farm)
    page = shop.get(reverse("basket"))
    assert "Choose where you collect it" in text(page)
    assert not page.context["basket"].ready
    assert shop.get(reverse("checkout")).status_code == 302
    choose(shop, farm, farm.here)
    (row,) = shop.get(reverse("basket")).context["basket"].rows
    assert (row.place.store, row.left, row.needs_store) == (farm.here, 3, False)
    assert order_now(shop).status_code == 302
    assert farm.levels == (2, 5, 7)


def test_more_than_the_chosen_store_has_is_told_in_the_basket(shop: Client, farm: Farm) -> None:
    add(shop, farm, store=farm.here.pk, quantity=4)
    (row,) = shop.get(reverse("basket")).context["basket"].rows
    assert (row.left, row.short, row.most) == (3, True, 3)


@pytest.mark.parametrize("place", ["0", "x", "stranger"])
def test_a_store_that_does_not_hand_it_over_is_not_taken(
    shop: Client, farm: Farm, place: str
) -> None:
    add(shop, farm, store=farm.here.pk)
    wrong = make_store().pk if place == "stranger" else place
    shop.post(reverse("basket_stores"), {f"store-{farm.offer.pk}": wrong})
    assert Basket.objects.get(owner=farm.buyer).lines.get().store == farm.here


def test_the_last_piece_of_the_store_that_went_meanwhile_is_told_by_its_name(
    shop: Client, farm: Farm
) -> None:
    add(shop, farm, store=farm.here.pk, quantity=3)
    page = shop.get(reverse("checkout"))
    level = StockLevel.objects.get(store=farm.here)
    change_level(level=level, safety=2, sells_online=True)
    form = page.context["form"].initial
    key = page.content.decode().split('name="form_key" value="')[1].split('"')[0]
    data = {name: value for name, value in form.items() if value is not None}
    answer = shop.post(
        reverse("checkout"), data | {"gateway": "sandbox", "form_key": key}, follow=True
    )
    assert "Only 1 piece of" in text(answer)
    assert not Order.objects.exists()


def test_the_orders_page_says_where_and_how_far(shop: Client, farm: Farm) -> None:
    add(shop, farm, store=farm.there.pk, quantity=2)
    order_now(shop)
    order = Order.objects.get()
    page = text(shop.get(reverse("order_detail", args=[order.number])))
    assert "Collect it at" in page
    assert farm.there.address in page
    assert "Route" in page
    pay_order(order)
    assert "To be collected" in text(shop.get(reverse("order_detail", args=[order.number])))
    for voucher in Voucher.objects.all():
        refund_voucher(owner=farm.buyer, voucher_id=voucher.pk)
    page = text(shop.get(reverse("order_detail", args=[order.number])))
    assert "Collect it at" not in page, "nothing is left to be collected"
    assert "Route" not in page


def test_the_order_of_what_is_used_anywhere_says_so(shop: Client, farm: Farm) -> None:
    product = make_product(title_en="Foot massage")
    shop.post(reverse("basket_add"), {"offer": offer_of(product).pk})
    order_now(shop)
    page = text(shop.get(reverse("order_detail", args=[Order.objects.get().number])))
    assert "Waiting for payment" in page
    assert "Collect it at" not in page


def test_a_store_without_pieces_is_no_dead_end(shop: Client, farm: Farm) -> None:
    add(shop, farm, store=farm.here.pk, quantity=2)
    change_level(level=StockLevel.objects.get(store=farm.here), safety=3, sells_online=True)
    answer = shop.get(reverse("basket"))
    (row,) = answer.context["basket"].rows
    assert (row.buyable, row.sold_out, row.needs_store, row.left) == (True, False, True, 5)
    page = text(answer)
    assert "Sold out" not in page
    assert f"{isolate('North Gate')} has none left: choose another store" in page
    assert " disabled" in option(page, farm.here)
    assert " disabled" not in option(page, farm.there)
    assert shop.get(reverse("checkout")).status_code == 302
    choose(shop, farm, farm.there)
    assert shop.get(reverse("checkout")).status_code == 200


def test_where_no_store_has_a_piece_it_is_sold_out(shop: Client, farm: Farm) -> None:
    add(shop, farm, store=farm.here.pk)
    for level in StockLevel.objects.all():
        change_level(level=level, safety=9, sells_online=True)
    (row,) = shop.get(reverse("basket")).context["basket"].rows
    assert (row.sold_out, row.buyable) == (True, False)


@pytest.mark.parametrize(("safety", "says"), [(1, "has only 2 pieces of"), (3, "has none of")])
def test_a_store_with_too_few_is_refused_by_its_name(
    shop: Client, farm: Farm, safety: int, says: str
) -> None:
    add(shop, farm, store=farm.there.pk, quantity=3)
    change_level(level=StockLevel.objects.get(store=farm.here), safety=safety, sells_online=True)
    page = text(choose(shop, farm, farm.here, next="checkout"))
    assert says in page
    assert isolate("North Gate") in page
    assert Basket.objects.get(owner=farm.buyer).lines.get().store == farm.there
    assert " disabled" in option(page, farm.here)


def test_the_way_to_the_checkout_takes_the_store_along(shop: Client, farm: Farm) -> None:
    add(shop, farm, store=farm.here.pk)
    page = text(shop.get(reverse("basket")))
    assert 'name="next" value="checkout"' in page
    assert f'href="{reverse("checkout")}"' not in page, "a link would leave the choice behind"
    page = text(choose(shop, farm, farm.there, next="checkout"))
    assert "You collect it here:" in page
    assert "South Gate" in page
    assert f'href="{reverse("basket")}#store-{farm.offer.pk}"' in page
    order_now(shop)
    assert Fulfilment.objects.get().store == farm.there


def test_stores_of_one_merchant_are_told_apart_by_what_differs(shop: Client, farm: Farm) -> None:
    merchant = farm.here.merchant
    Store.objects.filter(pk=farm.here.pk).update(
        name_en=f"{merchant.name_en}, Salt Works", name_zh=f"{merchant.name_zh}（盐场店）"
    )
    product = reverse("product_detail", args=[farm.variant.product_id])
    add(shop, farm, store=farm.here.pk)
    for address in (reverse("basket"), product):
        said = option(text(shop.get(address)), farm.here)
        assert merchant.name_en not in said
        assert "Salt Works ·" in said
        assert "3 left" in said
    with_chinese = text(shop.get(reverse("basket"), headers={"accept-language": "zh-hans"}))
    assert "盐场店 ·" in option(with_chinese, farm.here)
    assert "仅剩" not in option(with_chinese, farm.here)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_paid_and_who_sold_read_where_it_is_collected(
    shop: Client, farm: Farm, drain: Any, language: str
) -> None:
    add(shop, farm, store=farm.there.pk)
    order_now(shop)
    pay_order(Order.objects.get())
    drain()
    drain()
    for kind in ("order_paid", "sale_made"):
        message = Notification.objects.filter(kind=kind).first()
        assert message is not None, kind
        with translation.override(language):
            told = word_notification(message)
            assert isolate(farm.there.name) in told.body, kind
            assert isolate(farm.there.name) in [value for _label, value in told.details]


def test_a_message_of_what_is_used_anywhere_names_no_store() -> None:
    with translation.override("en"):
        told = word_notification(Notification(kind="sale_made", params={"number": "7"}))
    assert "collect" not in told.body


def test_many_sales_in_one_message_say_where_each_is_collected() -> None:
    sale = {"title_en": "Jam", "title_zh": "果酱", "quantity": 1, "total_fen": 100}
    placed = sale | {"collect_en": "South Gate", "collect_zh": "南门店"}
    items = _sum_up([sale, placed])["items"]
    assert [item.get("collect_en") for item in items] == [None, "South Gate"]
    message = word_notification(Notification(kind="sales_made", params={"items": items}))
    text = render_to_string("emails/notification.txt", {"message": message})
    assert text.count("to be collected at") == 1


@pytest.mark.parametrize(
    ("language", "every", "choose"),
    [
        ("en", "At every store", "You choose where"),
        ("zh-hans", "该商家的全部门店", "购买时选择自取门店"),
    ],
)
def test_goods_by_store_are_not_promised_at_every_store(
    shop: Client, farm: Farm, language: str, every: str, choose: str
) -> None:
    headers = {"accept-language": language}
    page = text(
        shop.get(reverse("product_detail", args=[farm.variant.product_id]), headers=headers)
    )
    assert every not in page
    line = page.split(choose)[1].split("</li>")[0]
    with translation.override(language):
        assert farm.here.name in line and farm.there.name in line
    add(shop, farm, store=farm.there.pk)
    order_now(shop)
    pay_order(Order.objects.get())
    with translation.override(language):
        said = " ".join(line.text for line in explain(terms_of(Voucher.objects.get())))
        assert every not in said
        assert gettext("Only at the store that was chosen when it was bought.") in said


def test_a_code_that_hangs_in_a_store_has_it_chosen_while_it_has_pieces(
    client: Client, farm: Farm
) -> None:
    product = reverse("product_detail", args=[farm.variant.product_id])
    code = make_poster(store=farm.there, target=product)
    page = client.get(reverse("code", args=[code.code]), follow=True)
    assert page.redirect_chain[0][0] == f"{product}?store={farm.there.pk}"
    assert " selected" in option(text(page), farm.there)
    assert " selected" not in option(text(page), farm.here)
    change_level(level=StockLevel.objects.get(store=farm.there), safety=9, sells_online=True)
    assert " selected" not in option(text(client.get(page.redirect_chain[0][0])), farm.there)
    for nonsense in ("x", "0", "9" * 30, str(make_store().pk)):
        assert client.get(product, {"store": nonsense}).status_code == 200


def test_pieces_that_move_to_another_store_with_new_ones_are_told(shop: Client, farm: Farm) -> None:
    assert "are now collected at" not in text(add(shop, farm, store=farm.here.pk))
    assert "are now collected at" not in text(add(shop, farm, store=farm.here.pk))
    answer = text(add(shop, farm, store=farm.there.pk))
    assert "all 3 pieces are now collected at" in answer
    line = basket_of(owner=farm.buyer).lines.get()
    assert (line.quantity, line.store) == (3, farm.there)


def test_the_store_that_a_guest_chose_stays_chosen_at_the_login(client: Client, farm: Farm) -> None:
    mine = basket_of(owner=farm.buyer)
    add_line(basket=mine, offer_id=farm.offer.pk, store_id=farm.here.pk)
    guest = guest_basket()
    add_line(basket=guest, offer_id=farm.offer.pk, store_id=farm.there.pk)
    merge_baskets(token=guest.token, owner=farm.buyer)
    line = mine.lines.get()
    assert (line.quantity, line.store) == (2, farm.there)
    guest = guest_basket()
    add_line(basket=guest, offer_id=farm.offer.pk)
    merge_baskets(token=guest.token, owner=farm.buyer)
    assert mine.lines.get().store == farm.there
