"""What store staff do at the counter: scan, look, confirm, undo; and what a refusal tells them."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from insights.services.audit import run_audit
from kernel import clock
from tests.browser.chromium import find_chromium, launch_arguments
from tests.browser.person import DESK, PHONE, Person
from tests.factories import make_product, make_voucher, redeem
from tests.journeys.steps import log_in, sign_in
from tests.journeys.town import Town, build, from_now
from vouchers.access import UNKNOWN_LIMIT, access_voucher_for_staff
from vouchers.errors import (
    AlreadyRedeemed,
    Blackout,
    Expired,
    NotYetValid,
    Refunded,
    Refunding,
    Revoked,
    TryLater,
    Unknown,
    WrongStore,
)
from vouchers.models import Redemption, Voucher
from vouchers.qr import payload, png
from vouchers.services.refund import refund_voucher

ALL_WEEK = [{"weekdays": list(range(7))}]


def at_the_counter(visitor: Callable[..., Person], town: Town, **how: object) -> Person:
    """A clerk, signed in, at the scan page of the harbour store."""
    lin = visitor(**how)
    sign_in(lin, town.clerk)
    lin.open(f"/console/{town.store.pk}/")
    return lin


def comes_to_work(visitor: Callable[..., Person], town: Town, **how: object) -> Person:
    """A clerk, logged in, who has picked the harbour store."""
    lin = visitor(**how)
    lin.open("/console/")
    assert lin.path == "/login/"
    log_in(lin, "clerk@example.com")
    lin.reads("Where are you working?")
    name = "码头厨房（港口店）" if lin.language == "zh-hans" else "Pier Kitchen, Harbour"
    lin.page.locator(".menu__link", has_text=name).click()
    assert lin.path == f"/console/{town.store.pk}/"
    return lin


def type_code(lin: Person, town: Town, code: str) -> None:
    """Open the scan page and type."""
    lin.open(f"/console/{town.store.pk}/")
    lin.page.locator("[data-scan-code]").fill(code)
    lin.page.locator("[data-scan-code]").press("Enter")


@pytest.mark.parametrize(("language", "width"), [("en", DESK), ("zh-hans", PHONE)])
def test_typed_code_preview_confirm_undo(
    visitor: Callable[..., Person], language: str, width: int
) -> None:
    town = build(language)
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    lin = comes_to_work(visitor, town, language=language, width=width)
    lin.page.locator("[data-scan-code]").fill(
        f"{voucher.code[:4]} {voucher.code[4:8]} {voucher.code[8:]}"
    )
    lin.button("Look up").click()
    lin.reads("Can be redeemed here")
    lin.sees("双人蒸饺套餐" if language == "zh-hans" else "Steamed dumplings for two")
    assert voucher.code not in lin.main.inner_text(), "the whole code stays the customer's"
    assert not Redemption.objects.exists(), "looking redeems nothing"

    lin.button("Redeem").dblclick()
    result = lin.page.locator("[data-result=ok]")
    expect(result.locator(".result__word")).to_contain_text(
        "核销" if language == "zh-hans" else "Redeemed"
    )
    # Read from an arm's length.
    expect(result.locator(".result__word")).to_have_css("font-size", re.compile(r"^(3[5-9]|[4-9])"))
    assert Redemption.objects.count() == 1

    lin.page.reload()
    lin.button("Undo").click()
    expect(lin.page.locator("[data-result=undone]")).to_be_visible()
    lin.link("Redemptions").click()
    expect(lin.page.locator(".redeemed")).to_have_count(1)
    lin.reads("Redeemed today")
    assert run_audit().is_clean


def test_a_handheld_scanner_works_wherever_the_focus_is(visitor: Callable[..., Person]) -> None:
    town = build()
    first, second, third = Voucher.objects.filter(
        order_number=make_voucher(
            owner=town.customer, product=town.dumplings, quantity=3
        ).order_number
    ).order_by("id")
    lin = at_the_counter(visitor, town)

    lin.page.locator("[data-scan-picture]").focus()
    scan(lin, payload(first))
    lin.reads("Can be redeemed here")
    lin.button("Redeem").click()
    expect(lin.page.locator("[data-result=ok]")).to_be_visible()

    # On the result, with "Undo" under the finger: the next guest's code is a code, no click.
    lin.button("Undo").focus()
    scan(lin, payload(second))
    lin.reads("Can be redeemed here")
    assert Redemption.objects.filter(undone_at__isnull=True).count() == 1

    # On the preview: another code replaces the one that is shown, and redeems nothing.
    scan(lin, third.code)
    lin.reads("Can be redeemed here")
    lin.sees(third.code[8:])
    assert Redemption.objects.count() == 1

    lin.link("Redemptions").click()
    lin.page.locator("body").press("Tab")
    scan(lin, payload(third))
    lin.reads("Can be redeemed here")


def test_a_scan_fired_while_a_page_still_loads_is_whole(visitor: Callable[..., Person]) -> None:
    town = build()
    first, second = Voucher.objects.filter(
        order_number=make_voucher(
            owner=town.customer, product=town.dumplings, quantity=2
        ).order_number
    ).order_by("id")
    lin = at_the_counter(visitor, town)
    held: list[Route] = []
    lin.page.route("**/js/widgets.js", lambda route: held.append(route))

    # Half of the page's scripts have not arrived: the code is read all the same.
    lin.page.goto(f"/console/{town.store.pk}/today/", wait_until="commit")
    lin.page.locator("#scan-form").wait_for(state="attached")
    lin.page.keyboard.type(payload(first))
    lin.page.keyboard.press("Enter")
    lin.reads("Can be redeemed here")
    lin.sees(first.code[8:])
    lin.page.unroute("**/js/widgets.js")

    # The page changes under the scanner: what came before and what came after are one code.
    for path in ("", "today/"):
        lin.page.keyboard.type(second.code[:5])
        lin.open(f"/console/{town.store.pk}/{path}")
        with lin.page.expect_navigation():
            lin.page.keyboard.type(second.code[5:])
            lin.page.keyboard.press("Enter")
        lin.reads("Can be redeemed here")
        lin.sees(second.code[8:])
    assert held
    assert not Redemption.objects.exists()


def scan(lin: Person, text: str) -> None:
    """What a handheld scanner does on a page that is there: type fast, end with Enter."""
    lin.page.wait_for_load_state()
    with lin.page.expect_navigation():
        lin.page.keyboard.type(text)
        lin.page.keyboard.press("Enter")


def test_a_picture_of_the_code_is_read(visitor: Callable[..., Person]) -> None:
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    lin = at_the_counter(visitor, town, width=PHONE)
    picture = {"name": "code.png", "mimeType": "image/png", "buffer": png(voucher, scale=6)}
    lin.page.locator("[data-scan-picture]").set_input_files(picture)  # type: ignore[arg-type]
    lin.reads("Can be redeemed here")
    lin.link("Do not redeem").click()
    assert not Redemption.objects.exists()

    # The page's other scripts have not arrived: the picture is looked at all the same.
    held: list[Route] = []
    lin.page.route("**/js/widgets.js", lambda route: held.append(route))
    lin.page.goto(f"/console/{town.store.pk}/", wait_until="commit")
    lin.page.locator("[data-scan-picture]").set_input_files(picture)  # type: ignore[arg-type]
    lin.reads("Can be redeemed here")
    lin.page.unroute("**/js/widgets.js")
    assert held

    lin.page.goto(f"/console/{town.store.pk}/")
    lin.expect_status(400)
    bare = {"name": "wall.png", "mimeType": "image/png", "buffer": png(voucher, scale=1)[:60]}
    lin.page.locator("[data-scan-picture]").set_input_files(bare)  # type: ignore[arg-type]
    lin.reads("Nothing was read")


def test_the_camera_reads_the_code(chromium: Browser, live_server: Any, tmp_path: Path) -> None:
    """A film of a QR code is what Chromium's fake camera sees; our server reads its frames."""
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    frame, code = io.BytesIO(), Image.open(io.BytesIO(png(voucher, scale=8))).convert("RGB")
    film = Image.new("RGB", (640, 480), "white")
    film.paste(code, (160, 80))
    film.save(frame, "JPEG")
    reel = tmp_path / "film.mjpeg"
    reel.write_bytes(frame.getvalue() * 5)
    camera = chromium.browser_type.launch(
        executable_path=find_chromium(),
        args=[
            *launch_arguments(),
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={reel}",
        ],
    )
    try:
        lin = Person(camera, live_server.url, width=PHONE)
        lin.open(f"/console/{town.store.pk}/")
        log_in(lin, "clerk@example.com")
        lin.button("Use the camera").click()
        lin.reads("Can be redeemed here")
        lin.sees("Steamed dumplings for two")

        # Who scans with the camera need not open it again for the next guest.
        lin.link("Do not redeem").click()
        lin.reads("Can be redeemed here")
        assert lin.troubles == []
    finally:
        camera.close()


