"""Light or dark, as chosen in the header; else the device decides."""

from __future__ import annotations

from django.http import HttpRequest

THEMES = ("light", "dark")


def chosen_theme(request: HttpRequest) -> str:
    """The theme of the cookie, "" without a choice."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else ""
