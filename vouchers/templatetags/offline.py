"""What base.html tells static/js/offline.js."""

from __future__ import annotations

from typing import Any

from django import template

from vouchers import offline

register = template.Library()


@register.simple_tag(takes_context=True)
def offline_account(context: dict[str, Any]) -> str | None:
    """The account's name in this browser's storage: "" for a guest, None where nobody knows."""
    request = context.get("request")
    user = getattr(request, "user", None)
    return None if user is None else offline.account_key(user)
