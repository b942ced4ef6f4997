"""gunicorn with our configuration in front of a tiny application."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from o2o.embedded.errors import LaunchError
from o2o.embedded.listening import open_listener
from o2o.embedded.paths import PROJECT_ROOT
from o2o.serving.counts import clear_stale, open_counts
from o2o.serving.parser import encoded

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
    log: IO[bytes] | None = None,
    **env: str,
) -> Iterator[Served]:
    """The server; ``log`` takes what it says."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:o2o.serving.config"]
    process = subprocess.Popen(
        [*command, "tests.serving.tiny"],
        cwd=PROJECT_ROOT,
        pass_fds=pass_fds,
        stderr=log,
        env={
            **os.environ,
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
def handed_over(
    *,
    processes: int = 1,
    host: str = "127.0.0.1",
    log: IO[bytes] | None = None,
    **env: str,
) -> Iterator[Served]:
    """As the launcher does it: the socket is opened before, and handed over."""
    with ExitStack() as stack:
        probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        with probe:
            probe.bind((host, 0))
            port = probe.getsockname()[1]
        number = stack.enter_context(open_listener(host, port)).fileno()
        yield stack.enter_context(
            gunicorn(
                lambda: socket.create_connection((host, port), timeout=10),
                processes=processes,
                pass_fds=(number,),
                log=log,
                WEB_SOCKET=str(number),
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


def test_a_process_at_work_leaves_connections_to_the_idle_one(tmp_path: Path) -> None:
    mark = tmp_path / "under-way"
    with handed_over(processes=2, SLOW_MARK=str(mark)) as served:
        both_answer(served)
        with served.connect() as busy:
            busy.sendall(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
            while not mark.exists():
                time.sleep(0.01)
            seen = [served.ask()[0] for _number in range(40)]
            mark.unlink()
            answer = http.client.HTTPResponse(busy)
            answer.begin()
            at_work = answer.read().decode().split()[0]
    assert seen.count(at_work) < 20, "the process at work took as many as the idle one"


def both_answer(served: Served) -> None:
    """The second process may start long after the first."""
    seen: set[str] = set()
    until = time.monotonic() + 30
    while len(seen) < 2:
        assert time.monotonic() < until, f"only {seen} answered"
        seen.add(served.ask()[0])


def test_a_process_that_dies_is_replaced_at_its_own_socket() -> None:
    with handed_over(processes=2) as served:
        first = {served.ask()[0] for _number in range(40)}
        for pid in first:
            os.kill(int(pid), signal.SIGKILL)
        after = {served.ask()[0] for _number in range(40)}
        assert after
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
    first = open_listener("127.0.0.1", 0)
    with first, pytest.raises(LaunchError, match="in use by another program"):
        open_listener("127.0.0.1", first.getsockname()[1])


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("/echo/火锅?q=川菜&page=2", "/echo/火锅?q=%E5%B7%9D%E8%8F%9C&page=2"),
        ("/echo/%E7%81%AB?q=%20é", "/echo/火?q=%20%C3%A9"),
        ("/echo/plain?q=a+b", "/echo/plain?q=a+b"),
    ],
)
def test_an_address_in_plain_letters_is_the_same_as_its_encoded_form(
    target: str, seen: str
) -> None:
    with handed_over() as served:
        assert raw(served, target.encode()) == (200, seen.encode())


def test_an_address_cannot_smuggle_a_second_request() -> None:
    with handed_over() as served:
        for white in ("\x85", "\xa0", "\u2028", "\u3000"):
            target = f"/echo?q={white}HTTP/1.1{white}".encode()
            status, seen = raw(served, target)
            assert (status, seen) == (200, encoded(target))
        assert raw(served, b"/echo?q=\xff\xfe") == (200, b"/echo?q=%FF%FE")
        assert raw(served, "/echo 火".encode())[0] == 400
        assert raw(served, b"/echo", method="GÉT".encode())[0] == 400


def test_a_request_with_two_lengths_is_refused_and_the_connection_ends() -> None:
    """What one server takes for the body, another takes for the next request."""
    with handed_over() as served, served.connect() as line:
        lengths = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + lengths + b"\r\n0\r\n\r\n")
        told = b""
        while chunk := line.recv(65536):
            told += chunk
        assert told.startswith(b"HTTP/1.1 400 ")
        assert told.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("path", ["/", "/echo", "/file"])
def test_an_answer_to_head_has_no_body_that_the_next_answer_would_begin_with(path: str) -> None:
    with handed_over() as served, served.connect() as line:
        for _again in range(3):
            line.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = http.client.HTTPResponse(line, method="HEAD")
            head.begin()
            line.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = http.client.HTTPResponse(line)
            answer.begin()
            assert (head.status, answer.status, answer.read()) == (200, 200, b"/echo?")
        length = {"/echo": "6", "/file": "9"}.get(path)
        assert length is None or head.getheader("Content-Length") == length


def test_a_stream_asked_for_by_head_ends_with_its_head() -> None:
    with handed_over() as served, served.connect() as line:
        line.sendall(b"HEAD /streamed HTTP/1.1\r\nHost: x\r\n\r\n")
        told = b""
        while chunk := line.recv(65536):
            told += chunk
        assert told.startswith(b"HTTP/1.1 200 OK") and told.endswith(b"\r\n\r\n")
        assert told.count(b"\r\n\r\n") == 1


def raw(served: Served, target: bytes, *, method: bytes = b"GET") -> tuple[int, bytes]:
    """Send a request line as it stands; status and body of the only answer."""
    with served.connect() as line:
        line.sendall(method + b" " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.status, answer.read()


def test_in_production_the_server_s_own_lines_are_json_too(tmp_path: Path) -> None:
    said = tmp_path / "log"
    with said.open("wb") as log, handed_over(log=log, O2O_MODE="production") as served:
        os.kill(int(served.ask()[0]), signal.SIGKILL)
        served.ask()
    lines = [json.loads(line) for line in said.read_text().splitlines()]
    assert {line["logger"] for line in lines} == {"gunicorn.error"}
    events = {line["event"].partition(":")[0] for line in lines}
    assert "Booting worker with pid" in events
    assert {line["level"] for line in lines} >= {"info", "error"}


def test_elsewhere_the_server_s_lines_are_for_people(tmp_path: Path) -> None:
    said = tmp_path / "log"
    with said.open("wb") as log, handed_over(log=log):
        pass
    assert " INFO gunicorn.error " in said.read_text()


def test_a_server_that_starts_removes_the_counts_of_one_that_was_killed(tmp_path: Path) -> None:
    with handed_over() as living, handed_over() as killed:
        kept, left = (Path(each.ask("/counts")[0]) for each in (living, killed))
        worker = int(killed.ask()[0])
        killed.process.kill()
        killed.process.wait()
        while alive(worker):  # it notices within a second that nobody watches it any more
            time.sleep(0.05)
        assert left.is_dir()
        with handed_over():
            assert not left.exists()
        assert kept.is_dir()
    assert not kept.exists()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_only_counts_that_we_understand_are_removed(tmp_path: Path) -> None:
    ours = open_counts(tmp_path)
    foreign = tmp_path / "o2o-counts-foreign"
    foreign.mkdir()
    (tmp_path / "o2o-counts-link").symlink_to(foreign)
    (tmp_path / "other").mkdir()
    assert clear_stale(tmp_path) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [ours.name, "o2o-counts-foreign", "o2o-counts-link", "other"]
    )
