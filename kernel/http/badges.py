"""A state as a page shows it."""

from __future__ import annotations

from typing import NamedTuple


class Badge(NamedTuple):
    """A state as a word with its colour (see the badge tag of `templatetags/ui.py`)."""

    label: str
    kind: str
