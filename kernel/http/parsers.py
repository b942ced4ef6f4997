"""JSON of the API: what no parser and no column takes is refused before a view sees it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant

from kernel.http.reading import NOT_IN_TEXTS, UNSTORABLE

DEEPEST = 32
"""Levels of lists and objects in one another; our own bodies have four."""

_UNSTORABLE = re.compile(NOT_IN_TEXTS.pattern + r"|(?<!\\)(?:\\\\)*\\u0000")
"""In JSON that was written anew: NUL stands there as an escape, halves of pairs as they are."""


class StrictJSONParser(JSONParser):
    """UTF-8, at most DEEPEST levels, numbers that end, texts that can be stored.

    NUL and halves of surrogate pairs can be written in JSON ("\\u0000", "\\ud800") and can be
    stored nowhere. Raises ParseError (400).
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw: bytes = stream.read()
        if raw.count(b"[") + raw.count(b"{") > DEEPEST and _depth(raw) > DEEPEST:
            raise ParseError(_("The JSON is nested too deeply: send it flatter."))
        try:
            data = json.loads(
                raw.decode("utf-8-sig"), parse_constant=strict_constant, parse_float=_finite
            )
        except (ValueError, RecursionError) as error:
            raise ParseError(
                _("The body is not JSON in UTF-8: {reason}").format(reason=error)
            ) from error
        if b"\\u" in raw and _UNSTORABLE.search(json.dumps(data, ensure_ascii=False)):
            raise ParseError(UNSTORABLE)
        return data


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text[:20])
    return value


def _depth(raw: bytes) -> int:
    """The levels of brackets, those in texts counted as well: an upper bound that costs little."""
    deepest = level = 0
    for byte in raw:
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest
