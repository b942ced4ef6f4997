"""Fields of the API for what people type, and for numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from kernel.bounds import is_day, is_moment, validate_day, validate_moment
from kernel.emails import fold_email
from kernel.numerals import is_numeral
from kernel.plaintext import clean_text


class PlainTextField(serializers.CharField):
    """Lines of text, made clean (kernel.plaintext) before they are counted."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        _check(
            ProhibitNullCharactersValidator(), text
        )  # of what was sent: making it clean drops them
        return clean_text(text)


class MailField(serializers.EmailField):
    """An e-mail address that is sent, in its one spelling (kernel.emails)."""

    def to_internal_value(self, data: Any) -> str:
        return fold_email(super().to_internal_value(data))


class WholeField(serializers.IntegerField):
    """A whole number that is sent: as JSON's number, or as a text of ASCII digits."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or (isinstance(data, str) and not is_numeral(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class MomentField(serializers.DateTimeField):
    """A moment with its zone, inside the bounds (kernel.bounds): the years 1 and 9999 have no clock everywhere."""

    default_error_messages = {"overflow": _("Choose a day between 2000-01-01 and 2199-12-31.")}

    def to_internal_value(self, value: Any) -> dt.datetime:
        if not is_moment(value) and not isinstance(value, dt.datetime):
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss[.uuuuuu]](+HH:MM|-HH:MM|Z)")
        try:
            moment: dt.datetime = super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")
        _check(validate_moment, moment)
        return moment

    def to_representation(self, value: Any) -> Any:
        try:
            return super().to_representation(value)
        except (OverflowError, serializers.ValidationError):
            # a row of an older release, at the end of the calendar
            return value.isoformat()


class DayField(serializers.DateField):
    """A calendar day as YYYY-MM-DD, inside the bounds (kernel.bounds)."""

    def to_internal_value(self, value: Any) -> dt.date:
        if not is_day(value) and not isinstance(value, dt.date):
            self.fail("invalid", format="YYYY-MM-DD")
        day: dt.date = super().to_internal_value(value)
        _check(validate_day, day)
        return day


def _check(validate: Any, value: Any) -> None:
    try:
        validate(value)
    except ValidationError as error:
        raise serializers.ValidationError(error.messages) from None
