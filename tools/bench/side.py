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
from django.conf import settings

sys.path.insert(0, os.getcwd())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o.settings")
CLIENTS, CALLERS = 16, 2


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
        self.runs = 0

    def page(self, name: str, calls: int) -> dict[str, float]:
        """Milliseconds of complete answers, two callers at two processes."""
        page = self.pages[name]
        request = self.load.get(page.path, session=page.session)
        done = self.load.run_load(
            port=self.port, clients=CALLERS, seconds=60, requests=iter([request] * calls)
        )
        if set(done.statuses) != {200}:
            raise RuntimeError(f"{page.path}: {dict(done.statuses)}")
        return {"ms": statistics.median(done.latencies_ms)}

    def flow(self, kind: str, seconds: float) -> dict[str, float]:
        """Completed redemptions or orders per second."""
        done = self.load.run_load(
            port=self.port, clients=CLIENTS, seconds=seconds, requests=self._requests(kind, seconds)
        )
        if set(done.statuses) != {201}:
            raise RuntimeError(f"{kind}: {dict(done.statuses)}")
        return {"rate": done.rate(201)}

    def _requests(self, kind: str, seconds: float) -> Iterator[bytes]:
        shop = part("shop")
        self.shop = self.shop or shop.make_bench_shop()
        self.runs += 1
        if kind == "order":
            return shop.order_requests(self.shop, f"{os.getpid()}-{self.runs}")
        return shop.redemption_requests(
            self.shop, shop.sell_vouchers(self.shop, int(seconds * 1000))
        )


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
