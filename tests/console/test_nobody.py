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
def test_a_role_that_reads_figures_is_led_to_the_day_of_its_store(role: str) -> None:
    store = cast().store
    page = page_of(make_staff(store, role=role))
    assert f'href="{reverse("console_today", args=[store.pk])}"' in page
    assert f'href="{reverse("console_store", args=[store.pk])}"' not in page


def test_a_role_of_the_back_office_without_a_store_is_led_there() -> None:
    store = cast().store
    type(store.merchant).objects.filter(pk=store.merchant_id).update(state="suspended")
    page = page_of(make_staff(store, role="finance"))
    assert "back office" in page and f'href="{reverse("admin:index")}"' in page
    assert "belongs to no store" not in page and "Ask its owner" not in page


def test_a_customer_is_told_how_to_join() -> None:
    page = page_of(make_user())
    assert "belongs to no store" in page and "Ask its owner" in page
    assert "back office" not in page.partition("<main")[2].partition("</main>")[0]
