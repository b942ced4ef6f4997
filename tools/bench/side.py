"""One side of a comparison (tools/bench/against.py): runs in any checkout, old or new.

`python side.py` in the checkout's folder, with its own interpreter and DATA_DIR: reads one JSON
object a line from its standard input, measures, answers with one JSON object a line. So that it
runs on older code, it uses only what `make bench` has long had.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.test import Client

sys.path.insert(0, os.getcwd())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o.settings")
CLIENTS, CALLERS = 16, 2
SAME_SEARCH = "/products/?q=cake"
"""Words that no store has: 70a7ad2 showed no stores above the deals, and both answer alike."""


def part(name: str) -> Any:
    """A module of the checkout's benchmark."""
    where = "tools.bench" if Path("tools", "bench").exists() else "o2o.bench"
    return import_module(f"{where}.{name}")


class Side:
    """The checkout's web server, loaded by the checkout's own generator."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.load = part("load")
        self.pages = {page.name: page for page in part("pages").places()}
        self.shop: Any = None
        self.session = ""
        self.runs = 0

    def page(self, name: str, calls: int) -> dict[str, float]:
        """Milliseconds of complete answers, two callers at two processes."""
        page = self.pages[name]
        session = self.wallet_session() if name == "wallet" else page.session
        path = SAME_SEARCH if name == "search" else page.path
        request = self.load.get(path, session=session)
        done = self.load.run_load(
            port=self.port, clients=CALLERS, seconds=60, requests=iter([request] * calls)
        )
        if set(done.statuses) != {200}:
            raise RuntimeError(f"{path}: {dict(done.statuses)}")
        return {"ms": statistics.median(done.latencies_ms)}

    def wallet_session(self) -> str:
        """Of a buyer of the bench's shop: what the people of the two demo cities hold differs."""
        if not self.session:
            part("shop").sell_vouchers(self.stocked(), 1)
            client = Client()
            client.force_login(self.stocked().buyers[0])
            self.session = client.cookies["sessionid"].value
        return self.session

    def stocked(self) -> Any:
        if not self.shop:
            rename_earlier_shop()
            self.shop = part("shop").make_bench_shop()
        return self.shop

    def flow(self, kind: str, seconds: float) -> dict[str, float]:
        """Completed redemptions or orders per second."""
        done = self.load.run_load(
            port=self.port, clients=CLIENTS, seconds=seconds, requests=self._requests(kind, seconds)
        )
        if set(done.statuses) != {201}:
            raise RuntimeError(f"{kind}: {dict(done.statuses)}")
        return {"rate": done.rate(201)}

    def _requests(self, kind: str, seconds: float) -> Iterator[bytes]:
        shop, stocked = part("shop"), self.stocked()
        self.runs += 1
        if kind == "order":
            return shop.order_requests(stocked, f"{os.getpid()}-{self.runs}")
        return shop.redemption_requests(stocked, shop.sell_vouchers(stocked, int(seconds * 1000)))


def rename_earlier_shop() -> None:
    """Make room in a city that was measured before: its shop keeps its rows, not its names."""
    for model, name, mine in (
        ("members.User", "email", {"email__endswith": "@o2o.invalid"}),
        ("catalog.Category", "slug", {"slug": "bench"}),
    ):
        number = Cast("pk", CharField())
        rows = apps.get_model(model)._default_manager.filter(**mine)
        rows.update(**{name: Concat(Value("bench-"), number)})


def main() -> None:
    """Start the servers and the web, then answer line by line until the input ends."""
    with import_module("o2o.embedded").running():
        django.setup()
        settings.RATE_LIMITS = False
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        with part("servers").web(Path(os.environ["DATA_DIR"]) / "against.log") as (port, _seconds):
            answer(Side(port))


def answer(side: Side) -> None:
    """One answer a line; the first names the pages."""
    ways: dict[str, Callable[..., object]] = {"page": side.page, "flow": side.flow}
    print(json.dumps({"pages": list(side.pages)}), flush=True)  # noqa: T201
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(ways[asked.pop("do")](**asked)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
