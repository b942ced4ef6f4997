"""Where the seeds of the long runs come from: ``SEED=7 make torture`` does history 7 again."""

from __future__ import annotations

import os
import random

from tests.forms import LONG


def seeds(short: int, long: int) -> list[int]:
    """``SEED`` alone when it is given; else the first ``short`` ones, or ``long`` random ones.

    Each test shows its seed in its name. The workers of pytest-xdist draw the same ones: they know
    the run by one id.
    """
    if given := os.environ.get("SEED"):
        return [int(given)]
    if not LONG:
        return list(range(1, short + 1))
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or os.urandom(8).hex()
    return sorted(random.Random(run).sample(range(10_000), long))
