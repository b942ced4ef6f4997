"""The operator reads in plain words what was left out, and what to do; the technical text is folded."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from insights.incidents import INCIDENTS, UNKNOWN, words_of
from kernel.watch.models import Incident
from kernel.watch.services import report_incident
from tests.factories import make_merchant, make_user

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
ROOMS = (
    "stores",
    "members",
    "messages",
    "catalog",
    "payments",
    "vouchers",
    "orders",
    "reviews",
    "insights",
    "o2o",
    "kernel",
    "console",
)
REPORTING = {"report_incident", "try_each", "sweep"}


def kinds() -> set[str]:
    """Every kind that the code reports, as far as it is written out."""
    found = set()
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REPORTING:
                    found |= {_written(word.value) for word in node.keywords if word.arg == "kind"}
    return found - {""}


def _written(value: ast.expr) -> str:
    if isinstance(value, ast.JoinedStr):
        value = value.values[0]
    return str(value.value) if isinstance(value, ast.Constant) else ""


def test_every_kind_that_is_reported_has_words() -> None:
    reported = kinds()
    assert {"catalog.card", "payments.settle", "web.error", "admin."} <= reported
    for kind in reported:
        assert words_of(Incident(kind=kind)) is not UNKNOWN, kind


def test_the_nearest_words_are_taken() -> None:
    assert words_of(Incident(kind="payments.query_refund")) is INCIDENTS["payments.query_refund"]
    assert words_of(Incident(kind="catalog.whatever")) is INCIDENTS["catalog."]
    assert words_of(Incident(kind="numbers")) is UNKNOWN


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "A product was left out of lists and searches."),
        ("zh-hans", "有商品未出现在列表和搜索中。"),
    ],
)
def test_the_operator_reads_words_first(client: Client, language: str, said: str) -> None:
    report_incident(kind="catalog.card", subject="product:17", error="KeyError: 'price_fen'")
    client.force_login(make_user("operator", language=language))
    headers = {"accept-language": language}
    listed = client.get(
        reverse("admin:watch_incident_changelist"), headers=headers
    ).content.decode()
    assert said in listed
    assert "catalog.card" not in listed and "KeyError" not in listed
    page = reverse("admin:watch_incident_change", args=[Incident.objects.get().pk])
    html = client.get(page, headers=headers).content.decode()
    assert said in html
    folded = re.search(r"<details>.*?</details>", html, re.DOTALL)
    assert folded and "catalog.card product:17" in folded[0] and "KeyError" in folded[0]
    assert "KeyError" not in html.replace(folded[0], "")


@pytest.mark.parametrize(("query", "times"), [("", 0), ("?q=statement", 1), ("?q=nowhere", 1)])
def test_a_list_leads_to_all_of_its_rows_once(client: Client, query: str, times: int) -> None:
    make_merchant(name_en="Statement House")
    client.force_login(make_user("operator"))
    html = client.get(reverse("admin:stores_merchant_changelist") + query).content.decode()
    assert html.count("Without search and filters") == times
    assert "Show all" not in html


def test_all_rows_on_one_page_and_all_without_filters_are_called_differently(
    client: Client,
) -> None:
    for number in range(31):
        make_merchant(name_en=f"Statement House {number}")
    client.force_login(make_user("operator"))
    html = client.get(f"{reverse('admin:stores_merchant_changelist')}?q=house").content.decode()
    assert (html.count("Show all"), html.count("Without search and filters")) == (1, 1)
