"""Icons are blocks: words beside one stand in a box of their own, or they fall below it."""

from __future__ import annotations

import re

from django.conf import settings

_BARE_WORDS = re.compile(r"\{% icon [^%]*%\}[ ]+(?:\{% (?:block)?translate|\{\{|\w)")


def test_words_beside_an_icon_stand_in_a_box() -> None:
    broken = [
        f"{path.relative_to(settings.BASE_DIR)}: {found[0]}"
        for path in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
        for found in _BARE_WORDS.finditer(path.read_text())
    ]
    assert not broken, "\n".join(broken)
