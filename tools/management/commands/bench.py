from __future__ import annotations

import datetime as dt
import os
import platform
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from insights.services.audit import run_audit
from kernel.outbox.models import OutboxEvent
from stores.models import Merchant
from tools.bench import browser, campaigns, connections, floor, notes, pages, paper, upgrade
from tools.bench.judge import Judge
from tools.bench.load import get, run_load
from tools.bench.servers import resident_mib, web, worker
from tools.bench.shop import (
    BenchShop,
    fill_products,
    forget_copied_sales,
    make_bench_shop,
    order_requests,
    redemption_requests,
    sell_vouchers,
)

CLIENTS = 16
ROUNDS = 3
OF_FLOOR = 0.06
OF_SMALL_LIST = 1.3
WORKER_MIB, QUERIES = 120, 8
WARM_UP = 1200
PAGES = ("/products/", "/products/{product}/", "/stores/{store}/", "/", "/stores/")


FLOW = (
    "start",
    "redeem",
    "order",
    "worker",
    "notes",
    "queries",
    "lists",
    "campaigns",
    "paper",
    "upgrade",
)
CITY = ("page-queries", "page-times", "connections", "phone")


class Command(BaseCommand):
    help = "Measure the product against the floor on this machine; needs an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=int, default=8, help="length of each measured round")
        parser.add_argument(
            "--city", action="store_true", help="the pages of the demo city instead"
        )
        parser.add_argument(
            "--part", choices=[*FLOW, *CITY], help="measure this alone, not all of its half"
        )
        parser.add_argument(
            "--phone",
            nargs="+",
            metavar="PAGE",
            help="with --city: what a phone sees of these pages, and nothing else",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.judge = Judge(self._write)
        half = CITY if options["city"] else FLOW
        part = "phone" if options["phone"] else options["part"]
        if part and part not in half:
            raise CommandError(
                f"{part} is measured {'with' if part in CITY else 'without'} --city."
            )
        self.parts = {part} if part else set(half)
        settings.RATE_LIMITS = False
        if options["city"]:
            self._city(options["phone"] or [])
        else:
            self._flow(options["seconds"])
        if self.judge.missed:
            raise CommandError(self.judge.verdict())

    def _write(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _flow(self, seconds: int) -> None:
        """The hot paths; the database is our own and empty."""
        if Merchant.objects.exists():
            raise CommandError(
                "The benchmark needs an empty database: set DATA_DIR to a new folder."
            )
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        self.seconds = seconds
        self._head()
        if "upgrade" in self.parts:
            upgrade.measure(self.judge)
        if "paper" in self.parts:
            paper.measure(self.judge)
        if self.parts <= {"upgrade", "paper"}:
            return
        shop = make_bench_shop()
        floor.make_floor()
        try:
            with TemporaryDirectory() as folder:
                if self.parts & {"start", "redeem", "order"}:
                    self._throughput(shop, Path(folder))
                if "worker" in self.parts:
                    self._worker(Path(folder))
                if "notes" in self.parts:
                    notes.measure(self.judge)
                if "queries" in self.parts:
                    self._queries(shop)
                if "campaigns" in self.parts:
                    campaigns.measure(self.judge, shop)
                if "lists" in self.parts:
                    self._list_sizes(shop, Path(folder))
        finally:
            floor.drop_floor()
        forget_copied_sales()
        audit = run_audit()
        self.judge.must(
            "audit after all of it", audit.is_clean, "clean" if audit.is_clean else "NOT CLEAN"
        )

    def _head(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            cursor.execute("SHOW fsync")
            durable = cursor.fetchone()[0]
        cores = os.cpu_count()
        self.stdout.write(
            f"{dt.date.today()} · {cores} cores · Python {platform.python_version()}"  # noqa: DTZ011
            f" · PostgreSQL {version}, fsync {durable} · floor by {floor.driver()}"
        )
        self.judge.say("", "figure", "ratio", "target")

    def _throughput(self, shop: BenchShop, folder: Path) -> None:
        with web(folder / "web.log") as (port, seconds):
            if "start" in self.parts:
                self.judge.at_most("process start to first page", seconds, "{:.2f} s", 2)
            kinds = [kind for kind in ("redeem", "order") if kind in self.parts]
            if not kinds:
                return
            self._warm_up(shop, port)
            pairs: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
            for number in range(ROUNDS):
                for kind, rates in pairs.items():
                    bare = floor.floor_rate(kind, clients=CLIENTS, seconds=self.seconds)
                    ours = self._rate(kind, shop, port, number)
                    rates.append((ours, bare))
        for kind in kinds:
            name = {"redeem": "redemption API", "order": "order API"}[kind]
            ours = statistics.median(pair[0] for pair in pairs[kind])
            bare = statistics.median(pair[1] for pair in pairs[kind])
            ratio = statistics.median(pair[0] / pair[1] for pair in pairs[kind])
            self.judge.say(f"bare SQL {kind}, {CLIENTS} clients", f"{bare:.0f} /s")
            self.judge.at_least(
                f"{name}, {CLIENTS} clients", ratio, "{:.1%}", OF_FLOOR, f"{ours:.0f} /s"
            )

    def _warm_up(self, shop: BenchShop, port: int) -> None:
        """Every thread of every worker has imported, connected and prepared what it needs."""
        codes = sell_vouchers(shop, WARM_UP)
        for requests in (redemption_requests(shop, codes), order_requests(shop, "warm-up")):
            run_load(port=port, clients=CLIENTS, seconds=3, requests=requests)

    def _rate(self, kind: str, shop: BenchShop, port: int, number: int) -> float:
        if kind == "redeem":
            requests = redemption_requests(shop, sell_vouchers(shop, self.seconds * 1000))
        else:
            requests = order_requests(shop, str(number))
        outcome = run_load(port=port, clients=CLIENTS, seconds=self.seconds, requests=requests)
        if set(outcome.statuses) != {201}:
            raise CommandError(f"{kind}: {dict(outcome.statuses)}")
        return outcome.rate(201)

    def _city(self, phone: list[str]) -> None:
        """The pages as people meet them; the database is the demo city's."""
        found = [page for page in pages.places() if not phone or page.name in phone]
        if "page-queries" in self.parts:
            pages.queries(self.judge, found)
        if self.parts == {"page-queries"}:
            return
        with TemporaryDirectory() as folder, web(Path(folder) / "web.log") as (port, _seconds):
            if "page-times" in self.parts:
                pages.server_times(self.judge, found, port)
            if "connections" in self.parts:
                product = next(page.path for page in found if page.name == "product")
                connections.spreading(self.judge, port)
                connections.slow_clients(self.judge, port, product)
            if "phone" in self.parts:
                self._phone(found, port)

    def _phone(self, found: list[pages.Place], port: int) -> None:
        program = browser.chromium()
        if program:
            pages.first_visits(self.judge, found, f"http://127.0.0.1:{port}", program)
            return
        self._write("=" * 78)
        self._write("NO CHROMIUM: WHAT A PHONE SEES WAS NOT MEASURED (set CHROMIUM).")
        self._write("=" * 78)

    def _worker(self, folder: Path) -> None:
        with worker(folder / "worker.log") as pid:
            until = time.monotonic() + 60
            while OutboxEvent.objects.waiting().exists():
                if time.monotonic() > until:
                    break
                time.sleep(0.2)
            self.judge.at_most(
                "worker, resident memory", resident_mib(pid), "{:.0f} MiB", WORKER_MIB
            )

    def _queries(self, shop: BenchShop) -> None:
        settings.SHARED_PART_SECONDS = 0  # each page rendered again, here and in the lists below
        client = Client(headers={"host": "localhost"})
        for path in PAGES:
            address = path.format(product=shop.products[0].pk, store=shop.store.pk)
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                status = client.get(address).status_code
            if status != 200:
                raise CommandError(f"{address} answered {status}")
            self.judge.at_most(f"queries of {path}", len(captured), "{:.0f}", QUERIES)

    def _list_sizes(self, shop: BenchShop, folder: Path) -> None:
        measured: dict[str, dict[int, float]] = {"": {}, "?sort=price": {}, "?q=product": {}}
        for size in (10_000, 100_000):
            fill_products(shop, size)
            with web(folder / "web.log", SHARED_PART_SECONDS="0") as (port, _seconds):
                for sort, times in measured.items():
                    times[size] = self._page_ms(port, f"/products/{sort}")
        for sort, times in measured.items():
            ratio = times[100_000] / times[10_000]
            name = f"list page {sort or 'as it opens'}, 100,000 products"
            self.judge.at_most(name, ratio, "{:.2f} ×", OF_SMALL_LIST, f"{times[100_000]:.1f} ms")

    def _page_ms(self, port: int, path: str) -> float:
        run_load(port=port, clients=1, seconds=60, requests=iter([get(path)] * 10))
        outcome = run_load(port=port, clients=1, seconds=60, requests=iter([get(path)] * 60))
        if set(outcome.statuses) != {200}:
            raise CommandError(f"{path}: {dict(outcome.statuses)}")
        return outcome.percentile(0.5)
