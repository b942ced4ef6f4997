"""The back office refuses what the services refuse, beside the field that was typed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.forms.models import model_to_dict, modelform_factory

from catalog.admin_forms import OfferForm, ProductForm, VariantForm
from o2o.clock import now
from stores.admin import StoreForm
from stores.models import Store
from tests.factories import make_flash_offer, make_product, make_store, variant_of

pytestmark = pytest.mark.django_db


def errors_of(form_class, row, **typed) -> set[str]:
    data = {name: value for name, value in model_to_dict(row).items() if value is not None}
    form = form_class({**data, **typed}, instance=row)
    return set(form.errors)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, None),
        ({"included_text": "2 × Tea | 茶 | -5.00"}, "included_text"),
        ({"included_text": "0 × Tea"}, "included_text"),
        ({"included_text": "Tea | 茶 | 100000001"}, "included_text"),
        ({"blackout_text": "Someday"}, "blackout_text"),
        ({"notes_text": "x" * 1001}, "notes_text"),
        ({"uses": 3}, "uses"),
        ({"validity_days": 1, "usable_after_hours": 24}, "usable_after_hours"),
        ({"title_en": "", "title_zh": ""}, "title_en"),
        ({"description_en": "bell\x07"}, "description_en"),
    ],
)
def test_the_product_form_asks_the_service(typed, field) -> None:
    assert errors_of(ProductForm, make_product(), **typed) == ({field} if field else set())


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"price_fen": "100000000.01"}, "price_fen"),
        ({"price_fen": "0"}, "price_fen"),
        ({"price_fen": "8", "available": "2147483648"}, "available"),
    ],
)
def test_a_price_and_a_stock_that_no_column_holds_are_refused_at_their_field(typed, field) -> None:
    assert errors_of(VariantForm, variant_of(make_product()), **typed) == {field}


def test_the_form_of_a_limited_time_price_asks_the_service() -> None:
    offer = make_flash_offer(make_product(), price_fen=100)
    far = now() + dt.timedelta(days=4000)
    assert errors_of(OfferForm, offer, ends_at=far.isoformat(sep=" ")[:19]) == {"ends_at"}
    assert errors_of(OfferForm, offer, quota=0) == {"quota"}


def test_the_forms_of_places_ask_the_service() -> None:
    store = make_store()
    form = modelform_factory(Store, StoreForm, exclude=["picture"])
    assert errors_of(form, store) == set()
    assert errors_of(form, store, latitude=0, longitude=0) == {"latitude"}
    assert errors_of(form, store, time_zone="Factory") == {"time_zone"}
    assert errors_of(form, store, district_en="Bell\x1fTower") == {"district_en"}
