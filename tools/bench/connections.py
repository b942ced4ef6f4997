"""What connections cost: many that stay open over two processes, and clients that send slowly.

Ratios within one run, taken in turns: what else the machine does hits both sides.
"""

from __future__ import annotations

import socket
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import repeat

from tools.bench.judge import Judge
from tools.bench.load import get, run_load

ROUNDS = 5
SECONDS = 3
CLIENTS = 8
GAIN = 1.4
HALF_SENT, SILENT, SLOWER = 40, 60, 2.0
CALLS = 100
FILTERED = "/products/?min_price=1"


def spreading(judge: Judge, port: int) -> None:
    """Eight clients that keep their connections against one: both processes must work."""
    request = get(FILTERED, keep=True)
    run_load(port=port, clients=CLIENTS, seconds=SECONDS, requests=repeat(request))
    gains = []
    for _number in range(ROUNDS):
        alone = run_load(port=port, clients=1, seconds=SECONDS, requests=repeat(request))
        many = run_load(port=port, clients=CLIENTS, seconds=SECONDS, requests=repeat(request))
        gains.append(many.rate(200) / alone.rate(200))
    judge.at_least(
        f"{CLIENTS} kept connections against one",
        statistics.median(gains),
        "{:.2f} ×",
        GAIN,
        f"{min(gains):.2f}–{max(gains):.2f}",
    )


def slow_clients(judge: Judge, port: int, product: str) -> None:
    """p95 beside half-sent bodies and silent connections, against p95 without."""
    for name, path in (("the health check", "/healthz"), ("a product page", product)):
        request = get(path, keep=True)
        ratios = []
        _p95(port, request)
        for _number in range(ROUNDS):
            alone = _p95(port, request)
            with _crowd(port):
                ratios.append(_p95(port, request) / alone)
        judge.at_most(
            f"{name} beside slow clients, p95",
            statistics.median(ratios),
            "{:.2f} ×",
            SLOWER,
            f"{min(ratios):.2f}–{max(ratios):.2f}",
        )


def _p95(port: int, request: bytes) -> float:
    calls = iter(list(repeat(request, CALLS)))
    return run_load(port=port, clients=1, seconds=60, requests=calls).percentile(0.95)


@contextmanager
def _crowd(port: int) -> Iterator[None]:
    head = b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nbegun"
    with ExitStack() as stack:
        for number in range(HALF_SENT + SILENT):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            if number < HALF_SENT:
                line.sendall(head)
        yield
