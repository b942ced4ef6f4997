"""A statement's PDF by the back office: found on its page, and a 503 in words when others are drawing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kernel.paper.sheets import press
from tests.access.world import World
from tests.pdf import read_pdf

pytestmark = pytest.mark.django_db


def test_the_page_of_a_statement_leads_to_its_pdf(world: World) -> None:
    statement = world.mine.merchant.statements.latest("pk")
    office = world.visitor("owner")
    page = office.get(reverse("admin:payments_statement_change", args=[statement.pk]))
    url = reverse("admin:payments_statement_print_here", args=[statement.pk])
    assert url in page.content.decode()
    answer = office.get(url)
    assert answer["Content-Type"] == "application/pdf"
    assert f"{statement.number}.pdf" in answer["Content-Disposition"]
    assert statement.number in read_pdf(answer.content).text


def test_a_press_that_is_taken_is_a_503_that_says_when_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = world.mine.merchant.statements.latest("pk")
    monkeypatch.setattr(press, "_wait_seconds", 0.01)
    with press._turn:
        answer = world.visitor("owner").get(
            reverse("admin:payments_statement_print_here", args=[statement.pk])
        )
    assert answer.status_code == 503 and answer["Retry-After"] == "5"
