"""/metrics: what it tells, and to whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from insights.models import AuditRun
from kernel.clock import now
from kernel.outbox.services import publish
from kernel.watch.services import report_incident

pytestmark = pytest.mark.django_db


def figures(client: Client | None = None, **headers: str) -> dict[tuple[str, ...], float]:
    answer = (client or Client()).get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status() -> None:
    before = figures().get(("o2o_request_seconds_count", "2xx", "store_list"), 0)
    Client().get("/stores/")
    Client().get("/no/page/")
    after = figures()
    assert after["o2o_request_seconds_count", "2xx", "store_list"] == before + 1
    assert after["o2o_request_queries_count", "store_list"] >= 1
    assert after["o2o_request_seconds_count", "4xx", "none"] >= 1


def test_what_waits_in_the_outbox_is_told() -> None:
    with transaction.atomic():
        publish("password.forgotten", due_at=now() - dt.timedelta(minutes=2), user_id=1)
        publish("password.forgotten", due_at=now() + dt.timedelta(hours=1), user_id=2)
    found = figures()
    assert found["o2o_lane_waiting", "sign-in"] == 1
    assert 120 <= found["o2o_lane_lag_seconds", "sign-in"] < 180
    assert found["o2o_lane_waiting", "money"] == found["o2o_lane_parked", "money"] == 0
    assert 120 <= found[("o2o_outbox_age_seconds",)] < 180


def test_what_is_due_later_is_not_late() -> None:
    with transaction.atomic():
        publish("password.forgotten", due_at=now() + dt.timedelta(hours=1), user_id=2)
    assert figures()[("o2o_outbox_age_seconds",)] == 0


def test_incidents_and_broken_invariants_are_told() -> None:
    report_incident(kind="catalog.card", subject="product:17", error="unreadable")
    report_incident(kind="catalog.card", subject="product:18", error="unreadable")
    AuditRun.objects.create(
        duration_ms=5, is_clean=False, findings=[{"code": "escrow"}, {"code": "escrow"}]
    )
    found = figures()
    assert found["o2o_incidents_open", "catalog.card"] == 2
    assert found["o2o_left_out_times", "catalog.card"] == 2
    assert found["o2o_audit_findings", "escrow"] == 2
    assert found[("o2o_audit_clean",)] == 0


@pytest.mark.parametrize(
    "meta",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": "10.0.0.1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"},
        {"REMOTE_ADDR": "localhost"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_nobody_from_elsewhere_reads_them(meta: dict[str, str]) -> None:
    assert Client(**meta).get("/metrics").status_code == 404


def test_behind_a_proxy_loopback_proves_nothing(settings: Any) -> None:
    settings.TRUST_PROXY = True
    assert Client().get("/metrics").status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer wrong", "right", "Bearer right2", "Bearer ·"])
def test_with_a_token_only_the_token_opens(settings: Any, given: str) -> None:
    settings.METRICS_TOKEN = "right"
    assert Client().get("/metrics", headers={"Authorization": given}).status_code == 404
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert figures(elsewhere, Authorization="Bearer right")
