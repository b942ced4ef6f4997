"""The maintenance switch: who is told to come back, and who gets through."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from kernel.clock import at, now
from kernel.http.maintenance import current, switch_off, switch_on
from tests.factories import PASSWORD, make_order, make_user
from tests.kernel.http.head import Head


@pytest.fixture(autouse=True)
def switch(settings: Any, tmp_path: Path) -> Path:
    settings.MAINTENANCE_FILE = str(tmp_path / "switches" / "maintenance")
    return Path(settings.MAINTENANCE_FILE)


def run(*words: str) -> str:
    out = StringIO()
    call_command("maintenance", *words, stdout=out)
    return out.getvalue()


def test_visitors_are_told_when_to_come_back(client: Client) -> None:
    """Without the django_db mark: any query here would fail the test."""
    switch_on(minutes=20)
    for path in ("/", "/products/", "/basket/", "/robots.txt", "/no/such/page/"):
        response = client.get(path)
        assert response.status_code == 503
        assert 19 * 60 < int(response["Retry-After"]) <= 20 * 60
        assert "no-store" in response["Cache-Control"]
        assert "default-src 'none'" in response["Content-Security-Policy"]
        page = Head(response.content.decode())
        assert "money are safe" in page.visible
        assert "We expect to be back at" in page.visible


def test_in_chinese_too(client: Client) -> None:
    switch_on()
    response = client.get("/", headers={"accept-language": "zh-CN"})
    assert '<html lang="zh-hans"' in response.content.decode()


def test_programs_get_a_problem_document(client: Client) -> None:
    switch_on(minutes=5)
    response = client.get("/api/v1/products")
    body = json.loads(response.content)
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert body["code"] == "maintenance"
    assert str(body["retry_after_seconds"]) == response["Retry-After"]


@pytest.mark.django_db
def test_money_and_probes_get_through(client: Client) -> None:
    make_order()
    switch_on()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    notify = client.post(
        reverse("payment_notify", args=["sandbox"]), "{}", content_type="application/json"
    )
    assert notify.status_code == 401  # its signature is judged as ever


@pytest.mark.django_db
def test_the_operator_can_log_in_and_work(client: Client) -> None:
    make_user("operator", email="op@example.com")
    switch_on()
    login = client.get("/admin/", follow=True)
    assert login.status_code == 200
    address = login.request["PATH_INFO"]
    form = {"identifier": "op@example.com", "password": PASSWORD, "next": "/admin/"}
    office = client.post(address, form, follow=True)
    assert office.status_code == 200
    assert office.request["PATH_INFO"] == "/admin/"
    assert client.get("/").status_code == 503


@pytest.mark.django_db
def test_off_opens_the_shop(client: Client) -> None:
    switch_on()
    assert switch_off() is True
    assert switch_off() is False
    assert client.get("/").status_code == 200


def test_later_than_announced_people_come_back_every_minute(client: Client) -> None:
    switch_on(minutes=5)
    with at(now() + dt.timedelta(hours=1)):
        response = client.get("/")
        assert response["Retry-After"] == "60"
        assert "We expect to be back" not in response.content.decode()


def test_a_file_made_by_hand_closes_too(client: Client, switch: Path) -> None:
    switch.parent.mkdir(parents=True)
    switch.touch()
    assert current() is not None
    assert client.get("/").status_code == 503


def test_saying_it_again_changes_the_end_and_not_the_beginning() -> None:
    first = switch_on(minutes=5)
    with at(now() + dt.timedelta(minutes=3)):
        second = switch_on(minutes=30)
    assert second.since == first.since
    assert second.until > first.until


def test_the_command_says_what_is(switch: Path) -> None:
    assert "open" in run("status")
    assert "maintenance off" in run("on", "--minutes", "30")
    assert switch.exists()
    assert "closed since" in run("status")
    assert run("off").strip() == "The shop is open."
    assert not switch.exists()


@pytest.mark.django_db
def test_no_query_for_the_switch(client: Client) -> None:
    with connection.execute_wrapper(_refuse):
        assert client.get("/healthz").status_code == 200
        switch_on()
        assert client.get("/").status_code == 503


def _refuse(*args: Any) -> None:
    raise AssertionError("a query")


@pytest.mark.parametrize("minutes", ["0", "-5", "10081", "10000000000"])
def test_nobody_closes_the_shop_for_longer_than_a_week(minutes: str, switch: Path) -> None:
    with pytest.raises(CommandError, match="between 1 and 10080"):
        run("on", "--minutes", minutes)
    assert not switch.exists()
