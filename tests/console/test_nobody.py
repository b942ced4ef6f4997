"""Somebody without a store at the console is told where their work is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import cast, make_staff, make_user

pytestmark = pytest.mark.django_db


def page_of(user) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client.get(reverse("console_home")).content.decode()


@pytest.mark.parametrize("role", ["reader", "finance"])
def test_a_role_of_the_back_office_is_led_there(role: str) -> None:
    page = page_of(make_staff(cast().store, role=role))
    assert "back office" in page and f'href="{reverse("admin:index")}"' in page
    assert "belongs to no store" not in page and "Ask its owner" not in page


def test_a_customer_is_told_how_to_join() -> None:
    page = page_of(make_user())
    assert "belongs to no store" in page and "Ask its owner" in page
    assert "back office" not in page.partition("<main")[2].partition("</main>")[0]