def test_a_times_card_gives_several_uses_at_once(visitor: Callable[..., Person]) -> None:
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.card)
    lin = at_the_counter(visitor, town)
    type_code(lin, town, voucher.code)
    lin.sees("3 of 3")
    lin.page.get_by_role("button", name="One more").click()
    lin.button("Redeem").click()
    lin.sees("Redeemed: 2 uses")
    lin.sees("1 of 3 uses left")


def test_every_refusal_says_why(
    visitor: Callable[..., Person], drain: Callable[..., int], settings: object
) -> None:
    town = build()
    owner = town.customer

    def sold(**fields: object) -> Voucher:
        return make_voucher(
            owner=owner,
            product=make_product(merchant=town.merchant, category=town.category, **fields),
        )

    used = sold()
    redeem(used, store=town.other_store, staff=town.clerk)
    with clock.at(from_now(days=-90)):
        expired = sold(validity_days=30)
    early = sold(usable_after_hours=48)
    closed_days = sold(blackout=ALL_WEEK)
    elsewhere = sold(stores=[town.other_store])
    refunded, refunding, gift = sold(), sold(), sold()
    refund_voucher(owner=owner, voucher_id=refunded.pk)
    drain()
    refund_voucher(owner=owner, voucher_id=refunding.pk)
    Voucher.objects.filter(pk=gift.pk).update(state=Voucher.State.REVOKED)

    lin = at_the_counter(visitor, town)
    lin.expect_status(404, 409)
    for code, why in [
        (used.code, AlreadyRedeemed),
        (expired.code, Expired),
        (early.code, NotYetValid),
        (closed_days.code, Blackout),
        (elsewhere.code, WrongStore),
        (refunded.code, Refunded),
        (refunding.code, Refunding),
        (gift.code, Revoked),
        ("000000000000", Unknown),
    ]:
        type_code(lin, town, code)
        expect(lin.page.locator(f"[data-code={why.code}]")).to_be_visible()
        expect(lin.page.locator(".result__word")).to_have_text(str(why.word))
        assert len(lin.page.locator(".result__why").inner_text()) > 20, "a sentence, not a code"

    type_code(lin, town, used.code)
    why_text = lin.page.locator(".result__why").inner_text()
    assert "Pier Kitchen, Hill" in why_text
    assert "Clerk Lin" in why_text
    assert f"{dt.datetime.now(dt.UTC) + dt.timedelta(hours=8):%Y}" in why_text


