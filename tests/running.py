"""How a run of the tests goes: what takes long begins first, and the end says what took longest."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST_FIRST = (
    "test_types.py",
    "journeys",
    "demo",
    "crash",
    "torture",
    "access",
    "nonsense",
    "api",
    "embedded",
    "races",
)
"""Rooms and files that take longest. Begun last, one of them would leave the other workers idle."""
SHOWN = 10


def place(item: pytest.Item) -> int:
    """The place of a test's room in a run; those without a name here come last, as they stand."""
    room = item.path.relative_to(HERE).parts[0] if HERE in item.path.parents else ""
    return LONGEST_FIRST.index(room) if room in LONGEST_FIRST else len(LONGEST_FIRST)


def slowest_files(terminal: pytest.TerminalReporter) -> list[str]:
    """The files that took longest, with their seconds: how `make test` grows is seen here."""
    seconds: Counter[str] = Counter()
    for reports in terminal.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.location[0]] += report.duration
    if len(seconds) <= SHOWN:
        return []
    return [f"{took:7.1f} s  {name}" for name, took in seconds.most_common(SHOWN)]
