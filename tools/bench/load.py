"""A load generator that leaves the cores to the server: keep-alive sockets and one selector.

Measures completed HTTP calls per second. The requests are built beforehand; every answer is
read whole and counted by its status.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Outcome:
    """What a run measured: calls by status, seconds, latencies in milliseconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    def rate(self, status: int) -> float:
        """Completed calls with ``status`` per second."""
        return self.statuses[status] / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that ``share`` (0–1) of the calls stayed below."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def post(path: str, *, token: str, key: str, body: object) -> bytes:
    """Return the bytes of an authenticated JSON POST with an Idempotency-Key."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def get(path: str, *, session: str = "", keep: bool = False) -> bytes:
    """Return the bytes of a browser's page request, signed in when there is a session key.

    Each comes by a connection of its own, as from so many visitors, unless the connection is to be
    kept: of two that stay open both may end at the same process, which then shows in the figures.
    """
    cookie = f"Cookie: sessionid={session}\r\n" if session else ""
    close = "" if keep else "Connection: close\r\n"
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{close}Accept-Language: en\r\n"
    return f"{head}Accept-Encoding: gzip\r\n{cookie}\r\n".encode()


class _Client:
    """One connection with at most one call under way."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = self._connect()
        self.buffer = b""
        self.sent_at = 0.0

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send(self, request: bytes) -> None:
        self.buffer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """Read what is there; the status once the answer is whole."""
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        self.buffer += chunk
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        if b"content-length:" in lower:
            length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            if len(rest) < length:
                return None
        elif not rest.endswith(b"0\r\n\r\n"):
            return None
        if b"connection: close" in lower:
            self.socket.close()
            self.socket = self._connect()
        return int(head.split(b" ", 2)[1])


def run_load(*, port: int, clients: int, seconds: float, requests: Iterator[bytes]) -> Outcome:
    """Keep ``clients`` calls under way for ``seconds``; ends early when ``requests`` run out."""
    outcome = Outcome()
    selector = selectors.DefaultSelector()
    begun = time.perf_counter()
    until = begun + seconds
    for _number in range(clients):
        client = _Client(port)
        client.send(next(requests))
        selector.register(client.socket, selectors.EVENT_READ, client)
    waiting = clients
    while waiting:
        for key, _events in selector.select(timeout=30):
            client = key.data
            status = client.receive()
            if status is None:
                continue
            moment = time.perf_counter()
            outcome.statuses[status] += 1
            outcome.latencies_ms.append((moment - client.sent_at) * 1000)
            if client.socket is not key.fileobj:
                selector.unregister(key.fileobj)
                selector.register(client.socket, selectors.EVENT_READ, client)
            request = next(requests, None) if moment < until else None
            if request is None:
                selector.unregister(client.socket)
                client.socket.close()
                waiting -= 1
            else:
                client.send(request)
    outcome.seconds = time.perf_counter() - begun
    return outcome
