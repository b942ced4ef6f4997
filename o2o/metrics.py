"""`/metrics`: what the operator's Prometheus reads; docs/operations.md lists every figure.

Counts of requests come from all web processes (files in PROMETHEUS_MULTIPROC_DIR), the rest is asked
of PostgreSQL at each reading. Never public: with METRICS_TOKEN only its bearer is answered, without
it only a program on this machine that comes by no proxy. Anybody else finds no such page.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections import Counter
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Sum
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from insights.models import AuditRun
from kernel.clock import now
from kernel.outbox.models import OutboxEvent
from kernel.outbox.selectors import lane_lag
from kernel.watch.models import Incident

PATH = "/metrics"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class MetricsMiddleware:
    """Answers `/metrics` before hosts are checked: Prometheus comes by address, not by name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH:
            return self.get_response(request)
        if not may_read(request):
            return HttpResponse(status=404)
        response = HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
        response["Cache-Control"] = "no-store"
        return response


def may_read(request: HttpRequest) -> bool:
    """Whether whoever asks knows the token or, where there is none, sits at this machine."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    if settings.TRUST_PROXY or any(name in request.META for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def exposition() -> bytes:
    """Every figure in Prometheus' text form."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
        registry.register(_Stored())
        return generate_latest(registry)
    registry.register(_Stored())
    return generate_latest(REGISTRY) + generate_latest(registry)


class _Stored(Collector):
    """What stands in the database."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("o2o_database_up", "1 while PostgreSQL answers.")
        try:
            families = [*_outbox(), *_incidents(), *_audit()]
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from families


def _outbox() -> Iterator[GaugeMetricFamily]:
    waiting = GaugeMetricFamily("o2o_lane_waiting", "Due and not done.", labels=["lane"])
    oldest = GaugeMetricFamily(
        "o2o_lane_lag_seconds", "How long the oldest of it has been due.", labels=["lane"]
    )
    parked = GaugeMetricFamily("o2o_lane_parked", "Given up, needs a person.", labels=["lane"])
    for lane, lag in lane_lag().items():
        waiting.add_metric([lane], lag.waiting)
        oldest.add_metric([lane], max(0.0, lag.oldest_age_seconds))
        parked.add_metric([lane], lag.parked)
    yield from (waiting, oldest, parked)
    due = OutboxEvent.objects.filter(expanded_at__isnull=True, due_at__lte=now())
    first = due.aggregate(first=Min("due_at"))
    yield _gauge(
        "o2o_outbox_age_seconds",
        "How long the oldest event not handed out has been due.",
        _age(first["first"]),
    )


def _incidents() -> Iterator[GaugeMetricFamily]:
    opened = GaugeMetricFamily("o2o_incidents_open", "Unsettled incidents.", labels=["kind"])
    left_out = GaugeMetricFamily(
        "o2o_left_out_times",
        "How often a row or item of an unsettled incident was left out.",
        labels=["kind"],
    )
    found = Incident.objects.filter(settled_at__isnull=True).values_list("kind")
    for kind, number, times in found.annotate(Count("pk"), Sum("count")).order_by("kind"):
        opened.add_metric([kind], number)
        left_out.add_metric([kind], times)
    yield opened
    yield left_out


def _audit() -> Iterator[GaugeMetricFamily]:
    last = AuditRun.objects.order_by("-pk").first()
    if last is None:
        return
    broken = GaugeMetricFamily(
        "o2o_audit_findings", "Rows that break an invariant, last audit.", labels=["invariant"]
    )
    for code, rows in Counter(str(finding["code"]) for finding in last.findings).items():
        broken.add_metric([code], rows)
    yield broken
    yield _gauge("o2o_audit_clean", "1 when the last audit found nothing.", int(last.is_clean))
    yield _gauge("o2o_audit_age_seconds", "Time since the last audit.", _age(last.ran_at))


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _age(moment: object) -> float:
    return max(0.0, (now() - moment).total_seconds()) if moment else 0.0  # type: ignore[operator]
