"""Reads what the API is sent: bodies and query parameters, through a serializer of their fields."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings


def read_body(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """Return the checked values of ``data``; raises DRF's ValidationError with the fields.

    ``kind`` is built once. A new serializer copies all its fields, which costs an order more than its
    prices do; `run_validation` changes nothing in it, so requests may share one. It is for fields
    alone: what a serializer knows of a request (``context``, ``instance``) is not there.
    """
    try:
        values: dict[str, Any] = _built(kind).run_validation(data)
    except ValidationError as error:
        if isinstance(error.detail, dict):
            raise
        # As `Serializer.errors` tells what is wrong with the whole.
        raise ValidationError({api_settings.NON_FIELD_ERRORS_KEY: error.detail}) from None
    return values


@cache
def _built(kind: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    return kind()
