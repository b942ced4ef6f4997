"""The back office writes through services: no page, form or action saves a row by itself."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from catalog.models import Category
from kernel.outbox.models import OutboxEvent
from stores.admin_base import TenantAdmin
from stores.admin_rights import RoleMixin
from stores.models import City, Merchant
from tests.factories import cast, make_category, make_city, make_user

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
WRITES = {
    "save", "create", "update", "delete", "get_or_create", "update_or_create", "bulk_create",
    "bulk_update", "set", "add", "clear", "remove", "save_m2m", "execute",
}  # fmt: skip
PAGES = [page for page in admin.site._registry.values() if page.model._meta.app_label != "auth"]


def _may(thing: RoleMixin, *what: str) -> bool:
    return bool((thing.operator_may | thing.merchant_may) & set(what))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.model.__name__)
def test_every_page_of_the_back_office_says_which_service_writes(page: Any) -> None:
    assert isinstance(page, TenantAdmin)
    kind = type(page)
    if _may(page, "add", "change"):
        assert kind.save_model is not TenantAdmin.save_model
    if _may(page, "delete"):
        assert kind.delete_model is not TenantAdmin.delete_model
    if any(_may(inline(page.model, page.admin_site), "add", "change") for inline in page.inlines):
        assert kind.save_formset is not TenantAdmin.save_formset


def _writes(path: Path) -> list[str]:
    """Calls in a module of the back office that change rows, but for sets and dicts of Python."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        chain = ast.unparse(node.func)
        rows = "objects" in chain or "queryset" in chain or node.func.attr.startswith("bulk_")
        own = node.func.attr in {"save", "delete", "save_m2m", "get_or_create", "update_or_create"}
        if node.func.attr in WRITES and (rows or own):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} {chain}")
    return found


def test_no_module_of_the_back_office_writes_a_row() -> None:
    modules = [path for room in ROOT.iterdir() for path in room.glob("admin*.py")]
    assert len(modules) > 15
    found = [line for path in modules for line in _writes(path)]
    assert [line for line in found if "formset.save" not in line] == []
    assert len(found) == 1, "the base class asks a formset what changed, and writes nothing"


def test_a_city_renamed_in_the_back_office_is_found_by_its_new_name(client: Any) -> None:
    people = cast()
    city = people.store.city
    client.force_login(make_user("operator"))
    url = reverse("admin:stores_city_change", args=[city.pk])
    shown = client.get(url).context["adminform"].form.initial
    form = {name: "" if value is None else value for name, value in shown.items()}
    assert client.post(url, {**form, "name_en": "Newtown"}).status_code == 302
    assert City.objects.get(pk=city.pk).name_en == "Newtown"
    assert OutboxEvent.objects.filter(topic="city.renamed", payload={"city_id": city.pk}).exists()


def test_a_category_never_stands_on_a_third_level(client: Any) -> None:
    trade = make_category()
    below = make_category(parent=trade)
    client.force_login(make_user("operator"))
    form = {"name_en": "Deep", "name_zh": "深", "position": 0, "trade": "gift", "slug": "deep"}
    url = reverse("admin:catalog_category_add")
    assert client.post(url, {**form, "parent": below.pk}).status_code == 200
    assert not Category.objects.filter(slug="deep").exists()
    assert client.post(url, {**form, "parent": trade.pk}).status_code == 302
    assert Category.objects.get(slug="deep").parent == trade


def test_cities_and_categories_are_deleted_from_a_list_too(client: Any) -> None:
    client.force_login(make_user("operator"))
    for row, name in ((make_city(), "stores_city"), (make_category(), "catalog_category")):
        asked = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        assert client.post(reverse(f"admin:{name}_changelist"), asked).status_code == 302
        assert not type(row).objects.filter(pk=row.pk).exists()


def test_a_business_that_keeps_its_name_is_not_indexed_again(client: Any) -> None:
    people = cast()
    client.force_login(people.owner)
    url = reverse("admin:stores_merchant_change", args=[people.merchant.pk])
    shown = client.get(url).context["adminform"].form.initial
    form = {name: "" if value is None else value for name, value in shown.items()}
    form = {name: value for name, value in form.items() if name != "mark"}
    assert client.post(url, {**form, "contact_name": "Ms Lin"}).status_code == 302
    assert not OutboxEvent.objects.filter(topic="merchant.renamed").exists()
    form = {**form, "contact_name": "Ms Lin", "name_en": "Another name"}
    assert client.post(url, form).status_code == 302
    assert Merchant.objects.get(pk=people.merchant.pk).contact_name == "Ms Lin"
    assert OutboxEvent.objects.filter(topic="merchant.renamed").count() == 1
