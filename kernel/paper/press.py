"""Keeps one drawing process beside this one, and hands it one sheet at a time.

It is started by the first who wants paper, and started anew when it has ended: because it was idle,
had drawn its share, or died. Its memory (typst, fonts, about 100 MiB) is never this process's.
"""

from __future__ import annotations

import logging
import os
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from kernel.paper.errors import PaperBusy

logger = logging.getLogger(__name__)

WAIT_SECONDS = 5.0
"""How long a request waits for its turn; then it is told to come back."""
RETRY_SECONDS = 5
DRAW_SECONDS = 20.0
"""How long one sheet may take, starting the process included. A page takes milliseconds."""
CHILD = Path(__file__).with_name("child.py")
_LENGTH = struct.Struct(">I")
_MOST_ANSWER = 64 * 1024 * 1024
# One thread, so that a sheet takes one core; no secret of this process is handed on.
_ENVIRONMENT = {"RAYON_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


class NotDrawn(Exception):
    """The sheet cannot be drawn: typst refuses it, takes too long, or dies of it twice."""


class _ChildDied(Exception):
    """The process ended before it answered."""


class Press:
    """A drawing process and the queue in front of it. Safe for threads and across forks."""

    def __init__(self, *, wait_seconds: float = WAIT_SECONDS, draw_seconds: float = DRAW_SECONDS):
        self._wait_seconds, self._draw_seconds = wait_seconds, draw_seconds
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        os.register_at_fork(after_in_child=self._forget)

    @property
    def pid(self) -> int | None:
        """Of the drawing process, where one is running."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def draw(self, request: bytes) -> bytes:
        """The file that ``request`` (see child.py) asks for. Raises PaperBusy, NotDrawn."""
        if not self._turn.acquire(timeout=self._wait_seconds):
            raise PaperBusy(retry_after_seconds=RETRY_SECONDS)
        try:
            return self._draw(request)
        finally:
            self._turn.release()

    def stop(self) -> None:
        """End the drawing process; the next sheet starts another."""
        with self._turn:
            self._end()

    def _draw(self, request: bytes) -> bytes:
        until = time.monotonic() + self._draw_seconds
        try:
            return self._once(request, until)
        except _ChildDied as died:
            logger.warning("the drawing process died, and another one tries: %s", died)
        try:
            return self._once(request, until)
        except _ChildDied as died:
            raise NotDrawn(f"the drawing process died twice of the same sheet: {died}") from died

    def _once(self, request: bytes, until: float) -> bytes:
        child = self._running()
        try:
            answer = _exchange(child, request, until)
        except OSError as error:
            raise _ChildDied(self._end()) from error
        except NotDrawn:
            self._end()
            raise
        letter, body = answer[:1], answer[1:]
        if letter == b"L":
            self._end()
        if letter == b"F":
            raise NotDrawn(body.decode("utf-8", "replace"))
        return body

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = subprocess.Popen(
                [sys.executable, "-I", str(CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env=_ENVIRONMENT,
            )
            for pipe in (self._child.stdin, self._child.stdout):
                os.set_blocking(_number(pipe), False)
        return self._child

    def _end(self) -> str:
        """Kill, reap, and say how it ended."""
        child, self._child = self._child, None
        if child is None:
            return "not started"
        child.kill()
        code = child.wait()
        _close(child)
        return f"exit code {code}"

    def _forget(self) -> None:
        """In a process forked from this one: its parent's drawing process is not its own."""
        self._turn = threading.Lock()
        child, self._child = self._child, None
        if child is not None:
            child.returncode = 0  # not ours to wait for
            _close(child)


def _exchange(child: subprocess.Popen[bytes], request: bytes, until: float) -> bytes:
    """Send and receive, each within what is left of the time. Raises OSError, NotDrawn."""
    rest = memoryview(_LENGTH.pack(len(request)) + request)
    to_child, from_child = _number(child.stdin), _number(child.stdout)
    while rest:
        _wait(to_child, select.POLLOUT, until)
        rest = rest[os.write(to_child, rest) :]
    (length,) = _LENGTH.unpack(_read(from_child, _LENGTH.size, until))
    if length > _MOST_ANSWER:
        raise NotDrawn(f"{length} bytes are more than a sheet may have")
    return _read(from_child, length, until)


def _read(descriptor: int, count: int, until: float) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        _wait(descriptor, select.POLLIN, until)
        part = os.read(descriptor, count - len(parts))
        if not part:
            raise BrokenPipeError
        parts += part
    return bytes(parts)


def _wait(descriptor: int, event: int, until: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise NotDrawn("drawing took too long")


def _number(pipe: Any) -> int:
    return int(pipe.fileno())


def _close(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
