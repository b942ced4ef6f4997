"""A name that changes in the admin is what stores and products are found by, soon after."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from catalog.search import ProductQuery, find_products
from kernel.outbox.models import OutboxEvent
from stores.models import Store
from tests.factories import make_category, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client) -> Any:
    client.force_login(make_user("operator"))
    return client


def save(client, row: Any, **changes: Any) -> None:
    """Send the form of ``row`` back as a browser would, with some fields changed."""
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    form = client.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value not in (None, "")}
    response = client.post(url, data | changes)
    assert response.status_code == 302, response.context["errors"]


def found(text: str) -> list[str]:
    return [product.title_en for product in find_products(ProductQuery(text=text)).rows]


def test_a_renamed_merchants_deals_are_found_by_the_new_name(operator, drain) -> None:
    product = make_product(title_en="Dinner")
    make_product(title_en="Something else")
    save(operator, product.merchant, name_en="Lighthouse Kitchen", name_zh="灯塔厨房")
    drain()
    assert found("lighthouse") == found("灯塔") == ["Dinner"]
    assert [store.merchant_id for store in Store.objects.matching("lighthouse")] == [
        product.merchant_id
    ]


def test_a_renamed_shelf_gives_its_words_to_the_deals_below_it(operator, drain) -> None:
    parent = make_category(name_en="Drinks")
    make_product(title_en="Latte", category=make_category(name_en="Coffee", parent=parent))
    make_product(title_en="Haircut")
    save(operator, parent, name_en="Beverages")
    drain()
    assert found("beverages") == ["Latte"]
    assert found("drinks") == []


def test_other_changes_of_a_merchant_ask_for_nothing(operator) -> None:
    save(operator, make_product().merchant, contact_name="Wen")
    assert not OutboxEvent.objects.filter(topic__endswith=".renamed").exists()
