"""A slow phone before the demo city: what its user waits for, in a real Chromium.

The phone is the one of Lighthouse's mobile runs: 412 × 823 pixels at 1.75 dots, its processor four
times slower than this machine, a line of 1,638.4 kbit/s down and 750 kbit/s up with 150 ms of delay
per request. Every visit is the first one: nothing is in the browser's cache.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

try:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        CDPSession,
        Error,
        Page,
        sync_playwright,
    )
except ImportError:  # a production installation has no browser to drive
    sync_playwright = None  # type: ignore[assignment]

PHONE: Mapping[str, Any] = {
    "viewport": {"width": 412, "height": 823},
    "device_scale_factor": 1.75,
    "is_mobile": True,
    "has_touch": True,
    "locale": "en-GB",
}
CPU_SLOWER = 4
LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1638.4 * 1024 / 8,
    "uploadThroughput": 750 * 1024 / 8,
}
VISITS = 3
SETTLE_MILLISECONDS = 400
ARGUMENTS = (
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
)
WATCH = """
window.vitals = {lcp: 0, lcpWhat: "", cls: 0, events: []};
const watch = (type, each, more = {}) => new PerformanceObserver(
  (list) => list.getEntries().forEach(each)).observe({type, buffered: true, ...more});
watch("largest-contentful-paint", (entry) => {
  vitals.lcp = entry.startTime;
  vitals.lcpWhat = entry.element ? entry.element.tagName.toLowerCase() : "";
});
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) vitals.cls += entry.value; });
watch("event", (entry) => { if (entry.interactionId) vitals.events.push(entry.duration); },
  {durationThreshold: 16});
"""
# The page stays: what a tap does here counts, where it would lead does not.
STAY = """() => {
  addEventListener("click", (event) => {
    if (event.target.closest("a[href]")) event.preventDefault();
  });
  addEventListener("submit", (event) => event.preventDefault());
}"""
# One visible control of each kind.
CONTROLS = (
    "[data-open]",
    "[data-theme-switch]",
    "main summary",
    "main [data-stepper] button:enabled",
    "main .chip",
    "main label:has(input[type=radio])",
    "main [role=tab], main .tabs a",
    "main .card__link",
)
FIELDS = "input[type=search], main input[type=text], main input:not([type])"


@dataclass(slots=True)
class Visit:
    """What one first visit cost. Bytes are those on the line, headers included."""

    lcp_ms: float = 0.0
    lcp_what: str = ""
    cls: float = 0.0
    inp_ms: float = 0.0
    taps: int = 0
    requests: int = 0
    bytes_plain: int = 0
    bytes_pictures: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)


def chromium() -> str:
    """The path of the Chromium to use (CHROMIUM), or "" where none can be driven."""
    return os.environ.get("CHROMIUM", "") if sync_playwright is not None else ""


@contextmanager
def running(program: str) -> Iterator[Browser]:
    """A headless Chromium."""
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def measure(browser: Browser, address: str, path: str, session: str = "") -> Visit:
    """The median of several first visits to ``path``, signed in when there is a session key."""
    visits = [_visit(browser, address, path, session) for _number in range(VISITS)]
    middle = visits[-1]
    for name in ("lcp_ms", "cls", "inp_ms", "bytes_plain", "bytes_pictures"):
        setattr(middle, name, statistics.median(getattr(visit, name) for visit in visits))
    middle.strangers = set().union(*(visit.strangers for visit in visits))
    return middle


def _visit(browser: Browser, address: str, path: str, session: str) -> Visit:
    context: BrowserContext = browser.new_context(base_url=address, **PHONE)
    try:
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        context.add_init_script(WATCH)
        page = context.new_page()
        visit = Visit()
        line = context.new_cdp_session(page)
        _weigh(line, visit, address)
        line.send("Network.emulateNetworkConditions", LINE)
        line.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
        answer = page.goto(path, wait_until="load")
        if answer is None or not answer.ok:
            raise RuntimeError(f"{path} did not answer as a page: {answer and answer.status}")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        seen = page.evaluate("() => vitals")
        visit.lcp_ms, visit.lcp_what = seen["lcp"], seen["lcpWhat"]
        visit.taps = _use(page)
        seen = page.evaluate("() => vitals")
        visit.cls, visit.inp_ms = seen["cls"], max(seen["events"], default=0.0)
        return visit
    finally:
        context.close()


def _weigh(line: CDPSession, visit: Visit, address: str) -> None:
    """Count every byte that arrives until the page is used."""
    kinds: dict[str, str] = {}

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]
        parts = urlsplit(event["response"]["url"])
        if parts.scheme in {"http", "https"} and parts.netloc != urlsplit(address).netloc:
            visit.strangers.add(parts.netloc)

    def finished(event: dict[str, Any]) -> None:
        kind, size = kinds.get(event["requestId"], "Other"), int(event["encodedDataLength"])
        visit.requests += 1
        visit.by_kind[kind] = visit.by_kind.get(kind, 0) + size
        if kind == "Image":
            visit.bytes_pictures += size
        else:
            visit.bytes_plain += size

    line.send("Network.enable")
    line.on("Network.responseReceived", answered)
    line.on("Network.loadingFinished", finished)


def _use(page: Page) -> int:
    """Tap one control of each kind and type into a field; how many interactions there were."""
    page.evaluate(STAY)
    taps = 0
    for controls in CONTROLS:
        found = page.locator(controls).filter(visible=True)
        if found.count() == 0:
            continue
        try:
            # Scrolling is no interaction: what it brought into sight is drawn before the tap.
            found.first.scroll_into_view_if_needed(timeout=2000)
            page.wait_for_timeout(SETTLE_MILLISECONDS)
            found.first.tap(timeout=2000)
        except Error:  # covered by something: a person could not tap it either
            continue
        taps += 1
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        page.keyboard.press("Escape")
    fields = page.locator(FIELDS).filter(visible=True)
    if fields.count():
        fields.first.press_sequentially("12", delay=120)
        taps += 2
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    return taps
