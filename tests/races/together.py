"""Many threads at one row: started together, each with a connection of its own."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

from django.core.cache import caches
from django.db import connection, connections

from kernel.errors import Refusal

# The embedded PostgreSQL has 300 connections, and two test processes may share it.
MOST_THREADS = 40
PATIENCE_SECONDS = 15

Job = Callable[[], Any]


def together(jobs: Sequence[Job], *, wrapper: Any = None) -> list[Any]:
    """Run the jobs in parallel and return what each one returned, in their order.

    At most MOST_THREADS threads; they are connected to the database before the common
    start, so that nobody has finished before the last one begins. A Refusal is an answer and
    is returned; any other exception fails the test. ``wrapper`` sees every statement of these
    threads (Django's ``execute_wrapper``).
    """
    count = min(len(jobs), MOST_THREADS)
    start = threading.Barrier(count)
    turn = itertools.count()
    answers: list[Any] = [None] * len(jobs)

    def work() -> None:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE_SECONDS)
            with connection.execute_wrapper(wrapper) if wrapper else nullcontext():
                while (number := next(turn)) < len(jobs):
                    answers[number] = _answer(jobs[number])
        finally:
            connections.close_all()
            caches.close_all()

    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(work) for _ in range(count)]:
            future.result()
    return answers


def _answer(job: Job) -> Any:
    try:
        return job()
    except Refusal as refusal:
        return refusal


def refusals(answers: Iterable[Any]) -> Counter[str]:
    """How often each refusal was answered, by code."""
    return Counter(answer.code for answer in answers if isinstance(answer, Refusal))


def won(answers: Iterable[Any]) -> list[Any]:
    """The answers that are no refusal."""
    return [answer for answer in answers if not isinstance(answer, Refusal)]


def until_waited_for(over: threading.Event) -> None:
    """Go on when another connection waits for a lock of ours, or ``over`` says that it never had to."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        while not over.wait(0.01):
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone():
                return
            assert time.monotonic() < ends_at, "nobody waits, and nobody is done"
