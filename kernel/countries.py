"""Countries: their ISO 3166 codes, and the names people write instead."""

from __future__ import annotations

import unicodedata
from functools import cache

from babel import Locale

_LANGUAGES = ("en", "zh", "zh_Hant")
_NOT_ISO = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ")
)
"""Codes that Unicode has for places that are no country of ISO 3166-1, or for none at all."""
_ALSO = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "america": "US",
    "usa": "US",
    "united states of america": "US",
    "中国大陆": "CN",
    "中华人民共和国": "CN",
    "people's republic of china": "CN",
    "香港": "HK",
    "hong kong": "HK",
    "澳门": "MO",
    "macau": "MO",
    "macao": "MO",
    "holland": "NL",
    "korea": "KR",
    "south korea": "KR",
    "韩国": "KR",
    "turkey": "TR",
    "czech republic": "CZ",
}


@cache
def _codes() -> dict[str, str]:
    """Every code and every name in English and Chinese, folded, to its code."""
    found = dict(_ALSO)
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NOT_ISO:
                found[code.lower()] = code
                found[_fold(name)] = code
    return found


def read_country(text: str) -> str | None:
    """Return the two-letter code in "CN", "cn", "China" or "中国"; None when it names no country."""
    return _codes().get(_fold(text))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").casefold().split())
