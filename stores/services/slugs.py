"""Names that can stand in an address."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.utils.text import slugify


def make_slug(name_en: str, name_zh: str, fallback: str) -> str:
    """Return an address-safe name: from the English name, else from the Chinese one's pinyin."""
    return (slugify(name_en) or slugify(_pinyin(name_zh)) or fallback)[:70]


def _pinyin(chinese: str) -> str:
    """The sounds of a Chinese name. Loaded when first asked: pypinyin's tables are 56 MiB."""
    return " ".join(import_module("pypinyin").lazy_pinyin(chinese)) if chinese else ""


def free_slug(wanted: str, *, model: Any) -> str:
    """Return ``wanted``, or ``wanted-2``, ``wanted-3`` … when it is taken."""
    taken = set(model.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
