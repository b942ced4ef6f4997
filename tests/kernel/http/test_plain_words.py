"""What Django and DRF refuse is told in plain words, with the real bound."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.test import RequestFactory
from django.utils.functional import Promise
from django.utils.translation import override
from rest_framework import serializers

from kernel import bounds
from kernel.http.fields import DayField, MomentField, PlainTextField
from tests.factories import make_user

STIFF = re.compile(
    r"This field|Ensure (?:this|that)|valid choice|Enter a valid|A valid|Not a valid|has wrong format"
    r"|Expected a|cannot be blank|cannot be null|non-field"
)


def _all(kind: type) -> set[type]:
    return {kind, *(below for child in kind.__subclasses__() for below in _all(child))}


def _sentences(kind: type) -> dict[str, str]:
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        found |= getattr(base, "default_error_messages", {})
    with override("en"):
        return {f"{kind.__name__}.{name}": str(text) for name, text in found.items()}


USED = [kind for root in (forms.Field, serializers.Field) for kind in _all(root)]
UNUSED = re.compile(
    r"GenericIPAddress|IPAddress|Regex|FilePath|Duration|UUID|Hyperlinked|SlugRelated|ManyRelated"
    r"|SimpleArray|SplitArray|Range|HStore|ComboField|HiddenField|.*Related"
)


@pytest.mark.parametrize("kind", sorted(USED, key=str), ids=str)
def test_no_kind_of_field_speaks_like_a_framework(kind: type) -> None:
    if UNUSED.match(kind.__name__):
        return
    stiff = {name: text for name, text in _sentences(kind).items() if STIFF.search(text)}
    assert stiff == {}


def test_no_validator_speaks_like_a_framework() -> None:
    made = [
        validators.MaxValueValidator(2_147_483_647),
        validators.MinValueValidator(3),
        validators.MaxLengthValidator(2),
        validators.MinLengthValidator(9),
        validators.EmailValidator(),
        validators.validate_slug,
        validators.DecimalValidator(3, 1),
    ]
    given: list[Any] = [2**40, 1, "abc", "abc", "abc", "a b", Decimal("123.45")]
    said = []
    for validate, value in zip(made, given, strict=True):
        with override("en"), pytest.raises(ValidationError) as refused:
            validate(value)  # type: ignore[operator]
        said += refused.value.messages
    assert said[0] == "Enter a number up to 2,147,483,647."
    assert said[1] == "Enter a number from 3 up."
    assert said[2] == "Write at most 2 characters; this has 3."
    assert not [text for text in said if STIFF.search(text)]


@pytest.mark.django_db
def test_every_field_of_the_back_office_says_what_to_do_when_it_is_empty() -> None:
    """Also where its form was made before the words were changed."""
    request = RequestFactory().get("/")
    request.user = make_user("operator")
    said = {
        (page.opts.label, name): str(field.error_messages.get("required", ""))
        for page in admin.site._registry.values()
        for name, field in page.get_form(request).base_fields.items()
    }
    assert said
    assert not {where: text for where, text in said.items() if STIFF.search(text)}


def test_columns_are_refused_in_plain_words() -> None:
    texts = [str(text) for text in models.Field.default_error_messages.values()]
    assert not [text for text in texts if STIFF.search(text) and "%(lookup_type)" not in text]


def test_the_sentences_are_chinese_for_chinese_readers() -> None:
    with override("zh-hans"):
        text = str(forms.Field.default_error_messages["required"])
        assert re.search("[一-鿿]", text)
        assert isinstance(forms.Field.default_error_messages["required"], Promise)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2200-01-01T00:00:00Z"]
)
def test_no_moment_beyond_the_calendar_gets_in(text: str) -> None:
    with pytest.raises(serializers.ValidationError) as refused:
        MomentField().run_validation(text)
    assert "between 2000-01-01 and 2199-12-31" in str(refused.value.detail)
    assert MomentField().run_validation("2026-05-31T18:00:00+08:00")


@pytest.mark.parametrize(
    "text",
    [
        "2026-W48-1",
        "2026W481",
        "20261201",
        "٢٠٢٧-01-01",
        "２０２６-12-01",
        "2026-12-1",
        "2026-12-01\n",
        "2026-12-01T00:00:00+08:00",
        7,
        True,
    ],
)
def test_a_day_is_written_in_one_way(text: Any) -> None:
    with pytest.raises(serializers.ValidationError):
        DayField().run_validation(text)
    assert bounds.read_day(text) is None
    assert DayField().run_validation("2026-12-01") == dt.date(2026, 12, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2026-W48-1T00:00:00Z",
        "٢٠٢٧-01-01T00:00:00Z",
        "2026-12-01T00:00:00",
        "2026-12-01",
        "2026-12-01T00:00:00+08:00\0x",
        "2026-12-01T25:00:00Z",
        7,
    ],
)
def test_a_moment_is_a_day_a_time_and_a_zone(text: Any) -> None:
    with pytest.raises(serializers.ValidationError):
        MomentField().run_validation(text)
    assert bounds.read_moment(text) is None
    for good in ("2026-12-01T00:00:00Z", "2026-12-01T08:00:00.5+08:00", "2026-12-01 08:00+0800"):
        assert MomentField().run_validation(good)


def test_a_text_that_is_sent_with_a_nul_is_refused_before_it_is_made_clean() -> None:
    with pytest.raises(serializers.ValidationError):
        PlainTextField().run_validation("a\0b")


def test_no_moment_beyond_the_calendar_breaks_an_answer() -> None:
    for moment in (dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, tzinfo=dt.UTC)):
        assert MomentField().to_representation(moment)


def test_no_day_beyond_the_calendar_gets_in() -> None:
    for text in ("0001-01-01", "9999-12-31"):
        with pytest.raises(serializers.ValidationError):
            DayField().run_validation(text)


def test_the_rooms_use_no_other_field_for_days_and_moments() -> None:
    rooms = (
        "stores",
        "members",
        "messages",
        "catalog",
        "payments",
        "vouchers",
        "orders",
        "reviews",
        "console",
    )
    rooms += ("insights", "campaigns")
    others = [
        str(path)
        for room in rooms
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py")
        if re.search(r"serializers\.Date(?:Time)?Field", path.read_text())
    ]
    assert others == []
