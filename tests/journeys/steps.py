"""Steps that several journeys share."""

from __future__ import annotations

from django.test import Client
from playwright.sync_api import Locator, expect

from members.models import User
from tests.browser.person import Person
from tests.factories import PASSWORD


def picture_of(image: Locator) -> int:
    """How many pixels wide the picture is; 0 when it did not load."""
    image.scroll_into_view_if_needed()
    # Asked from outside until it is so: a page without JavaScript tells nobody that a picture came.
    expect(image).to_have_js_property("complete", True)
    width: int = image.evaluate("image => image.naturalWidth")
    return width


def log_in(person: Person, identifier: str) -> None:
    """Fill the login form that is open; everybody of the factories has the same password."""
    person.log_in(identifier, PASSWORD)


def sign_in(person: Person, user: User) -> None:
    """Come with the session cookie of somebody who logged in before."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"]
    person.context.add_cookies(
        [{"name": "sessionid", "value": cookie.value, "url": person.address}]
    )


def add_to_basket(person: Person) -> None:
    """On a product page: put one piece into the basket."""
    person.button("Put in basket").click()
    person.reads("Added to your basket.")


def buy(person: Person, identifier: str, *, twice: bool = False) -> None:
    """From a product page: buy now, log in, order; ends at the cashier."""
    person.button("Buy now").click()
    log_in(person, identifier)
    order = person.main.locator("#checkout-form button.button--primary")
    if twice:
        order.dblclick()
    else:
        order.click()
    person.page.wait_for_url("**/sandbox/pay/**")


def pay(person: Person, amount: str) -> None:
    """At the sandbox cashier: pay."""
    person.button("Pay %(amount)s", amount=amount).click()
