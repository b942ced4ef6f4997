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
from o2o.bench import browser, floor, pages
from o2o.bench.load import get, run_load
from o2o.bench.servers import resident_mib, web, worker
from o2o.bench.shop import (
    BenchShop,
    fill_products,
    make_bench_shop,
    order_requests,
    redemption_requests,
    sell_vouchers,
)
from o2o.outbox.models import OutboxEvent
from stores.models import Merchant

CLIENTS = 16
ROUNDS = 3
WARM_UP = 1200
PAGES = ("/products/", "/products/{product}/", "/stores/{store}/", "/", "/stores/")


class Command(BaseCommand):
    help = "Measure the product against the floor on this machine; needs an empty database."

    missed = 0

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=int, default=8, help="length of each measured round")
        parser.add_argument(
            "--city", action="store_true", help="the pages of the demo city instead"
        )
        parser.add_argument(
            "--phone",
            nargs="+",
            metavar="PAGE",
            help="with --city: what a phone sees of these pages, and nothing else",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["city"]:
            self._city(options["phone"] or [])
            return
        if Merchant.objects.exists():
            raise CommandError(
                "The benchmark needs an empty database: set DATA_DIR to a new folder."
            )
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        settings.RATE_LIMITS = False
        self.seconds = options["seconds"]
        self._head()
        shop = make_bench_shop()
        floor.make_floor()
        try:
            with TemporaryDirectory() as folder:
                self._throughput(shop, Path(folder))
                self._worker(Path(folder))
                self._queries(shop)
                self._list_sizes(shop, Path(folder))
        finally:
            floor.drop_floor()
        audit = run_audit()
        self._say("audit after all of it", "clean" if audit.is_clean else "NOT CLEAN")
        if not audit.is_clean:
            raise CommandError(f"the audit found {audit.findings[:3]}")

    def _say(self, what: str, figure: str, ratio: str = "", target: str = "") -> None:
        self.stdout.write(f"{what:<46} {figure:>16} {ratio:>12}  {target}".rstrip())
        self.stdout.flush()

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
        self._say("", "figure", "ratio", "target")

    def _throughput(self, shop: BenchShop, folder: Path) -> None:
        with web(folder / "web.log") as (port, seconds):
            self._say("process start to first page", f"{seconds:.2f} s", "", "< 2 s")
            self._warm_up(shop, port)
            pairs: dict[str, list[tuple[float, float]]] = {"redeem": [], "order": []}
            for number in range(ROUNDS):
                for kind, rates in pairs.items():
                    bare = floor.floor_rate(kind, clients=CLIENTS, seconds=self.seconds)
                    ours = self._rate(kind, shop, port, number)
                    rates.append((ours, bare))
        for kind, name in (("redeem", "redemption API"), ("order", "order API")):
            ours = statistics.median(pair[0] for pair in pairs[kind])
            bare = statistics.median(pair[1] for pair in pairs[kind])
            ratio = statistics.median(pair[0] / pair[1] for pair in pairs[kind])
            self._say(f"bare SQL {kind}, {CLIENTS} clients", f"{bare:.0f} /s")
            self._say(f"{name}, {CLIENTS} clients", f"{ours:.0f} /s", f"{ratio:.1%}", "≥ 6 %")

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
        settings.RATE_LIMITS = False
        found = [page for page in pages.places() if not phone or page.name in phone]
        if not phone:
            pages.queries(self._judge, found)
        with TemporaryDirectory() as folder, web(Path(folder) / "web.log") as (port, _seconds):
            if not phone:
                pages.server_times(self._judge, found, port)
            program = browser.chromium()
            if program:
                pages.first_visits(self._judge, found, f"http://127.0.0.1:{port}", program)
            else:
                self.stdout.write("=" * 78)
                self.stdout.write("NO CHROMIUM: WHAT A PHONE SEES WAS NOT MEASURED (set CHROMIUM).")
                self.stdout.write("=" * 78)
        if self.missed:
            self.stdout.write(f"{self.missed} figures MISS their targets.")

    def _judge(self, what: str, value: float, form: str, most: float, note: str = "") -> None:
        """A line with a target that is a maximum."""
        target = f"≤ {form.format(most)}"
        if value > most:
            self.missed += 1
            target += "   MISSED"
        self._say(what, form.format(value), note, target)

    def _worker(self, folder: Path) -> None:
        with worker(folder / "worker.log") as pid:
            until = time.monotonic() + 60
            while OutboxEvent.objects.waiting().exists():
                if time.monotonic() > until:
                    break
                time.sleep(0.2)
            self._say("worker, resident memory", f"{resident_mib(pid):.0f} MiB", "", "< 120 MiB")

    def _queries(self, shop: BenchShop) -> None:
        settings.SHARED_PART_SECONDS = 0  # each page drawn afresh, here and in the lists below
        client = Client(headers={"host": "localhost"})
        for path in PAGES:
            address = path.format(product=shop.products[0].pk, store=shop.store.pk)
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                status = client.get(address).status_code
            if status != 200:
                raise CommandError(f"{address} answered {status}")
            self._say(f"queries of {path}", str(len(captured)), "", "≤ 8")

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
            self._say(name, f"{times[100_000]:.1f} ms", f"{ratio:.2f} ×", "≤ 1.3 × of 10,000")

    def _page_ms(self, port: int, path: str) -> float:
        run_load(port=port, clients=1, seconds=60, requests=iter([get(path)] * 10))
        outcome = run_load(port=port, clients=1, seconds=60, requests=iter([get(path)] * 60))
        if set(outcome.statuses) != {200}:
            raise CommandError(f"{path}: {dict(outcome.statuses)}")
        return outcome.percentile(0.5)
