"""The help page: anchors that other pages point to, figures from the settings, contact."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.kernel.http.head import Head

pytestmark = pytest.mark.django_db
TOPICS = [
    "buying",
    "vouchers",
    "redeeming",
    "refunds",
    "refused",
    "limited",
    "account",
    "merchants",
]


def ids(html: str) -> list[str]:
    return re.findall(r'\sid="([^"]+)"', html)


def test_every_topic_and_every_question_has_one_anchor(client: Client) -> None:
    html = client.get(reverse("help")).content.decode()
    found = ids(html)
    assert set(TOPICS) <= set(found)
    assert len(found) == len(set(found))
    questions = re.findall(r'<details class="qa" id="([^"]+)">', html)
    assert len(questions) == html.count('class="qa"') > 20
    for topic in TOPICS:
        assert f'href="#{topic}"' in html


def test_links_of_other_pages_hit_a_question(client: Client) -> None:
    found = set(ids(client.get(reverse("help")).content.decode()))
    pointed = {
        anchor
        for file in Path("templates").rglob("*.html")
        for anchor in re.findall(
            r"\{\{ help_url \}\}#([\w-]+)|url 'help' %\}#([\w-]+)", file.read_text()
        )
        for anchor in anchor
        if anchor
    }
    assert "refunds" in pointed
    assert pointed <= found


def test_figures_are_those_of_this_shop(client: Client, settings: Any) -> None:
    settings.ORDER_TIMEOUT_MINUTES, settings.UNDO_WINDOW_MINUTES = 23, 7
    page = Head(client.get(reverse("help")).content.decode())
    assert "You have 23 minutes to pay" in page.visible
    assert "undo a redemption for 7 minutes" in page.visible


def test_contact_is_shown_where_the_operator_gave_one(client: Client, settings: Any) -> None:
    settings.OPERATOR_EMAIL = settings.OPERATOR_PHONE = ""
    html = client.get(reverse("help")).content.decode()
    assert 'id="contact"' not in html and "mailto:" not in html
    settings.OPERATOR_EMAIL = "help@example.com"
    html = client.get(reverse("help")).content.decode()
    assert 'href="mailto:help@example.com"' in html
    assert "tel:" not in html


def test_every_page_leads_here(client: Client) -> None:
    html = client.get(reverse("home")).content.decode()
    assert f'href="{reverse("help")}"' in html.partition("<footer")[2]