def test_one_wrong_digit_is_mended_not_typed_anew(visitor: Callable[..., Person]) -> None:
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    lin = at_the_counter(visitor, town)
    lin.expect_status(404)
    wrong = f"{voucher.code[:-1]}{(int(voucher.code[-1]) + 1) % 10}"
    type_code(lin, town, wrong)
    lin.reads("Unknown code")
    field = lin.page.locator("[data-scan-code]")
    expect(field).to_have_value(wrong)
    field.press("End")
    field.press("Backspace")
    field.press_sequentially(voucher.code[-1])
    field.press("Enter")
    lin.reads("Can be redeemed here")


def test_back_and_reload_never_meet_the_browsers_error_page(
    visitor: Callable[..., Person],
) -> None:
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    lin = at_the_counter(visitor, town)
    lin.expect_status(409)
    scan_page = f"/console/{town.store.pk}/"
    type_code(lin, town, voucher.code)
    lin.reads("Can be redeemed here")
    lin.page.wait_for_url(f"**{scan_page}")  # its script has run
    lin.page.reload()
    expect(lin.page.locator("[data-scan-code]")).to_be_visible()

    type_code(lin, town, voucher.code)
    lin.button("Redeem").click()
    expect(lin.page.locator("[data-result=ok]")).to_be_visible()
    lin.page.go_back()
    expect(lin.page.locator("[data-scan-code]")).to_be_visible()
    assert lin.path == scan_page
    # What was done just now stands there, for whoever is not sure.
    lin.page.locator(".redeemed a").click()
    expect(lin.page.locator("[data-result=ok]")).to_be_visible()

    type_code(lin, town, voucher.code)
    lin.reads("Less than a minute ago")
    lin.sees("Steamed dumplings for two")
    lin.page.wait_for_url(f"**{scan_page}")
    lin.page.reload()
    assert lin.path == scan_page
    assert Redemption.objects.count() == 1


