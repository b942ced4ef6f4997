"""Words for full-text search in Chinese and English, cut the same way when stored and when asked.

PostgreSQL's parser knows no Chinese, so the words are cut by rjieba and given to the database
ready-made, as tsvector and tsquery literals. A stored text is cut in search mode: 北京烤鸭 is
found by 北京, by 烤鸭 and by the whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import rjieba
from django.db import models

_TOKEN = re.compile(r"\w+")
_LATIN = re.compile(r"[a-z0-9]+", re.ASCII)
MAX_POSITION = 16383
"""PostgreSQL's own limit of positions in a tsvector."""
MAX_QUERY_WORDS = 12


def words(text: str) -> list[str]:
    """Return the words of ``text``: lower case, without accents, full-width letters made plain."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    plain = unicodedata.normalize("NFC", plain).replace("_", " ")
    return [
        token
        for piece in _TOKEN.findall(plain)
        for token in (rjieba.cut_for_search(piece) if not _LATIN.fullmatch(piece) else [piece])
        if _TOKEN.fullmatch(token)
    ]


def vector_text(*parts: tuple[str, str]) -> str:
    """Return a tsvector literal of (text, weight) parts, weights A to D, best first."""
    places: dict[str, list[str]] = {}
    position = 0
    for text, weight in parts:
        for word in words(text):
            position = min(position + 1, MAX_POSITION)
            places.setdefault(word, []).append(f"{position}{weight}")
    return " ".join(f"'{word}':{','.join(where[:200])}" for word, where in places.items())


def query_text(text: str, *, weight: str = "") -> str:
    """Return a tsquery literal that asks for every word of ``text``; "" when it has none.

    The last word, when Latin, matches its beginnings too: people search while they type.
    ``weight`` ("A") asks for words of that weight only.
    """
    found = list(dict.fromkeys(words(text)))[:MAX_QUERY_WORDS]
    if not found:
        return ""
    last = words(text)[-1]
    return " & ".join(
        f"'{word}':{'*' if word == last and _LATIN.fullmatch(word) else ''}{weight}".rstrip(":")
        for word in found
    )


class Matches(models.Func):
    """``vector @@ query``: a condition for filter(). An empty query matches nothing."""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()

    def __init__(self, vector: str, query: str, **extra: Any) -> None:
        super().__init__(models.F(vector), models.Value(query), **extra)


def join_texts(texts: Iterable[str]) -> str:
    """Join texts that are searched with one weight."""
    return " ".join(text for text in texts if text)
