"""The processes that are measured: gunicorn with two workers, a Celery worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

MIB = 1024 * 1024


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "O2O_MODE": "demo",
        "RATE_LIMITS": "0",
        "LOG_LEVEL": "WARNING",
        "WEB_CONCURRENCY": "2",
        "WEB_THREADS": "4",
        "MALLOC_ARENA_MAX": "2",
    }


@contextmanager
def web(log: Path, **environment: str) -> Iterator[tuple[int, float]]:
    """gunicorn as `make demo` runs it; yields its port and the seconds to the first page."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:o2o.serving.config"]
    environment = {"WEB_BIND": f"127.0.0.1:{port}", **environment}
    begun = time.monotonic()
    with _process([*command, "o2o.wsgi"], log, environment) as server:
        while not _answers(port):
            if server.poll() is not None or time.monotonic() - begun > 60:
                raise RuntimeError(f"gunicorn did not start, see {log}")
            time.sleep(0.02)
        yield port, time.monotonic() - begun


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


@contextmanager
def worker(log: Path) -> Iterator[int]:
    """A Celery worker as `make demo` runs them, of all lanes; yields its process id."""
    command = [sys.executable, "-m", "celery", "-A", "o2o", "worker", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with _process(command, log, {}) as process:
        yield process.pid


@contextmanager
def _process(
    command: list[str], log: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env=_environment() | environment,
            cwd=settings.BASE_DIR,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def resident_mib(pid: int) -> float:
    """Resident memory of a process and its children, in MiB (Linux)."""
    pids = [pid, *_children(pid)]
    return sum(_resident_bytes(each) for each in pids) / MIB


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()] if path.exists() else []


def _resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
