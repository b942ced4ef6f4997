"""Rows that a request leaves behind, and that a thread writes a moment later, many at once.

Leaving one costs some microseconds and no statement. A process that is killed loses what it has not
written yet: at most BATCH_SECONDS of it, which is why nothing that earns or ends something comes here.
A process that is asked to stop writes first.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)

from kernel.watch.services import report_incident

Row = TypeVar("Row")
_all: list[Batch[Any]] = []
MOST_KEPT = 20_000
"""While the database is away; what comes after that is lost, and reported."""
MOST_AT_ONCE = 500
IDLE_SECONDS = 60.0
"""After so long without a row the thread ends, and its connection with it."""


def forget_all() -> None:
    """Drop what waits in this process, of every batch; what a test left is not the next one's."""
    for batch in _all:
        batch.forget()


class Batch(Generic[Row]):
    """Rows on their way to ``write``, which puts a list of them into the database in one transaction.

    With settings.BATCH_SECONDS 0 (tests) no thread writes: who wants the rows says `flush`.
    """

    def __init__(self, name: str, write: Callable[[Sequence[Row]], None]) -> None:
        self.name, self._write = name, write
        _all.append(self)
        self._begin()
        atexit.register(self._last)

    def add(self, row: Row) -> None:
        """Leave a row; costs no statement."""
        if self._process != os.getpid():  # a fork: the parent writes its own rows
            self._begin()
        if len(self._rows) >= MOST_KEPT:
            report_incident(kind="facts.lost", subject=self.name, error="too many rows wait")
            return
        self._rows.append(row)
        if settings.BATCH_SECONDS and not self._running:
            self._start()

    def flush(self) -> int:
        """Write what waits, in this thread's connection; return how many rows. Raises DatabaseError."""
        written = 0
        with self._writing:
            while rows := self._take():
                try:
                    self._write_each(rows)
                except DatabaseError:
                    self._rows.extendleft(reversed(rows))
                    raise
                written += len(rows)
        return written

    def forget(self) -> None:
        """Drop what waits."""
        self._rows.clear()

    def _begin(self) -> None:
        self._rows: deque[Row] = deque()
        self._starting, self._writing = threading.Lock(), threading.Lock()
        self._running = False
        self._process = os.getpid()

    def _take(self) -> list[Row]:
        return [self._rows.popleft() for _ in range(min(len(self._rows), MOST_AT_ONCE))]

    def _write_each(self, rows: Sequence[Row]) -> None:
        """All at once; where one of them cannot be written, that one is reported and left out.

        ValueError is the driver's word for a text that no database keeps: NUL, half a character.
        """
        try:
            with transaction.atomic():
                self._write(rows)
        except (IntegrityError, DataError, ValueError) as error:
            if len(rows) == 1:
                report_incident(kind="facts.refused", subject=self.name, error=error)
                return
            middle = len(rows) // 2
            self._write_each(rows[:middle])
            self._write_each(rows[middle:])

    def _start(self) -> None:
        with self._starting:
            if self._running:
                return
            self._running = True
            threading.Thread(target=self._run, name=f"batch-{self.name}", daemon=True).start()

    def _run(self) -> None:
        quiet_since = time.monotonic()
        try:
            while settings.BATCH_SECONDS and time.monotonic() - quiet_since < IDLE_SECONDS:
                time.sleep(settings.BATCH_SECONDS)
                if self._rows:
                    quiet_since = time.monotonic()
                    self._try()
        finally:
            self._running = False
            connection.close()
        if self._rows and settings.BATCH_SECONDS:  # left while this thread was ending
            self._start()

    def _try(self) -> None:
        try:
            self.flush()
        except (OperationalError, DatabaseError) as error:
            report_incident(kind="facts.waiting", subject=self.name, error=error)
            connection.close()  # the next turn takes up a new one

    def _last(self) -> None:
        if self._process == os.getpid() and self._rows and settings.BATCH_SECONDS:
            self._try()
            connection.close()
