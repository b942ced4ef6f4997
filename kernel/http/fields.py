"""Fields of the API for what people type, and for numbers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kernel.emails import fold_email
from kernel.numerals import is_numeral
from kernel.plaintext import clean_text


class PlainTextField(serializers.CharField):
    """Lines of text, made clean (kernel.plaintext) before they are counted."""

    def to_internal_value(self, data: Any) -> str:
        return clean_text(super().to_internal_value(data))


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
