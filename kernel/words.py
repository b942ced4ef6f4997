"""Words for full-text search in Chinese and English, cut alike when stored and when asked.

PostgreSQL's parser knows no Chinese, so the words are cut by rjieba and given to the database
ready-made, as tsvector and tsquery literals. Dictionaries do not know every dish: 冰拿铁 is one
word to them, and people search for 拿铁. So a stored Chinese word brings its parts along, its
pairs and its single characters, and a query asks for a word of two characters as it is and for
a longer one by its characters. Pairs never reach over the edge of a word: 和服 is not found in
产品和服务.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache as keep
from importlib import import_module
from typing import Any

from django.core.cache import cache
from django.db import models

from kernel.cache import keys as cache_keys

_TOKEN = re.compile(r"\w+")
_LATIN = re.compile(r"[a-z0-9]+", re.ASCII)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
MAX_POSITION = 16383
"""PostgreSQL's own limit of positions in a tsvector."""
MAX_WORD_BYTES = 2046
"""PostgreSQL takes no longer word; nobody searches for one."""
ENTRY_BYTES = 8
MAX_VECTOR_BYTES = 1_000_000
"""PostgreSQL takes no longer vector (1,048,575 bytes); the words at its end are left out."""
MAX_QUERY_WORDS = 24
MOST_WAYS = 6
MANY = 2000
"""From so many matches on, a list is read in its own order and not by the word index."""
MANY_KEPT_SECONDS = 300


@keep
def _cutter() -> Any:
    """rjieba, loaded by the first Chinese text: its dictionary is 33 MiB that workers never need."""
    return import_module("rjieba")


@keep
def _simplifier() -> Any:
    """OpenCC's traditional → simplified, by words: 乾淨 becomes 干净, 乾隆 stays."""
    return import_module("opencc").OpenCC("t2s")


@keep
def _traditional() -> dict[str, str]:
    """Simplified sign → the traditional ones that are written so: 发 → 發髮.

    Read out of the other direction: OpenCC's own dictionary for this one takes 26 MiB.
    """
    signs = [chr(code) for code in range(0x4E00, 0xA000)]
    found: dict[str, str] = {}
    for sign, plain in zip(signs, _simplifier().convert("\n".join(signs)).split("\n"), strict=True):
        if sign != plain:
            found[plain] = found.get(plain, "") + sign
    return found


def both_scripts(text: str) -> list[str]:
    """``text``, and how the other script may write it: 火鍋, 火锅; one text where it is the same.

    A simplified sign may stand for several traditional ones; MOST_WAYS of them are tried.
    """
    if not _HAN.search(text):
        return [text]
    plain = str(_simplifier().convert(text))
    ways = [""]
    for sign in plain:
        ways = [way + other for way in ways for other in _traditional().get(sign, sign)][:MOST_WAYS]
    return list(dict.fromkeys([text, plain, *ways]))


def fold(text: str) -> str:
    """Return ``text`` as it is compared: lower case, without accents, plain letters, simplified."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    plain = unicodedata.normalize("NFC", plain)
    return str(_simplifier().convert(plain)) if _HAN.search(plain) else plain


def _pieces(text: str) -> list[str]:
    """Runs of letters and digits of the folded text."""
    return _TOKEN.findall(fold(text).replace("_", " "))


def singular(word: str) -> list[str]:
    """What an English word may be the plural of: strawberries → strawberry, dishes → dish.

    More than one guess where spelling alone does not tell (movies → movie, movy); a guess that
    is no word is found nowhere.
    """
    if not _LATIN.fullmatch(word) or len(word) < 4 or word[-1] != "s":
        return []
    if word.endswith(("ss", "us", "is")):
        return []
    found = [word[:-1]]
    if word.endswith("ies"):
        found.append(f"{word[:-3]}y")
    elif word.endswith(("ches", "shes", "xes", "zes", "ses", "oes")):
        found.append(word[:-2])
    return found


def words(text: str) -> list[str]:
    """Return the words that a stored ``text`` is found by, parts of Chinese words included."""
    return [
        token
        for piece in _pieces(text)
        for word in ([piece] if _LATIN.fullmatch(piece) else _cutter().cut_for_search(piece))
        for token in _parts(word)
    ]


def _parts(word: str) -> list[str]:
    if not _TOKEN.fullmatch(word) or len(word.encode()) > MAX_WORD_BYTES:
        return []
    if not _HAN.fullmatch(word) or len(word) == 1:
        return [word, *singular(word)]
    pairs = [word[start : start + 2] for start in range(len(word) - 1)]
    return list(dict.fromkeys([word, *pairs, *word]))


def query_words(text: str) -> list[str]:
    """Return the words to ask for, all of them, without repetition; Chinese ones in one piece."""
    found = [
        word
        for piece in _pieces(text)
        for word in ([piece] if _LATIN.fullmatch(piece) else _cutter().cut(piece))
        if _TOKEN.fullmatch(word)
    ]
    return list(dict.fromkeys(found))[:MAX_QUERY_WORDS]


def vector_text(*parts: tuple[str, str]) -> str:
    """Return a tsvector literal of (text, weight) parts, weights A to D, best first."""
    places: dict[str, list[str]] = {}
    position = size = 0
    for text, weight in parts:
        for word in words(text):
            size += len(word.encode()) + ENTRY_BYTES
            if size > MAX_VECTOR_BYTES:
                break
            position = min(position + 1, MAX_POSITION)
            places.setdefault(word, []).append(f"{position}{weight}")
    return " ".join(f"'{word}':{','.join(where[:200])}" for word, where in places.items())


def query_text(text: str, *, alike: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a tsquery literal that asks for every word of ``text``; "" when it has none.

    The last word, when Latin, matches its beginnings too: people search while they type. An
    English plural finds its singular. ``alike``: other words that serve as well as a word.
    """
    found = query_words(text)
    last = found[-1] if found else ""
    return " & ".join(
        _one_of(word, (alike or {}).get(word, ()), typing=word == last) for word in found
    )


