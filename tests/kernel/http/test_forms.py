"""Fields of forms: nothing that a person types is misread."""

from __future__ import annotations

import pytest
from django import forms

from kernel.http.forms import DecimalField, FloatField, WholeField, YuanField


@pytest.mark.parametrize("typed", ["12,50", "1,5", "1e3", "12元", "0x10"])
def test_a_price_that_is_not_plain_is_refused_as_it_was_typed(typed: str) -> None:
    field = YuanField()
    with pytest.raises(forms.ValidationError):
        field.clean(typed)


@pytest.mark.parametrize("kind", [WholeField, DecimalField, FloatField, YuanField])
def test_a_number_is_typed_into_a_box_that_drops_nothing(kind: type[forms.Field]) -> None:
    """A browser's box for numbers makes 1250 of "12,50" before it is sent."""

    class Typed(forms.Form):
        number = kind(min_value=0)

    html = str(Typed()["number"])
    assert 'type="text"' in html and "inputmode=" in html and "step=" not in html


@pytest.mark.parametrize("typed", ["01/02/2027", "12/24/26", "1.12.2026", "Jan 2 27"])
def test_a_date_that_two_people_read_differently_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        forms.DateField().clean(typed)


@pytest.mark.parametrize("typed", ["2027-02-01", "2027/02/01", "1 Feb 2027"])
def test_a_date_that_everybody_reads_alike_is_taken(typed: str) -> None:
    assert forms.DateField().clean(typed).isoformat() == "2027-02-01"
