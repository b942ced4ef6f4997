"""What the pages of the demo city cost: server time, queries, and a first visit by a slow phone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import NamedTuple

from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from demo.content import CENTRE
from demo.seed.people import clerk_login, customer_login
from members.models import User
from stores.access import stores_for_staff
from tools.bench import browser
from tools.bench.judge import Judge
from tools.bench.load import get, run_load

CLERK = "old-pier-kitchen"
CALLS = 300
SERVER_MS, QUERIES = 40, 8
LCP_MS, CLS, INP_MS = 1500, 0.05, 100
PLAIN_BYTES, ALL_BYTES = 150_000, 400_000


class Place(NamedTuple):
    """A page that is measured, and who looks at it. ``on_phone``: also by the slow phone."""

    name: str
    path: str
    session: str = ""
    on_phone: bool = True


def places() -> list[Place]:
    """Home, list, product, store, wallet and console of the demo city.

    Home and list also as they are for one visitor alone: with filters, with words, near a place.
    """
    clerk = User.objects.filter(email=clerk_login(CLERK)).first()
    product = Product.objects.filter(state=Product.State.ACTIVE).order_by("-sales_count").first()
    if clerk is None or product is None:
        raise CommandError("This needs the demo city: run `make bench`.")
    store = stores_for_staff(clerk).earliest("id").pk
    customer = _session(User.objects.get(email=customer_login(0)))
    return [
        Place("home", "/"),
        Place("list", "/products/"),
        Place("list with filters", "/products/?open_now=on&min_price=20", on_phone=False),
        Place("search", "/products/?q=coffee", on_phone=False),
        Place("home near me", f"/?near={CENTRE[0]},{CENTRE[1]}", on_phone=False),
        Place("product", f"/products/{product.pk}/"),
        Place("store", f"/stores/{store}/"),
        Place("wallet", "/vouchers/", customer),
        Place("console", f"/console/{store}/", _session(clerk)),
    ]


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def queries(judge: Judge, pages: list[Place]) -> None:
    """Print how many statements each page asks the database."""
    for page in pages:
        client = Client(headers={"host": "localhost", "accept-language": "en"})
        if page.session:
            client.cookies["sessionid"] = page.session
        client.get(page.path)
        with CaptureQueriesContext(connection) as captured:
            status = client.get(page.path).status_code
        if status != 200:
            raise CommandError(f"{page.path} answered {status}")
        judge.at_most(f"queries of the {page.name}", len(captured), "{:.0f}", QUERIES)


def server_times(judge: Judge, pages: list[Place], port: int) -> None:
    """Print the time of complete answers, two callers at two workers."""
    for page in pages:
        request = get(page.path, session=page.session)
        run_load(port=port, clients=2, seconds=60, requests=_times(request, 40))
        outcome = run_load(port=port, clients=2, seconds=60, requests=_times(request, CALLS))
        if set(outcome.statuses) != {200}:
            raise CommandError(f"{page.path}: {dict(outcome.statuses)}")
        note = f"p50 {outcome.percentile(0.5):.0f} ms"
        judge.at_most(
            f"server, the {page.name}, p95", outcome.percentile(0.95), "{:.0f} ms", SERVER_MS, note
        )


def _times(request: bytes, count: int) -> Iterator[bytes]:
    return iter(list(repeat(request, count)))


def first_visits(judge: Judge, pages: list[Place], address: str, program: str) -> None:
    """Print what a slow phone sees of each page, medians of several first visits."""
    with browser.running(program) as chromium:
        for page in (page for page in pages if page.on_phone):
            visit = browser.measure(chromium, address, page.path, page.session)
            name = f"phone, the {page.name}"
            judge.at_most(
                f"{name}: largest paint", visit.lcp_ms, "{:.0f} ms", LCP_MS, visit.lcp_what
            )
            judge.at_most(f"{name}: layout shift", visit.cls, "{:.3f}", CLS)
            judge.at_most(
                f"{name}: slowest tap", visit.inp_ms, "{:.0f} ms", INP_MS, f"of {visit.taps}"
            )
            asked = f"{visit.requests} requests"
            judge.at_most(
                f"{name}: without pictures", visit.bytes_plain, "{:,.0f} B", PLAIN_BYTES, asked
            )
            whole = visit.bytes_plain + visit.bytes_pictures
            judge.at_most(f"{name}: with pictures", whole, "{:,.0f} B", ALL_BYTES)
            judge.at_most(f"{name}: other hosts asked", len(visit.strangers), "{:.0f}", 0)