def _one_of(word: str, others: Sequence[str], *, typing: bool) -> str:
    beginning = ":*" if typing and _LATIN.fullmatch(word) else ""
    ways = [f"{_asked(word)}{beginning}", *(f"'{guess}'" for guess in singular(word))]
    ways += [" & ".join(map(_asked, query_words(other))) for other in others]
    if len(ways) == 1:
        return ways[0]
    return f"({' | '.join(f'({way})' if '&' in way else way for way in ways)})"


def _asked(word: str) -> str:
    """A Chinese word of three and more by its characters: it may be cut otherwise where it stands."""
    parts = list(dict.fromkeys(word)) if _HAN.fullmatch(word) and len(word) > 2 else [word]
    return " & ".join(f"'{part}'" for part in parts)


class Matches(models.Func):
    """``vector @@ query``: a condition for filter(), served by a GIN index. An empty query matches nothing.

    ``vector`` is a field's name or an indexed expression.
    """

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()

    def __init__(self, vector: str | models.Func, query: str, **extra: Any) -> None:
        column = models.F(vector) if isinstance(vector, str) else vector
        super().__init__(column, models.Value(query), **extra)


class BestWords(models.Func):
    """The words of a vector that have weight A, as an index of their own knows them."""

    template = "ts_filter(%(expressions)s, '{a}')"
    output_field = models.Field()


class MatchesRowByRow(Matches):
    """The same condition, out of the reach of a GIN index: rows are tried in the order they are read."""

    template = "ts_match_vq(%(expressions)s::tsquery)"
    arg_joiner = ", "


def matches(
    model: type[models.Model],
    vector: str | models.Func,
    query: str,
    *,
    part_of: str | models.Func | None = None,
) -> Matches:
    """Return the condition that costs least for ``query``, see `cheapest_match`."""
    return cheapest_match(model, vector, query, part_of=part_of)(vector, query)


def cheapest_match(
    model: type[models.Model],
    vector: str | models.Func,
    query: str,
    *,
    part_of: str | models.Func | None = None,
) -> type[Matches]:
    """Return which of the two conditions costs least; both find the same rows.

    Few matches are fetched from the word index and sorted. Of many a page needs only the
    first by its order, and walking that order meets them soon; fetching and sorting all of
    them would cost more with every product of the shop. The planner can't tell: it
    estimates words badly, beginnings of words most of all. So they are counted, to MANY at
    most, and whether they are many is kept for some minutes. ``part_of``: the vector that
    ``vector`` is a part of; where the whole has few matches, the part is not counted.
    """
    many = part_of is None or _are_many(model, part_of, query)
    if many and _are_many(model, vector, query):
        return MatchesRowByRow
    return Matches


def _are_many(model: type[models.Model], vector: str | models.Func, query: str) -> bool:
    def count() -> bool:
        found = model._base_manager.filter(Matches(vector, query)).order_by()
        return found[:MANY].count() == MANY

    key = cache_keys.common_words(model=model._meta.label, vector=str(vector), query=query)
    return bool(cache.get_or_set(key, count, MANY_KEPT_SECONDS))


def join_texts(texts: Iterable[str]) -> str:
    """Join texts that are searched with one weight."""
    return " ".join(text for text in texts if text)
