"""The worker in a bad network and through a release: the code at the counter never waits for us."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from o2o.app import views as views_app
from orders import views as order_views
from tests.browser.person import PHONE, Person
from tests.journeys.offline import bought, code_on, in_the_wallet, voucher_kept, worker_ready
from tests.journeys.town import build
from vouchers import views as voucher_views
from vouchers.qr import payload

STORED = "No connection: this is a stored copy"
LEAVE = "address => { setTimeout(() => location.assign(address)); }"
WAIT_SECONDS = 30
# The static files that the worker keeps, asked for again until one is there and the other is not.
CHANGED = """async ([wanted, gone, seconds]) => {
  const last = Date.now() + seconds * 1000;
  let kept = [];
  while (Date.now() < last) {
    const requests = await (await caches.open("static")).keys();
    kept = requests.map((request) => new URL(request.url).pathname);
    if (kept.includes(wanted) && !kept.includes(gone)) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  return kept;
}"""
NO_NEWS = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const before = registration.active;
  await registration.update();
  return !registration.installing && !registration.waiting && registration.active === before;
}"""
# The release by which a stored page was fetched, asked for again until it is this one.
FETCHED_BY = """async ([address, version, seconds]) => {
  const last = Date.now() + seconds * 1000;
  while (Date.now() < last) {
    for (const name of await caches.keys()) {
      const page = name.startsWith("wallet-") && (await caches.match(address, { cacheName: name }));
      if (page && page.headers.get("X-Stored-Mark").endsWith(version)) return true;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}"""


class Gate:
    """Holds back an answer of the server until it is opened; counts who waits."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.waiting = threading.Semaphore(0)

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, which first waits here."""

        def held(*args: Any, **kwargs: Any) -> Any:
            self.waiting.release()
            assert self.opened.wait(WAIT_SECONDS), "nobody opened the gate"
            return function(*args, **kwargs)

        return held

    def somebody_waits(self) -> bool:
        """Wait until the server has the request in hand."""
        return self.waiting.acquire(timeout=WAIT_SECONDS)


def test_a_server_that_does_not_answer_is_no_reason_to_wait_for_the_code(
    visitor: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = bought(build("en"))
    mei = in_the_wallet(visitor, width=PHONE)
    voucher_kept(mei, voucher)
    address = f"/vouchers/{voucher.pk}/"

    mei.open(address)  # the control: with an answer in time no copy is shown
    assert code_on(mei) == payload(voucher)
    assert not mei.page.locator("[data-stored-note]").is_visible()
    mei.open("/")

    gate = Gate()
    for views, name in (
        (voucher_views, "access_voucher_for_owner"),
        (order_views, "order_page"),
    ):
        monkeypatch.setattr(views, name, gate.before(getattr(views, name)))
    try:
        other = mei.context.new_page()
        other.goto("/")
        other.evaluate(LEAVE, "/orders/")  # of which there is no copy: patience has no end
        assert gate.somebody_waits()
        mei.page.goto(address, wait_until="commit")
        assert gate.somebody_waits() and not gate.opened.is_set()
        mei.reads(STORED)
        assert code_on(mei) == payload(voucher), "the QR comes from the store as well"
        assert not other.url.endswith("/orders/"), "still on its way, nothing given in its place"
    finally:
        gate.opened.set()
    other.wait_for_url("**/orders/")
    expect(other.get_by_role("heading", name="My orders")).to_be_visible()
    other.close()
    mei.open(address)
    assert code_on(mei) == payload(voucher)
    assert not mei.page.locator("[data-stored-note]").is_visible()


def release(monkeypatch: pytest.MonkeyPatch, shell: list[str]) -> str:
    """Serve the worker of a release whose shell is these files; returns its version."""
    monkeypatch.setattr(views_app, "_shell", lambda: shell)
    script = views_app._build_worker().replace('"hashed": false', '"hashed": true')
    monkeypatch.setattr(views_app, "_worker", lambda: script)
    return script.split('version: "')[1].split('"')[0]


def test_a_release_replaces_the_worker_and_leaves_the_wallet_usable(
    visitor: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "/static/img/app-192.png", "/static/img/app-512.png"  # stand for two hashes
    voucher = bought(build("en"))
    address = f"/vouchers/{voucher.pk}/"
    first = release(monkeypatch, [old])
    mei = in_the_wallet(visitor, width=PHONE)
    voucher_kept(mei, voucher)
    before = mei.page.evaluate(CHANGED, [old, new, WAIT_SECONDS])
    assert old in before and new not in before
    assert mei.page.evaluate(NO_NEWS), "the control: without a release the worker stays"
    assert mei.page.evaluate(FETCHED_BY, [address, first, WAIT_SECONDS])

    second = release(monkeypatch, [new])
    assert second != first
    mei.open("/vouchers/")
    worker_ready(mei)
    after = mei.page.evaluate(CHANGED, [new, old, WAIT_SECONDS])
    assert new in after, "what the new release needs is fetched"
    assert old not in after, "what only the old one needed is gone"
    styles = [file for file in before if file.endswith(".css")]
    assert styles and set(styles) <= set(after), "the files of stored pages stay"
    assert mei.page.evaluate(NO_NEWS), "replaced once, and at rest"

    mei.open("/vouchers/")
    assert mei.page.evaluate(FETCHED_BY, [address, second, WAIT_SECONDS]), "fetched anew"
    mei.page.wait_for_load_state("networkidle")
    mei.context.set_offline(True)
    mei.open(address)
    mei.reads(STORED)
    assert code_on(mei) == payload(voucher)
    mei.context.set_offline(False)
