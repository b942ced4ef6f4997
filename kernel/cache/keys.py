"""The names under which something is kept for all processes: one function for each kind.

A name holds everything that what is kept depends on, so that two who would see something else
never share. All begin with the release: while a new one takes over, old and new processes run
side by side, and neither may read what the other has made. What is kept is text, or numbers,
texts, tuples, lists and sets of them, never an object of a class of ours.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

SOURCES = ("*.py", "*.html", "*.svg", "*.mo")
NOT_SERVED = {"demo", "screenshots", "bench", "tests", "migrations"}


@cache
def release() -> str:
    """A short digest of the code, templates and words of this process, read once."""
    root = Path(settings.BASE_DIR)
    tops = sorted(path for path in root.iterdir() if path.is_dir() and _is_ours(path))
    digest = hashlib.sha256()
    for top in tops:
        files = {path for pattern in SOURCES for path in top.rglob(pattern)}
        for path in sorted(files):
            parts = path.relative_to(root).parts
            if not NOT_SERVED & set(parts):
                digest.update("/".join(parts).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _is_ours(path: Path) -> bool:
    return (path / "__init__.py").exists() or path.name in {"templates", "locale"}


def _key(kind: str, *about: object) -> str:
    """Texts, numbers and None of ``about``, whatever they hold, become a name of fixed length."""
    digest = hashlib.sha256(repr(about).encode("utf-8", "backslashreplace")).hexdigest()
    return f"{release()}:{kind}:{digest}"


def cities() -> str:
    """The cities to choose from."""
    return _key("cities")


def shelves() -> str:
    """The tree of categories."""
    return _key("shelves")


def trade(*, merchant_id: int) -> str:
    """The trade of a merchant's first category."""
    return _key("trade", merchant_id)


def prices_refreshed() -> str:
    """When the list prices were last brought in step with their offers."""
    return _key("prices-was")


def common_words(*, model: str, vector: str, query: str) -> str:
    """Whether words are found in many rows of a model by one of its vectors."""
    return _key("words", model, vector, query)


def home(*, city_id: int | None) -> str:
    """The shelves of the home page of a city."""
    return _key("home", get_language(), city_id)


def deals(*, address: str, city_id: int | None) -> str:
    """The list of deals: ``address`` in canonical form, and the city it is limited to."""
    return _key("deals", get_language(), address, city_id)


def similar(*, product_id: int, city_id: int | None) -> str:
    """Deals like a product, in a city."""
    return _key("similar", get_language(), product_id, city_id)


def product(*, version: tuple[object, ...], city_id: int | None) -> str:
    """What a product's page tells beside its price, for visitors of a city."""
    return _key("product", get_language(), version, city_id)


def store(*, version: tuple[object, ...], city_id: int | None) -> str:
    """The page of a store, for visitors of a city."""
    return _key("store", get_language(), version, city_id)


def counts(*about: object) -> str:
    """The rows that figures beside filters are counted from; ``about``: the whole search."""
    return _key("counts", *about)
