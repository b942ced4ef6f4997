"""Fields of the API for what people type."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from o2o.plaintext import clean_text


class PlainTextField(serializers.CharField):
    """Lines of text, made clean (o2o.plaintext) before they are counted."""

    def to_internal_value(self, data: Any) -> str:
        return clean_text(super().to_internal_value(data))
