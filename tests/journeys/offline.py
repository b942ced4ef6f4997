"""What the stories about the installed app share: a worker at work, what it keeps, what a scanner reads."""

from __future__ import annotations

from collections.abc import Callable

import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.factories import make_voucher
from tests.journeys.steps import log_in
from tests.journeys.town import Town
from vouchers.models import Voucher

WAIT_SECONDS = 30
# Asks again and again what the worker keeps for somebody, until it holds, or does not, an address
# ("" for any). A promise is no answer to `wait_for_function`, so the page itself waits.
KEEPS = """async ([address, wanted, seconds]) => {
  const last = Date.now() + seconds * 1000;
  while (Date.now() < last) {
    const kept = [];
    for (const name of await caches.keys()) {
      if (!name.startsWith("wallet-")) continue;
      for (const request of await (await caches.open(name)).keys()) {
        kept.push(new URL(request.url).pathname);
      }
    }
    const there = address ? kept.includes(address) : kept.length > 0;
    if (there === wanted) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}"""
READY = "() => navigator.serviceWorker.ready.then(() => true)"


def keeps(mei: Person, address: str = "", *, wanted: bool = True) -> None:
    """Wait until the worker keeps the address (or nothing of it)."""
    assert mei.page.evaluate(KEEPS, [address, wanted, WAIT_SECONDS]), (address, wanted)


def worker_ready(mei: Person) -> None:
    """Wait until the worker answers for the pages that are opened from now on."""
    assert mei.page.evaluate(READY)


def in_the_wallet(visitor: Callable[..., Person], **how: object) -> Person:
    """Mei, logged in, with her wallet open and a worker at work."""
    mei = visitor(worker=True, **how)
    mei.open("/vouchers/")
    log_in(mei, "mei@example.com")
    mei.page.wait_for_url("**/vouchers/")
    worker_ready(mei)
    return mei


def voucher_kept(mei: Person, voucher: Voucher) -> None:
    """Wait until page and code of the voucher are stored."""
    for address in (f"/vouchers/{voucher.pk}/qr.svg", f"/vouchers/{voucher.pk}/"):
        keeps(mei, address)
    mei.page.wait_for_load_state("networkidle")


def code_on(mei: Person) -> str:
    """What a scanner reads from the screen."""
    frame = mei.page.locator(".qr__frame")
    expect(frame.locator("img")).to_have_js_property("complete", True)
    with Image.open(mei.shot(frame)) as picture:
        return zxingcpp.read_barcodes(picture)[0].text


def bought(town: Town) -> Voucher:
    return make_voucher(owner=town.customer, product=town.dumplings)
