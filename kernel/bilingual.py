"""Content that exists in two languages: ``name_en`` and ``name_zh`` read as ``name``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

_HEADINGS = {
    "name": _("name"),
    "title": _("title"),
    "label": _("label"),
}


def pick(english: str, chinese: str) -> str:
    """Return the text of the active language, or the other one where it is empty."""
    first, second = (
        (chinese, english) if (get_language() or "").startswith("zh") else (english, chinese)
    )
    return first or second


class Bilingual:
    """Read-only attribute over a pair of fields: ``title = Bilingual("title")``."""

    def __init__(self, field: str) -> None:
        self.field = field
        # The heading of a column in the admin.
        self.short_description = _HEADINGS.get(field, field)

    def __get__(self, instance: Any, owner: type | None = None) -> str:
        if instance is None:
            return self  # type: ignore[return-value]
        return pick(getattr(instance, f"{self.field}_en"), getattr(instance, f"{self.field}_zh"))
