"""What a customer does, from the first page to the money back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from insights.services.audit import run_audit
from kernel import clock
from members.models import User
from orders.models import Order
from orders.tasks import time_out_orders
from tests.browser.person import DESK, PHONE, Person
from tests.factories import make_order, make_voucher, offer_of, redeem, variant_of
from tests.journeys.steps import add_to_basket, buy, log_in, pay, picture_of, sign_in
from tests.journeys.town import DUMPLINGS_FEN, build, from_now
from vouchers.models import Voucher
from vouchers.qr import payload

LANGUAGES_AND_WIDTHS = pytest.mark.parametrize(
    ("language", "width"), [("en", PHONE), ("zh-hans", DESK)]
)


@LANGUAGES_AND_WIDTHS
def test_a_guest_finds_a_deal_buys_it_and_gets_the_money_of_one_back(
    visitor: Callable[..., Person], drain: Callable[..., int], language: str, width: int
) -> None:
    town = build(language)
    mei = visitor(language=language, width=width)
    _find_dumplings(mei, chinese=language == "zh-hans")
    _read_the_product_page(mei)
    add_to_basket(mei)
    _change_basket_to_two(mei)

    mei.link("Go to checkout").click()
    assert mei.path == "/login/"
    log_in(mei, "mei@example.com")
    assert mei.path == "/checkout/"
    mei.sees("¥136")
    mei.main.get_by_role("button", name=mei.word("Order and pay %(total)s", total="¥136")).click()
    assert mei.path.startswith("/sandbox/pay/")
    pay(mei, "¥136")
    mei.reads("Paid")
    mei.link("Show my vouchers").click()
    assert mei.path == "/vouchers/"
    expect(mei.page.locator(".ticket")).to_have_count(2)

    mei.page.locator(".ticket .card__link").first.click()
    _see_code_and_qr(mei)
    _refund(mei, drain)

    mei.open("/vouchers/")
    expect(mei.page.locator(".ticket")).to_have_count(1)
    order = Order.objects.get()
    assert (order.buyer, order.state) == (town.customer, Order.State.PAID)
    assert sorted(Voucher.objects.values_list("state", flat=True)) == ["active", "refunded"]
    assert run_audit().is_clean


def _find_dumplings(mei: Person, *, chinese: bool) -> None:
    mei.open("/")
    mei.sees("临湾" if chinese else "Linwan")
    mei.reads("Limited time")
    category, dumplings, soup = (
        ("餐厅", "双人蒸饺套餐", "鲜鱼汤")
        if chinese
        else ("Restaurants", "Steamed dumplings for two", "Fish soup")
    )
    mei.main.get_by_role("link", name=category, exact=True).first.click()
    titles = mei.page.locator(".card__title")
    expect(titles).to_have_count(4)

    mei.page.locator("header input[name=q]").fill("蒸饺" if chinese else "dumpling")
    mei.page.locator("header input[name=q]").press("Enter")
    expect(titles).to_have_text([dumplings])

    mei.open("/products/?category=food")
    if not mei.page.locator("input[name=max_price]").is_visible():
        mei.page.locator("a[data-open=filters]", has_text=mei.word("Filters")).click()
    mei.page.locator("input[name=max_price]").fill("60")
    mei.button("Show deals").click()
    expect(titles).to_have_text([soup])

    mei.page.go_back()
    mei.page.locator(".card__link", has_text=dumplings).click()


def _read_the_product_page(mei: Person) -> None:
    assert picture_of(mei.main.locator("img").first) > 0, "the cover has loaded"
    mei.sees("Pork dumplings" if mei.language == "en" else "猪肉饺")
    for heading in ("What you get", "How it works", "Where it can be used"):
        mei.reads(heading)
    mei.sees("60 days" if mei.language == "en" else "60天")
    mei.sees("Please book a day ahead." if mei.language == "en" else "请提前一天预约。")
    mei.sees("12 Fish Lane" if mei.language == "en" else "鱼市巷 12 号")


def _change_basket_to_two(mei: Person) -> None:
    """The guest's basket: one piece more, and the sum follows."""
    expect(mei.page.locator("#basket-count")).to_have_text("1")
    mei.page.locator("header a[href='/basket/']").click()
    mei.page.get_by_role("button", name=mei.word("One more")).click()
    expect(mei.page.locator(".facts__row--total")).to_contain_text("136")


