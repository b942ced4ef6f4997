"""One rule each: covers, the most to choose, refund words, amounts in yuan."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from PIL import Image

from catalog.cards import cover_url, most_to_choose, picture_url
from catalog.forms import ProductFilterForm
from catalog.models import Product
from catalog.refund_words import RefundRight
from catalog.services.pictures import add_picture
from kernel.http.forms import YuanField
from stores.admin_forms import yuan_field
from tests.factories import make_product


def test_the_cover_is_the_first_picture_in_its_small_size(db: None) -> None:
    product = make_product()
    shown = io.BytesIO()
    Image.new("RGB", (40, 30)).save(shown, "PNG")
    second = add_picture(product=product, content=shown.getvalue(), position=2)
    first = add_picture(product=product, content=shown.getvalue(), position=1)
    assert cover_url(product.pictures.all()) == picture_url(first.small.name)
    second.small = ""
    assert cover_url([second, first]) == picture_url(second.image.name)
    assert cover_url([]) == ""


@pytest.mark.parametrize(("left", "most"), [(None, 99), (0, 1), (1, 1), (42, 42), (500, 99)])
def test_the_most_to_choose_is_what_is_left_within_one_line(left: int | None, most: int) -> None:
    assert most_to_choose(left) == most


@pytest.mark.parametrize("rule", Product.RefundRule.values)
@pytest.mark.parametrize("on_expiry", [True, False])
def test_the_money_is_safe_only_when_it_comes_back_asked_and_unasked(
    rule: str, on_expiry: bool
) -> None:
    right = RefundRight(rule, 7, on_expiry)
    assert right.safe is (rule == "anytime" and on_expiry)
    assert ("7 days" in right.title and "7 days" in right.on_request) is (rule == "days")
    assert ("not refunded" in right.unasked) is not on_expiry


@pytest.mark.parametrize("field", [YuanField(), yuan_field()])
@pytest.mark.parametrize(("typed", "fen"), [("36", 3600), ("0.07", 7), (" 12.5 ", 1250)])
def test_an_amount_typed_in_yuan_is_fen(field: YuanField, typed: str, fen: int) -> None:
    assert field.clean(typed) == fen
    assert not field.has_changed(fen, typed)
    assert field.clean(field.prepare_value(fen)) == fen


@pytest.mark.parametrize("typed", ["1.005", "３６", "-1", "ten", "1e15", ""])
def test_what_is_no_amount_is_told_how_to_write_one(typed: str) -> None:
    with pytest.raises(ValidationError, match=r"Enter an amount"):
        yuan_field().clean(typed)


def test_a_filter_above_every_price_says_so() -> None:
    form = ProductFilterForm(QueryDict("max_price=999999999999"), near=False, city=None)
    assert "more than anything costs" in form.left_out()[0]
