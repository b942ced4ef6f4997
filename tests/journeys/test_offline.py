"""A phone without network: my vouchers open with their codes, nothing else of mine does."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import DESK, PHONE, Person
from tests.factories import make_user, redeem
from tests.journeys.offline import (
    bought,
    code_on,
    in_the_wallet,
    keeps,
    voucher_kept,
    worker_ready,
)
from tests.journeys.steps import log_in
from tests.journeys.town import build
from vouchers.qr import payload


@pytest.mark.parametrize(("language", "width"), [("en", PHONE), ("zh-hans", DESK)])
def test_a_voucher_fetched_ahead_is_shown_without_network_and_says_how_old_it_is(
    visitor: Callable[..., Person], language: str, width: int
) -> None:
    voucher = bought(build(language))
    mei = in_the_wallet(visitor, language=language, width=width)
    voucher_kept(mei, voucher)
    mei.context.set_offline(True)

    mei.open(f"/vouchers/{voucher.pk}/")
    mei.reads("No connection: this is a stored copy")
    note = mei.page.locator("[data-stored-note]")
    assert re.search(r"20\d\d.*\d{1,2}:\d\d", note.inner_text()), "when it was updated"
    assert "__STORED_AT__" not in mei.page.content()
    assert code_on(mei) == payload(voucher)
    mei.sees(f"{voucher.code[:4]} {voucher.code[4:8]} {voucher.code[8:]}")
    assert not mei.link("Add to calendar").is_visible(), "nothing that needs the network"
    assert mei.page.evaluate("getComputedStyle(document.body).marginTop") == "0px", "styled"

    mei.open("/vouchers/")
    mei.reads("No connection: this is a stored copy")
    expect(mei.page.locator(".ticket")).to_have_count(1)

    mei.open("/stores/")
    mei.reads("You are offline")
    mei.open("/account/")
    mei.reads("You are offline")
    mei.link("My vouchers").click()
    expect(mei.page.locator(".ticket")).to_have_count(1)
    mei.context.set_offline(False)


def test_after_logging_out_nothing_of_mine_is_left(visitor: Callable[..., Person]) -> None:
    voucher = bought(build("en"))
    mei = in_the_wallet(visitor, width=PHONE)
    voucher_kept(mei, voucher)
    mei.open("/account/")
    mei.button("Log out").click()
    mei.reads("You are logged out.")
    keeps(mei, wanted=False)
    mei.open("/")
    worker_ready(mei)
    mei.context.set_offline(True)
    for address in (f"/vouchers/{voucher.pk}/", "/vouchers/"):
        mei.open(address)
        mei.reads("You are offline")
        assert voucher.code[:4] not in mei.page.content()
    mei.context.set_offline(False)


def test_the_next_account_at_this_browser_never_meets_the_last_ones_vouchers(
    visitor: Callable[..., Person],
) -> None:
    town = build("en")
    voucher = bought(town)
    make_user(email="next@example.com", display_name="Next")
    mei = in_the_wallet(visitor, width=PHONE)
    voucher_kept(mei, voucher)
    mei.context.clear_cookies()  # the session ends without a logout
    mei.open("/login/?next=/vouchers/")
    keeps(mei, wanted=False)
    log_in(mei, "next@example.com")
    mei.page.wait_for_url("**/vouchers/")
    keeps(mei, "/vouchers/")
    mei.page.wait_for_load_state("networkidle")
    mei.context.set_offline(True)
    mei.open(f"/vouchers/{voucher.pk}/")
    mei.reads("You are offline")
    mei.context.set_offline(False)


def test_a_voucher_used_meanwhile_is_no_longer_stored(visitor: Callable[..., Person]) -> None:
    town = build("en")
    used, other = bought(town), bought(town)
    mei = in_the_wallet(visitor, width=PHONE)
    voucher_kept(mei, used)
    voucher_kept(mei, other)
    redeem(used, staff=town.clerk, store=town.store)
    mei.open("/vouchers/")
    address = f"/vouchers/{used.pk}/"
    keeps(mei, address, wanted=False)
    mei.page.wait_for_load_state("networkidle")
    mei.context.set_offline(True)
    mei.open(address)
    mei.reads("You are offline")
    mei.open(f"/vouchers/{other.pk}/")
    assert code_on(mei) == payload(other)
    mei.context.set_offline(False)
