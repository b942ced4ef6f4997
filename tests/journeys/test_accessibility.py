"""Every kind of page, judged by axe: at both widths, in both themes, in both languages.

A page is opened once per language and looked at twice: as a phone and as a desk, one of them
in the dark. English has the light phone and Chinese the dark one, so every pair of width,
theme and language is seen on every page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import Page

from members.models import User
from o2o import clock
from orders.services.cancel import cancel_order
from orders.services.pay import start_payment
from reviews.services.reviews import write_review
from tests.browser.person import DESK, HEIGHTS, PHONE, Person
from tests.factories import make_merchant, make_order, make_paid_order, make_voucher, redeem
from tests.journeys.town import Town, build, from_now
from vouchers.services.refund import refund_voucher

AXE = """async () => {
  // Colours fade when the theme changes: judge what they have become.
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await Promise.allSettled(document.getAnimations().map(animation => animation.finished));
  await frame();
  const found = await axe.run(document, {resultTypes: ["violations"], preload: false});
  return found.violations.map(({id, nodes}) =>
    `${id}: ` + nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "));
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOOKS = {"en": ((PHONE, "light"), (DESK, "dark")), "zh-hans": ((PHONE, "dark"), (DESK, "light"))}


def guest_pages(town: Town) -> Iterator[str]:
    yield from ("/", "/products/", "/products/?q=nothing+like+it", "/stores/")
    product, store = town.soup.pk, town.store.pk
    yield from (f"/products/{product}/", f"/products/{product}/stores/")
    yield from (f"/products/{town.dumplings.pk}/", f"/products/{town.dumplings.pk}/reviews/")
    yield from (f"/stores/{store}/", f"/stores/{store}/reviews/")
    yield from ("/login/", "/register/", "/password/forgot/", "/basket/", "/nowhere/")
    yield from ("/styleguide/",)


def customer_pages(town: Town) -> Iterator[str]:
    mei = town.customer
    used = make_voucher(owner=mei, product=town.dumplings)
    redemption = redeem(used, store=town.store, staff=town.clerk)
    write_review(author=mei, voucher_id=used.pk, rating=4, text="Good.")
    seen = make_voucher(owner=mei, product=town.card)
    redeem(seen, store=town.store, staff=town.clerk)
    back = make_voucher(owner=mei, product=town.here_only)
    refund_voucher(owner=mei, voucher_id=back.pk)
    with clock.at(from_now(minutes=-1)):
        cancelled = make_order(mei, town.dumplings_offer)
    cancel_order(buyer=mei, number=cancelled.number)
    waiting, paid = make_order(mei, town.dumplings_offer), make_paid_order(mei)
    cashier = start_payment(buyer=mei, number=waiting.number, gateway="sandbox").pay_url
    yield from ("/vouchers/", "/vouchers/?tab=used", "/vouchers/?tab=expired")
    yield from (f"/vouchers/{pk}/" for pk in (used.pk, seen.pk, back.pk))
    yield from (f"/vouchers/{seen.pk}/refund/", f"/vouchers/{seen.pk}/review/")
    yield from ("/orders/", f"/orders/{waiting.number}/", f"/orders/{paid.number}/")
    yield from (f"/orders/{order.number}/pay/" for order in (waiting, paid, cancelled))
    yield "/sandbox/pay/" + cashier.rstrip("/").rsplit("/", 1)[-1] + "/"
    yield from ("/account/", "/account/settings/", "/account/password/", "/inbox/")
    yield from ("/merchants/apply/", "/basket/", "/checkout/")
    assert redemption.pk


def staff_pages(town: Town) -> Iterator[str]:
    here = f"/console/{town.store.pk}/"
    redemption = redeem(
        make_voucher(owner=town.customer, product=town.soup), store=town.store, staff=town.clerk
    )
    yield from ("/console/", here, f"{here}today/", f"{here}redemptions/{redemption.pk}/")


def sign_in(person: Person, user: User) -> None:
    """Come with the session cookie of somebody who logged in before."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"]
    person.context.add_cookies(
        [{"name": "sessionid", "value": cookie.value, "url": person.address}]
    )


def judge(person: Person) -> list[str]:
    """What axe finds on the open page in both of the language's looks, and sideways scrolling."""
    page: Page = person.page
    page.evaluate(AXE_SCRIPT)
    found = []
    for width, theme in LOOKS[person.language]:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        if (excess := page.evaluate(SIDEWAYS)) > 0:
            found.append(f"{person.path} at {width}: {excess} pixels to the side")
        found += [f"{person.path} at {width}, {theme}: {line}" for line in page.evaluate(AXE)]
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("who", ["guest", "customer", "staff"])
def test_every_kind_of_page(
    visitor: Callable[..., Person], drain: Callable[..., int], language: str, who: str
) -> None:
    town = build(language)
    person = visitor(language=language, width=PHONE)
    person.expect_status(404, 409)
    pages: dict[str, Any] = {
        "guest": (guest_pages, None),
        "customer": (customer_pages, town.customer),
        "staff": (staff_pages, town.clerk),
    }
    addresses, user = pages[who]
    if user:
        sign_in(person, user)
    if who == "customer":
        person.open(f"/products/{town.soup.pk}/")
        person.button("Put in basket").click()
    listed = list(addresses(town))
    drain()
    problems: list[str] = []
    for address in listed:
        person.open(address)
        problems += judge(person)
    if who == "staff":
        voucher = make_voucher(owner=town.customer, product=town.card)
        for code in (voucher.code, "000000000000"):
            person.open(f"/console/{town.store.pk}/")
            person.page.locator("[data-scan-code]").fill(code)
            person.page.locator("[data-scan-code]").press("Enter")
            person.page.locator("[data-preview], [data-code]").wait_for()
            problems += judge(person)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_back_office(visitor: Callable[..., Person], language: str) -> None:
    town = build(language)
    make_merchant(state="applied")
    make_paid_order(town.customer, town.dumplings_offer)
    person = visitor(language=language, width=DESK)
    sign_in(person, town.owner)
    problems: list[str] = []
    for address in (
        "/admin/",
        "/admin/catalog/product/",
        f"/admin/catalog/product/{town.dumplings.pk}/change/",
        "/admin/stores/store/add/",
        "/admin/orders/orderline/",
    ):
        person.open(address)
        problems += judge(person)
    assert not problems, "\n".join(problems)
