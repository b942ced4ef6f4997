"""What no page of the back office sends is refused at its field, at once, and leaves nothing half done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product
from kernel.watch.models import Incident
from stores.admin_input import MOST_ROWS
from stores.models import Merchant
from tests.access.world import World
from tests.factories import make_merchant, make_store, owner_of

pytestmark = pytest.mark.django_db
NO_KEYS = ["nonsense", "[]", "\x00", "\u200b", "-1", "9" * 30, "٣", "x" * 10_000]


def form_of(browser: Client, url: str) -> dict[str, Any]:
    """What the open form would send as it stands."""
    context = browser.get(url).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value not in (None, False) and not callable(value) and not hasattr(value, "read"):
                sent[bound.html_name] = value
    return sent


@pytest.mark.parametrize("value", NO_KEYS, ids=lambda value: ascii(value)[:20])
@pytest.mark.parametrize(
    ("role", "page", "field"),
    [
        ("owner", "catalog_product", "stores"),
        ("operator", "catalog_category", "parent"),
        ("operator", "catalog_category", "merchants"),
    ],
)
def test_a_choice_that_is_no_row_is_an_error_of_its_field(
    world: World, role: str, page: str, field: str, value: str
) -> None:
    row = world.mine.product if page == "catalog_product" else world.mine.product.category
    url = reverse(f"admin:{page}_change", args=[row.pk])
    browser = world.visitor(role)
    if value == "٣":  # Python reads it as a number: of a row that is there
        target = {"stores": world.mine.store, "parent": row, "merchants": world.mine.merchant}
        value = str(target[field].pk).translate({48 + n: 0x660 + n for n in range(10)})
    answer = browser.post(url, form_of(browser, url) | {field: value})
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert field in answer.context["adminform"].form.errors


@pytest.mark.parametrize("value", NO_KEYS[:4], ids=ascii)
@pytest.mark.parametrize(
    ("role", "page", "action"),
    [
        ("owner", "catalog_product", "take_down"),
        ("operator", "stores_merchant", "suspend"),
        ("operator", "outbox_outboxevent", "try_again"),
        ("operator", "catalog_category", "delete_selected"),
    ],
)
def test_an_action_on_what_is_no_row_does_nothing(
    world: World, role: str, page: str, action: str, value: str
) -> None:
    url = reverse(f"admin:{page}_changelist")
    states = list(Merchant.objects.values_list("state")), list(Product.objects.values_list("state"))
    data = {"action": action, "_selected_action": value, "select_across": "0", "index": "0"}
    assert world.visitor(role).post(url, data).status_code in {200, 302, 400}
    after = list(Merchant.objects.values_list("state")), list(Product.objects.values_list("state"))
    assert after == states


@pytest.mark.parametrize("count", ["2147483648", "2000"])
def test_no_page_is_made_of_as_many_forms_as_are_asked_for(world: World, count: str) -> None:
    url = reverse("admin:catalog_product_change", args=[world.mine.product.pk])
    browser = world.visitor("owner")
    answer = browser.post(url, form_of(browser, url) | {"variants-TOTAL_FORMS": count})
    assert answer.status_code == 200
    formset = answer.context["inline_admin_formsets"][0].formset
    assert len(formset.forms) <= MOST_ROWS
    assert not formset.is_valid()


@pytest.mark.parametrize("text", ["\u200b\u200b", "\u3164", "\u202eevil\u2066"])
def test_a_name_that_nobody_can_read_is_refused(world: World, text: str) -> None:
    url = reverse("admin:catalog_product_change", args=[world.mine.product.pk])
    browser = world.visitor("owner")
    answer = browser.post(url, form_of(browser, url) | {"title_en": text, "title_zh": text})
    assert {"title_en", "title_zh"} <= set(answer.context["adminform"].form.errors)


def test_codes_are_guessed_in_the_back_office_as_little_as_at_the_counter(
    world: World, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    cache.clear()
    browser = world.visitor("owner")
    url = reverse("admin:vouchers_voucher_changelist")
    code = world.mine.fresh.code
    assert browser.get(url, {"q": code}).context["cl"].result_count == 1
    for number in range(40):
        browser.get(url, {"q": f"{number:012d}"})
    refused = browser.get(url, {"q": code})
    assert refused.context["cl"].result_count == 0
    told = [str(message) for message in refused.context["messages"]]
    assert len(told) == 1
    assert re.search(r"was not looked up.* Try again in \d+ minutes?\.$", told[0])
    assert browser.get(url, {"q": "Home product"}).context["cl"].result_count > 0
    cache.clear()
    assert browser.get(url, {"q": code}).context["cl"].result_count == 1


def test_a_picture_with_an_endless_name_is_not_there(client: Client) -> None:
    for name in ("a" * 256, "products/" + "a" * 300 + ".webp"):
        assert client.get(f"/media/{name}").status_code == 404


def test_an_error_of_ours_is_told_to_the_operator(client: Client, monkeypatch: Any) -> None:
    client.raise_request_exception = False

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("stores.list_page.find_stores", fail)
    assert client.get("/stores/?q=x").status_code == 500
    assert Incident.objects.left_out().filter(kind="web.error").count() == 1


@pytest.mark.parametrize("page", ["catalog_product", "stores_staffinvitation"])
def test_who_has_no_store_is_led_to_adding_one(client: Client, page: str) -> None:
    merchant = make_merchant()
    client.force_login(owner_of(merchant))
    url = reverse(f"admin:{page}_add")
    link = reverse("admin:stores_store_add")
    data = form_of(client, url) | {"role": "clerk", "email": "new@example.com"}
    for html in (client.get(url), client.post(url, data)):
        assert "You have no store yet" in html.content.decode()
        assert f'href="{link}">Add a store</a>' in html.content.decode()
    make_store(merchant=merchant)
    assert "You have no store yet" not in client.get(url).content.decode()


@pytest.mark.parametrize("price", ["-3", "1.234", "cheap", "٣", "1" * 20])
def test_a_price_that_is_none_is_told_in_the_words_of_the_trade(world: World, price: str) -> None:
    url = reverse("admin:catalog_product_change", args=[world.mine.product.pk])
    browser = world.visitor("owner")
    answer = browser.post(url, form_of(browser, url) | {"list_price_fen": price})
    told = answer.context["adminform"].form.errors["list_price_fen"]
    assert told == ["Enter an amount in yuan with two decimals at most, such as 36.00."]


def test_an_error_on_a_hidden_tab_is_named_above_the_form(world: World) -> None:
    url = reverse("admin:catalog_product_change", args=[world.mine.product.pk])
    browser = world.visitor("owner")
    typed = form_of(browser, url) | {"variants-0-price_fen": "cheap", "validity_days": "0"}
    html = browser.post(url, typed).content.decode()
    note = html.partition('role="alert"')[2].partition("</ul>")[0]
    assert "Price and stock, row 1: Price (yuan)</a> – Enter an amount in yuan" in note
    assert "activeTab = &#x27;variants&#x27;" in note or "activeTab = 'variants'" in note
    assert 'href="#id_validity_days"' in note
    assert 'id="id_variants-0-price_fen"' in html and 'href="#id_variants-0-price_fen"' in note


@pytest.mark.parametrize(
    "model", [model for model, page in admin.site._registry.items() if page.search_fields]
)
def test_a_search_of_any_length_asks_for_few_words(world: World, model: type[Model]) -> None:
    """Three thousand words took half a minute of the database, for every visitor of the shop."""
    browser = world.visitor("operator")
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(url, {"q": "a " * 3000})
    assert answer.status_code == 200
    assert "Only the first 8 words were searched for." in answer.content.decode()
    assert max(query["sql"].upper().count(" LIKE ") for query in asked) <= 8 * 14


def test_a_search_of_few_words_is_made_whole(world: World) -> None:
    answer = world.visitor("owner").get(
        reverse("admin:catalog_product_changelist"), {"q": world.mine.product.title_en}
    )
    assert world.mine.product in answer.context["cl"].queryset
    assert "searched for." not in answer.content.decode()