def test_without_network_nothing_is_lost(visitor: Callable[..., Person]) -> None:
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    lin = at_the_counter(visitor, town)
    lin.page.wait_for_load_state()
    band = lin.page.locator("[data-network]")
    expect(band).to_be_hidden()

    lin.context.set_offline(True)
    expect(band).to_be_visible()
    field = lin.page.locator("[data-scan-code]")
    field.fill(voucher.code)
    field.press("Enter")
    expect(field).to_have_value(voucher.code)

    lin.context.set_offline(False)
    expect(band).to_be_hidden()
    field.press("Enter")
    lin.reads("Can be redeemed here")
    lin.page.wait_for_load_state()

    lin.context.set_offline(True)
    lin.button("Redeem").click()
    expect(band).to_be_visible()
    lin.reads("Can be redeemed here")
    assert not Redemption.objects.exists()
    lin.context.set_offline(False)
    lin.button("Redeem").click()
    expect(lin.page.locator("[data-result=ok]")).to_be_visible()
    assert Redemption.objects.count() == 1


def test_guessing_codes_is_slowed_down(visitor: Callable[..., Person], settings: object) -> None:
    town = build()
    lin = at_the_counter(visitor, town)
    settings.RATE_LIMITS = True  # type: ignore[attr-defined]
    lin.expect_status(404, 429)
    for guess in range(UNKNOWN_LIMIT - 1):
        with suppress(Unknown):
            access_voucher_for_staff(staff=town.clerk, store=town.store, code=f"{guess:012d}")
    scan(lin, "000000000099")
    expect(lin.page.locator(f"[data-code={Unknown.code}]")).to_be_visible()
    scan(lin, "000000000100")
    expect(lin.page.locator(f"[data-code={TryLater.code}]")).to_be_visible()
    lin.reads("Wait a moment")


def test_the_console_shows_nobody_elses_store(visitor: Callable[..., Person]) -> None:
    town = build()
    lin = at_the_counter(visitor, town)
    stranger = make_product().merchant.stores.earliest("id")
    lin.expect_status(404)
    lin.open(f"/console/{stranger.pk}/")
    lin.reads("Page not found")
