"""Numbers are ASCII digits, and every parameter judges what it is given: API, forms, addresses."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse
from rest_framework.exceptions import ValidationError as ApiError

from kernel.errors import InvalidInput
from kernel.http.fields import WholeField
from kernel.http.forms import typed_field_of
from kernel.http.net import refused_inputs
from kernel.money import yuan_to_fen
from kernel.numerals import is_numeral
from members.services.accounts import issue_token
from orders.models import BasketLine
from stores.places import parse_point
from tests.access.world import World
from tests.api.test_schema import operations, read_schema
from tests.factories import cast, make_product, make_user, offer_of

pytestmark = pytest.mark.django_db

NO_NUMERALS = ["٣", "３", "1_0", "৪2", "²", "一", "1,0", "0x1", "--1", "1e", "inf", "nan", ""]
FREE_TEXTS = {"q"}
READERS = {
    "/approvals": "operator",
    "/business/campaigns": "owner",
    "/channel-plans": "owner",
    "/business/campaigns/templates": "owner",
    "/codes": "owner",
    "/coupon-codes": "owner",
    "/devices": "owner",
    "/funnel": "owner",
    "/grants": "owner",
    "/results": "owner",
    "/results/orders": "owner",
    "/staff": "owner",
    "/staff/invitations": "owner",
    "/statements": "owner",
    "/stock": "owner",
    "/store-groups": "owner",
}
"""Who sees lists that no clerk sees."""


@pytest.fixture(scope="module")
def parameters(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, Any]]]:
    """Every parameter behind a "?" that the API documents, with its address."""
    document = read_schema(Path(tmp_path_factory.mktemp("schema")))
    return [
        (address, parameter)
        for address, method, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if method == "get" and parameter["in"] == "query"
    ]


def ask(world: World, address: str, name: str, value: str) -> Any:
    row: Any = world.mine.store if "/stores/" in address else world.mine.product
    row = world.campaign if "/campaigns/{id}/" in address else row
    path = address.replace("{id}", str(row.pk))
    given = {"store": str(world.mine.store.pk)}
    if "/results" in address:
        given["merchant"] = str(world.mine.merchant.pk)
    given[name] = value
    role = next((who for end, who in READERS.items() if address.endswith(end)), "clerk")
    return Client().get(path, given, headers=world.api_headers(role))


def test_no_control_character_goes_past_its_parameter(
    world: World, parameters: list[tuple[str, dict[str, Any]]]
) -> None:
    asked = set()
    for (address, parameter), sign in itertools.product(parameters, ["\x00", "\x1b", "a\x00"]):
        name = parameter["name"]
        if "{" in address.replace("{id}", "") or (name in FREE_TEXTS and "\x00" not in sign):
            continue
        answer = ask(world, address, name, sign)
        assert answer.status_code == 400, (address, name, sign, answer.content[:200])
        assert name in answer.json().get("fields", {}), (address, name, sign, answer.content)
        asked.add(name)
    assert {"sort", "state", "order", "city", "category", "merchant", "near", "date"} <= asked
    assert refused_inputs() == 0


def test_no_parameter_counts_in_other_digits(
    world: World, parameters: list[tuple[str, dict[str, Any]]]
) -> None:
    numbers = [row for row in parameters if row[1]["schema"].get("type") == "integer"]
    assert {"radius", "page_size", "store", "min_price_fen"} <= {row[1]["name"] for row in numbers}
    for (address, parameter), text in itertools.product(numbers, ["٣", "２", "1_0"]):
        name = parameter["name"]
        answer = ask(world, address, name, text)
        assert answer.status_code == 400, (address, name, text)
        assert name in answer.json()["fields"], (address, name, text)


@pytest.mark.parametrize("text", NO_NUMERALS)
def test_what_is_no_numeral_is_no_number_anywhere(text: str) -> None:
    assert not is_numeral(text)
    with pytest.raises(ApiError):
        WholeField().run_validation(text)
    with pytest.raises(ValueError):
        yuan_to_fen(text)
    with pytest.raises(InvalidInput):
        parse_point(f"31.2,{text}")


@pytest.mark.parametrize("text", ["7", " 7 ", "+7", "-0", "7.0", "07"])
def test_a_numeral_is_what_people_and_programs_write(text: str) -> None:
    assert is_numeral(text)
    assert WholeField().run_validation(text) == int(float(text))


@pytest.mark.parametrize("text", ["٣", "３"])
def test_an_order_is_counted_in_ascii_alone(text: str) -> None:
    people = cast()
    offer = offer_of(make_product(merchant=people.merchant))
    headers = {
        "authorization": f"Bearer {issue_token(user=people.buyer)}",
        "idempotency-key": "one-of-a-kind",
    }
    for line in ({"offer": offer.pk, "quantity": text}, {"offer": text, "quantity": 1}):
        answer = Client().post(
            "/api/v1/orders", {"lines": [line]}, content_type="application/json", headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    browser = Client()
    browser.force_login(people.buyer)
    browser.post(reverse("basket_add"), {"offer": offer.pk, "quantity": text})
    assert not BasketLine.objects.exists()


def test_no_number_of_the_back_office_is_typed_in_other_digits(rf: RequestFactory) -> None:
    """Every form of the admin, those of rows inside a page too."""
    request = rf.get("/admin/")
    request.user = make_user("operator")
    seen, taken = 0, []
    for page in admin.site._registry.values():
        forms_of_page = [page.get_form(request)] + [
            inline.get_formset(request).form for inline in page.get_inline_instances(request)
        ]
        for name, field in itertools.chain.from_iterable(
            form.base_fields.items() for form in forms_of_page
        ):
            if not isinstance(field, forms.IntegerField):  # floats and decimals are its children
                continue
            seen += 1
            try:
                field.clean("３")
            except ValidationError:
                continue
            taken.append(f"{page.__class__.__name__}.{name}")
    assert seen > 5 and taken == []


def test_no_date_of_the_back_office_is_typed_in_other_digits(rf: RequestFactory) -> None:
    """Nor lies one beyond the calendar: it is told which days there are."""
    request = rf.get("/admin/")
    request.user = make_user("operator")
    seen, wrong = 0, []
    for page in admin.site._registry.values():
        forms_of_page = [page.get_form(request)] + [
            inline.get_formset(request).form for inline in page.get_inline_instances(request)
        ]
        for name, field in itertools.chain.from_iterable(
            form.base_fields.items() for form in forms_of_page
        ):
            if isinstance(field, forms.SplitDateTimeField):
                good, day, far = ["2030-05-06", "10:00"], ["２０３０-05-06", "10:00"], "0:00"
                others = [day, ["2030-05-06", "１０:00"], ["2200-01-01", far], ["1999-12-31", far]]
            elif isinstance(field, forms.DateField):
                good, others = "2030-05-06", ["２０３０-05-06", "٢٠٣٠-05-06", "2200-01-01"]
            elif isinstance(field, forms.TimeField):
                good, others = "10:00", ["１０:00"]
            else:
                continue
            seen += 1
            assert field.clean(good), name
            for typed in others:
                try:
                    field.clean(typed)
                except ValidationError:
                    continue
                wrong.append(f"{page.__class__.__name__}.{name}: {typed}")
    assert seen > 5 and wrong == []


def test_a_column_of_texts_has_no_number_field() -> None:
    assert typed_field_of(make_user()._meta.get_field("display_name")) is None


@pytest.mark.parametrize(("length", "says"), [(201, "too long"), (7, "too short")])
def test_an_unfit_key_is_not_called_missing(length: int, says: str) -> None:
    people = cast()
    headers = {
        "authorization": f"Bearer {issue_token(user=people.buyer)}",
        "idempotency-key": "k" * length,
    }
    line = {"offer": offer_of(make_product(merchant=people.merchant)).pk, "quantity": 1}
    answer = Client().post(
        "/api/v1/orders", {"lines": [line]}, content_type="application/json", headers=headers
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "idempotency_key_unfit")
    assert says in problem["detail"]
    assert (problem["characters"], problem["least"], problem["most"]) == (length, 8, 200)
