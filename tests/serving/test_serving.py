"""gunicorn with our configuration in front of a tiny application."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from o2o.embedded.environment import heard
from o2o.embedded.errors import LaunchError
from o2o.embedded.listening import SPREADS, open_listeners
from o2o.embedded.paths import PROJECT_ROOT

THREADS = 2


class Served:
    """A running gunicorn, and how to reach it."""

    def __init__(self, connect: Callable[[], socket.socket], process: subprocess.Popen[bytes]):
        self.connect = connect
        self.process = process

    def ask(self, path: str = "/", **headers: str) -> list[str]:
        """Process, bytes received and X-Forwarded-Proto, as the application saw them."""
        with self.connect() as line:
            extra = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{extra}\r\n"
            line.sendall(request.encode())
            answer = http.client.HTTPResponse(line)
            answer.begin()
            assert answer.status == 200
            return answer.read().decode().split()


@contextmanager
def gunicorn(
    connect: Callable[[], socket.socket],
    *,
    processes: int,
    pass_fds: tuple[int, ...] = (),
    **env: str,
) -> Iterator[Served]:
    command = [sys.executable, "-m", "gunicorn", "--config", "python:o2o.serving.config"]
    process = subprocess.Popen(
        [*command, "tests.serving.tiny"],
        cwd=PROJECT_ROOT,
        pass_fds=pass_fds,
        env={
            **heard(os.environ),
            "WEB_CONCURRENCY": str(processes),
            "WEB_THREADS": str(THREADS),
            **env,
        },
    )
    served = Served(connect, process)
    try:
        until = time.monotonic() + 30
        while True:
            try:
                served.ask()
                break
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < until and process.poll() is None
                time.sleep(0.05)
        yield served
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def handed_over(*, processes: int = 1, host: str = "127.0.0.1", **env: str) -> Iterator[Served]:
    """As the launcher does it: the sockets are opened before, and handed over."""
    with ExitStack() as stack:
        probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        with probe:
            probe.bind((host, 0))
            port = probe.getsockname()[1]
        listeners = open_listeners(host, port, count=processes)
        for each in listeners:
            stack.enter_context(each)
        numbers = tuple(each.fileno() for each in listeners)
        yield stack.enter_context(
            gunicorn(
                lambda: socket.create_connection((host, port), timeout=10),
                processes=processes,
                pass_fds=numbers,
                WEB_SOCKETS=",".join(map(str, numbers)),
                **env,
            )
        )


def half_sent(served: Served) -> socket.socket:
    line = served.connect()
    line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nbegun")
    return line


def test_half_sent_bodies_and_silent_connections_stop_nobody() -> None:
    with handed_over() as served, ExitStack() as stack:
        for _number in range(THREADS * 10):
            stack.enter_context(half_sent(served))
            stack.enter_context(served.connect())
        assert served.ask()[1] == "0"


def test_a_half_sent_head_stops_nobody() -> None:
    with handed_over() as served, ExitStack() as stack:
        for _number in range(THREADS * 10):
            stack.enter_context(served.connect()).sendall(b"GET / HTTP/1.1\r\nHost")
        assert served.ask()[1] == "0"


def test_a_slow_body_arrives_whole() -> None:
    with handed_over() as served, half_sent(served) as line:
        line.sendall(b"x" * 995)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.read().decode().split()[1] == "1000"


@pytest.mark.skipif(not SPREADS, reason="only Linux deals connections out")
def test_connections_kept_open_spread_over_the_processes() -> None:
    with handed_over(processes=2) as served, ExitStack() as stack:
        lines = [stack.enter_context(served.connect()) for _number in range(40)]
        seen = set()
        for line in lines:
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = http.client.HTTPResponse(line)
            answer.begin()
            seen.add(answer.read().split()[0])
        assert len(seen) == 2


def test_a_process_that_dies_is_replaced_at_its_own_socket() -> None:
    with handed_over(processes=2) as served:
        first = {served.ask()[0] for _number in range(40)}
        for pid in first:
            os.kill(int(pid), signal.SIGKILL)
        after = {served.ask()[0] for _number in range(40)}
        assert len(after) == len(first)
        assert not after & first


def test_what_a_proxy_says_reaches_the_settings() -> None:
    with handed_over() as served:
        assert served.ask(**{"X-Forwarded-Proto": "https"})[2] == "https"


def test_a_request_under_way_is_answered_when_the_server_is_stopped(tmp_path: Path) -> None:
    mark = tmp_path / "under-way"
    with handed_over(SLOW_MARK=str(mark)) as served, served.connect() as line:
        line.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        while not mark.exists():
            time.sleep(0.01)
        served.process.terminate()
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 200
        assert served.process.wait(timeout=10) == 0


def test_it_listens_on_ipv6() -> None:
    with handed_over(host="::1") as served:
        assert served.ask()[1] == "0"


def test_it_listens_on_a_unix_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "web.sock")

    def connect() -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(10)
        try:
            line.connect(path)
        except OSError:
            line.close()
            raise
        return line

    with gunicorn(connect, processes=2, WEB_BIND=f"unix:{path}") as served:
        assert served.ask()[1] == "0"


def test_the_port_is_refused_while_another_copy_has_it() -> None:
    (first,) = open_listeners("127.0.0.1", 0, count=1)
    with first, pytest.raises(LaunchError, match="in use by another program"):
        open_listeners("127.0.0.1", first.getsockname()[1], count=2)