def _see_code_and_qr(mei: Person) -> None:
    """The QR on the screen is the voucher's, sharp enough for a scanner; the digits stand below."""
    voucher = Voucher.objects.get(pk=int(mei.path.split("/")[2]))
    expect(mei.page.locator(".code")).to_have_text(
        f"{voucher.code[:4]} {voucher.code[4:8]} {voucher.code[8:]}"
    )
    assert picture_of(mei.page.locator(".qr img")) > 0
    with Image.open(mei.shot(mei.page.locator(".qr__frame"))) as shot:
        (seen,) = zxingcpp.read_barcodes(shot, formats=zxingcpp.BarcodeFormat.QRCode)
    assert seen.text == payload(voucher)


def _refund(mei: Person, drain: Callable[..., int]) -> None:
    mei.link("Refund %(amount)s", amount="¥68").click()
    mei.reads("You get back")
    mei.button("Refund %(amount)s", amount="¥68").click()
    mei.reads("Refund of %(amount)s", amount="¥68")
    drain()
    mei.page.reload()
    assert mei.page.locator(".qr--spent").count() == 1
    assert Voucher.objects.get(pk=int(mei.path.split("/")[2])).state == Voucher.State.REFUNDED


def test_someone_new_registers_at_checkout_and_keeps_the_basket(
    visitor: Callable[..., Person],
) -> None:
    town = build()
    ada = visitor(width=PHONE)
    ada.open(f"/products/{town.dumplings.pk}/")
    add_to_basket(ada)
    ada.open("/checkout/")
    ada.link("New here? Open an account").click()
    ada.page.locator("main [name=identifier]").fill("ada@example.com")
    ada.page.locator("main [name=display_name]").fill("Ada")
    ada.page.locator("main [name=password]").fill("seven green tea leaves")
    ada.button("Open my account").click()
    assert ada.path == "/checkout/"
    ada.sees("Steamed dumplings for two")
    ada.open("/account/")
    ada.main.get_by_role("button", name="Log out").click()
    ada.reads("You are logged out.")
    ada.open("/vouchers/")
    assert ada.path == "/login/"
    assert User.objects.get(email="ada@example.com").display_name == "Ada"


@LANGUAGES_AND_WIDTHS
def test_near_me_sorts_by_distance_and_says_how_far(
    visitor: Callable[..., Person], language: str, width: int
) -> None:
    town = build(language)
    mei = visitor(language=language, width=width)
    mei.context.grant_permissions(["geolocation"])
    mei.context.set_geolocation({"latitude": 30.30, "longitude": 120.20})
    mei.open("/stores/")
    mei.button("Near me").click()
    mei.reads("Closest first")
    stores = mei.page.locator(".store__name")
    hill = town.other_store.name_zh if language == "zh-hans" else town.other_store.name_en
    expect(stores.first).to_contain_text(hill)
    mei.sees("6.8 km" if language == "en" else "6.8")
    mei.open(f"/products/{town.dumplings.pk}/")
    expect(mei.page.locator("#stores ~ * .store__name").first).to_contain_text(hill)


@LANGUAGES_AND_WIDTHS
def test_an_unpaid_order_is_cancelled_and_another_runs_out_of_time(
    visitor: Callable[..., Person], language: str, width: int
) -> None:
    town = build(language)
    offer, stock = town.dumplings_offer, variant_of(town.dumplings).stock
    first, second = (make_order(town.customer, offer, quantity) for quantity in (1, 2))
    mei = visitor(language=language, width=width)
    sign_in(mei, town.customer)
    mei.open(f"/orders/{first.number}/")
    mei.reads("Time left to pay")
    mei.page.locator("summary", has_text=mei.word("Cancel this order")).click()
    mei.button("Yes, cancel it").click()
    mei.reads("The order is cancelled. Nothing was charged.")

    with clock.at(from_now(minutes=20)):
        assert time_out_orders() == 1
    mei.open("/orders/")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (Order.State.CANCELLED, Order.State.TIMED_OUT)
    mei.reads(str(Order.State.CANCELLED.label))
    mei.page.locator(".card__link", has_text=second.number).click()
    assert mei.main.locator("form[action$='/pay/']").count() == 0, "there is nothing left to pay"
    stock.refresh_from_db()
    assert stock.available == 100


