"""A Chinese place is written with its kind or without: 柳湖区 and 柳湖 are one district.

A dictionary cuts names it does not know anywhere (柳 | 湖区), so the short name is stored beside the
full one, and a full name that is asked for also asks for the short one.
"""

from __future__ import annotations

import re

from kernel.words import fold, query_text

_WITH_KIND = re.compile(r"([\u3400-\u9fff]{2,})[区县市镇]")


def short_place(text: str) -> str:
    """``text`` with each word that ends in 区, 县, 市 or 镇 (區, 縣, 鎮) cut to the name before it."""
    return " ".join(_short(word) for word in fold(text).split())


def place_query(text: str) -> str:
    """Return the tsquery literal that finds stores by ``text``, places with or without their kind."""
    asked, short = query_text(text), query_text(short_place(text))
    return asked if short in ("", asked) else f"({asked}) | ({short})"


def _short(word: str) -> str:
    found = _WITH_KIND.fullmatch(word)
    return found[1] if found else word
