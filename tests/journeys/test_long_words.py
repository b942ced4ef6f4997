"""Words of any length: what people write breaks, and no page scrolls sideways on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Error

from catalog.models import Category, Product, Variant
from members.models import User
from messages.models import Notification
from reviews.models import Review
from stores.models import City, Merchant, Store
from tests.browser.person import PHONE, Person
from tests.forms import LONG
from tests.journeys.axe import cast_of, stage_of
from tests.journeys.steps import sign_in
from tests.journeys.town import build
from tools.screenshots.screens import CONSOLE, CUSTOMER, OFFICE, SHOP, Screen
from tools.screenshots.walk import walk

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
LISTS = (
    *("stores/store", "stores/staffmembership", "catalog/product", "catalog/offer"),
    *("orders/orderline", "vouchers/voucher", "vouchers/redemption", "reviews/review"),
)
OFFICE_LISTS = (
    *(Screen(f"owner: {label}", f"/admin/{label}/", "owner") for label in LISTS),
    *(
        Screen(f"operator: {label}", f"/admin/{label}/", "operator")
        for label in ("members/user", "stores/merchant", "orders/order", "payments/payment")
    ),
)
# What reaches beyond the window, innermost first; a box that scrolls by itself may be wider inside.
WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((part) => part.getBoundingClientRect().right > width + 1)
    .filter((part) => ![...part.children].some((child) => child.getBoundingClientRect().right > width + 1))
    .slice(0, 3)
    .map((part) => [part.parentElement.className, part.tagName, part.className,
      part.textContent.trim().slice(0, 30)].join(" "));
}"""


def _lengthen_names() -> None:
    for model, names, most in (
        (Category, ("name_en", "name_zh"), 80),
        (City, ("name_en", "name_zh"), 120),
        (Merchant, ("name_en", "name_zh"), 120),
        (Store, ("name_en", "name_zh", "address_en", "address_zh"), 160),
        (Store, ("district_en", "district_zh"), 80),
        (Product, ("title_en", "title_zh"), 160),
        (Variant, ("name_en", "name_zh"), 80),
        (User, ("display_name",), 60),
    ):
        for row in model.objects.all():
            for name in names:
                setattr(row, name, f"{getattr(row, name)} {WORD}"[:most])
            row.save(update_fields=names)
    Product.objects.update(
        description_en=WORD,
        description_zh=WORD,
        notes=[{"en": WORD, "zh": WORD}],
        included=[{"name_en": WORD[:100], "name_zh": WORD[:100], "quantity": 2, "value_fen": 900}],
    )


def _lengthen_texts() -> None:
    Review.objects.update(text=f"https://example.com/{WORD}", reply=WORD)
    Notification.objects.update(link="")


@pytest.mark.parametrize("part", ["shop", "counter and office"])
def test_no_page_scrolls_sideways_for_a_long_word(
    visitor: Callable[..., Person], drain: Callable[..., int], part: str
) -> None:
    town = build()
    _lengthen_names()
    cast = cast_of(town)
    places = stage_of(town, cast)
    drain()
    _lengthen_texts()
    screens = (*SHOP, *CUSTOMER) if part == "shop" else (*CONSOLE, *OFFICE, *OFFICE_LISTS)
    if not LONG:
        screens = screens[::2]
    problems: list[str] = []
    for role in ("guest", "customer", "clerk", "owner", "operator"):
        wanted = [screen for screen in screens if screen.who == role]
        if not wanted:
            continue
        person = visitor(width=PHONE)
        person.expect_status(404, 409)
        if role != "guest":
            sign_in(person, getattr(cast, role))
        for screen in wanted:
            try:
                walk(person.page, screen, places, "en")
            except Error as error:
                problems.append(f"{screen.name}: {str(error).splitlines()[0]}")
                continue
            problems += [f"{screen.name}: {line}" for line in person.page.evaluate(WIDE)]
    assert not problems, "\n".join(problems)