def test_a_payment_that_fails_can_be_made_again(visitor: Callable[..., Person]) -> None:
    town = build()
    mei = visitor(width=PHONE)
    mei.open(f"/products/{town.dumplings.pk}/")
    buy(mei, "mei@example.com")
    mei.button("Let the payment fail").click()
    mei.reads("The payment did not go through")
    mei.button("Pay %(total)s", total="¥68").click()
    pay(mei, "¥68")
    mei.reads("Paid")
    assert Voucher.objects.count() == 1


def test_a_double_click_and_the_back_button_do_no_harm(
    visitor: Callable[..., Person],
) -> None:
    town = build()
    mei = visitor(width=DESK)
    mei.open(f"/products/{town.dumplings.pk}/")
    buy(mei, "mei@example.com", twice=True)
    mei.button("Pay %(amount)s", amount="¥68").dblclick()
    mei.reads("Show code")
    assert (Order.objects.count(), Voucher.objects.count()) == (1, 1)

    mei.page.go_back()
    expect(mei.page.locator("body")).to_contain_text("¥68")
    again = mei.page.locator("button[name=outcome][value=paid]")
    if again.count():  # the browser may show the page as it was
        again.click()
    mei.open("/checkout/")
    assert mei.path == "/basket/", "nothing is left to order"
    assert Order.objects.get().state == Order.State.PAID
    assert Voucher.objects.count() == 1
    assert run_audit().is_clean


def test_a_redeemed_voucher_is_reviewed(
    visitor: Callable[..., Person], drain: Callable[..., int]
) -> None:
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    redeem(voucher, store=town.store, staff=town.clerk)
    drain()
    mei = visitor(width=PHONE)
    mei.open("/inbox/")
    log_in(mei, "mei@example.com")
    mei.open(f"/vouchers/{voucher.pk}/")
    mei.page.locator(f"a[href='/vouchers/{voucher.pk}/review/']").first.click()
    mei.page.locator("main label", has=mei.page.locator("input[name=rating][value='5']")).click()
    mei.page.locator("main [name=text]").fill("Light dough, quick service.")
    mei.button("Publish my review").click()
    mei.reads("Thank you. Your review is published.")
    mei.open(f"/products/{town.dumplings.pk}/")
    mei.sees("Light dough, quick service.")


def test_the_sale_is_the_same_without_javascript(visitor: Callable[..., Person]) -> None:
    town = build()
    mei = visitor(width=PHONE, script=False)
    mei.open("/products/?q=dumplings")
    mei.page.locator(".card__link").first.click()
    add_to_basket(mei)
    mei.open("/basket/")
    mei.link("Go to checkout").click()
    log_in(mei, "mei@example.com")
    mei.main.get_by_role("button", name="Order and pay ¥68").click()
    pay(mei, "¥68")
    mei.reads("Paid")
    mei.link("Show code").click()
    _see_code_and_qr(mei)
    assert Order.objects.get().total_fen == DUMPLINGS_FEN
    assert offer_of(town.dumplings).price_fen == DUMPLINGS_FEN


def test_what_was_typed_stays_when_the_language_is_switched(
    visitor: Callable[..., Person],
) -> None:
    town = build("en")
    voucher = make_voucher(product=town.dumplings, owner=town.customer)
    redeem(voucher)
    mei = visitor(language="en", width=DESK)
    sign_in(mei, town.customer)
    mei.open(f"/vouchers/{voucher.pk}/review/")
    mei.main.locator("textarea").fill("Thin skins, hot soup.")
    mei.main.locator("input[name=rating][value='4']").check(force=True)
    mei.page.locator("header form[data-language] button").click()
    expect(mei.page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(mei.main.locator("textarea")).to_have_value("Thin skins, hot soup.")
    expect(mei.main.locator("input[name=rating][value='4']")).to_be_checked()
    mei.page.reload()
    expect(mei.main.locator("textarea")).to_have_value("")  # once, and not for ever


def test_a_password_is_never_kept_for_the_other_language(visitor: Callable[..., Person]) -> None:
    mei = visitor(language="en", width=DESK)
    mei.open("/login/")
    mei.main.locator("input[name=identifier]").fill("mei@example.com")
    mei.main.locator("input[name=password]").fill("hidden words")
    mei.page.locator("header form[data-language] button").click()
    expect(mei.page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(mei.main.locator("input[name=identifier]")).to_have_value("mei@example.com")
    expect(mei.main.locator("input[name=password]")).to_have_value("")
