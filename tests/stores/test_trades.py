"""A new business can put its first product somewhere: the trades it asked for are open."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Category
from kernel.errors import InvalidInput
from stores.models import Merchant
from stores.services.merchants import (
    apply_merchant,
    approve_merchant,
    reinstate_merchant,
    suspend_merchant,
)
from stores.trades import opened_trades
from tests.factories import make_merchant, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves() -> dict[str, Category]:
    rows = {
        slug: Category.objects.create(slug=slug, name_en=slug.title(), name_zh=slug, position=place)
        for place, slug in enumerate(("food", "beauty", "pets"))
    }
    rows["noodles"] = Category.objects.create(
        slug="noodles", name_en="Noodles", name_zh="面", parent=rows["food"]
    )
    return rows


def test_the_trades_asked_for_are_open_with_the_approval(shelves: Any) -> None:
    owner = make_user()
    merchant = apply_merchant(applicant=owner, name_en="Corner", trades=["pets", "food", "pets"])
    assert merchant.trades == ["food", "pets"]
    assert opened_trades(merchant) == []
    approve_merchant(merchant_id=merchant.pk, decided_by=make_user("operator"))
    assert opened_trades(merchant) == ["Food", "Pets"]


def test_an_approval_that_opens_no_trade_changes_nothing(shelves: Any) -> None:
    merchant = apply_merchant(applicant=make_user(), name_en="Corner")
    with pytest.raises(InvalidInput) as refused:
        approve_merchant(merchant_id=merchant.pk, decided_by=make_user("operator"))
    assert set(refused.value.extra["fields"]) == {"trades"}
    merchant.refresh_from_db()
    assert merchant.state == Merchant.State.APPLIED


@pytest.mark.parametrize("slug", ["noodles", "no-such-trade", ""])
def test_a_trade_is_one_of_the_list(slug: str, shelves: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        apply_merchant(applicant=make_user(), name_en="Corner", trades=["food", slug])
    assert set(refused.value.extra["fields"]) == {"trades"}


def test_what_the_operator_closed_stays_closed_when_a_business_comes_back(shelves: Any) -> None:
    operator = make_user("operator")
    merchant = apply_merchant(applicant=make_user(), name_en="Corner", trades=["food", "pets"])
    approve_merchant(merchant_id=merchant.pk, decided_by=operator)
    merchant.categories.remove(shelves["pets"])
    suspend_merchant(merchant_id=merchant.pk, decided_by=operator)
    reinstate_merchant(merchant_id=merchant.pk, decided_by=operator)
    assert opened_trades(merchant) == ["Food"]


def test_the_application_asks_for_the_trade(client: Any, shelves: Any) -> None:
    client.force_login(make_user())
    url = reverse("merchant_apply")
    page = client.get(url).content.decode()
    assert "Your trade" in page and 'value="pets"' in page and 'value="noodles"' not in page
    facts = {"name_en": "Corner", "contact_name": "Wang", "contact_phone": "1380000"}
    client.post(url, facts)
    assert not Merchant.objects.exists()
    client.post(url, facts | {"trades": ["pets", "beauty"]})
    assert Merchant.objects.get().trades == ["beauty", "pets"]


def test_the_operator_sees_and_changes_the_trades_before_approving(
    client: Any, shelves: Any
) -> None:
    merchant = apply_merchant(applicant=make_user(), name_en="Corner", trades=["food"])
    client.force_login(make_user("operator"))
    url = reverse("admin:stores_merchant_change", args=[merchant.pk])
    form = client.get(url).context["adminform"].form
    assert form.initial["trades"] == ["food"]
    data = {name: form[name].value() or "" for name in form.fields if name != "mark"}
    data |= {"trades": ["beauty"], "stores_merchant_approve_now": "1"}
    assert client.post(url, data).status_code == 302
    assert opened_trades(merchant) == ["Beauty"]
    assert "Beauty" in client.get(url).content.decode()


def test_nobody_is_approved_without_a_trade(client: Any, shelves: Any) -> None:
    merchant = apply_merchant(applicant=make_user(), name_en="Corner", trades=["food"])
    Merchant.objects.update(trades=[])
    client.force_login(make_user("operator"))
    url = reverse("admin:stores_merchant_change", args=[merchant.pk])
    form = client.get(url).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields if name != "mark"}
    data |= {"trades": [], "stores_merchant_approve_now": "1"}
    assert set(client.post(url, data).context["adminform"].form.errors) == {"trades"}
    many = {"action": "approve", "_selected_action": [merchant.pk]}
    client.post(reverse("admin:stores_merchant_changelist"), many)
    merchant.refresh_from_db()
    assert merchant.state == "applied"


def test_the_commission_is_typed_and_read_in_percent(client: Any, shelves: Any) -> None:
    merchant = apply_merchant(applicant=make_user(), name_en="Corner", trades=["food"])
    client.force_login(make_user("operator"))
    url = reverse("admin:stores_merchant_change", args=[merchant.pk])
    form = client.get(url).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields if name != "mark"}
    assert data["commission_rate"] == "6"
    slip = client.post(url, data | {"commission_rate": "0.06"})
    assert "commission_rate" in slip.context["adminform"].form.errors
    data |= {"commission_rate": "7.5", "stores_merchant_approve_now": "1"}
    assert client.post(url, data).status_code == 302
    merchant.refresh_from_db()
    assert str(merchant.commission_rate) == "0.0750"
    page = client.get(url).content.decode()
    assert "7.5%" in page and "0.075" not in page


def test_an_empty_list_of_categories_says_what_to_do(client: Any, settings: Any) -> None:
    settings.OPERATOR_EMAIL = "desk@linli.example"
    owner = make_user()
    merchant = make_merchant(owner=owner)
    client.force_login(owner)
    url = reverse("admin:catalog_product_add")
    page = client.get(url).content.decode()
    assert "No category is open for your business yet." in page
    assert "desk@linli.example" in page
    Category.objects.create(slug="food", name_en="Food", name_zh="食").merchants.add(merchant)
    assert "No category is open" not in client.get(url).content.decode()
