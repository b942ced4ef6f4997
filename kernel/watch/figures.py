"""What every web process counts; `o2o/metrics.py` shows the sum over all of them."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUEST_SECONDS = Histogram(
    "o2o_request_seconds",
    "Time of a request inside the application.",
    ["route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
REQUEST_QUERIES = Histogram(
    "o2o_request_queries",
    "Statements a request asked the database.",
    ["route"],
    buckets=(0, 1, 2, 4, 8, 16, 32, 64),
)
BUSY_ANSWERS = Counter(
    "o2o_busy_answers",
    "Requests that gave up waiting for a lock or a statement.",
    ["route", "reason"],
)
