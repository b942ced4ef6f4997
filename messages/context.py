from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from messages.selectors import Unread, unread_of


def inbox(request: HttpRequest) -> dict[str, Any]:
    """Unread messages, counted only on pages that show the number."""

    def count() -> Unread:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return Unread(0, 0)
        return unread_of(user.pk)

    return {"unread": SimpleLazyObject(count)}
