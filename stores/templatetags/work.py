"""Where the signed-in person works, for links that must lead somewhere."""

from __future__ import annotations

from typing import Any

from django import template

from stores.access import has_counter
from stores.counter_cookie import COUNTER_STAFF
from stores.rights import platform_rights

register = template.Library()


@register.simple_tag(takes_context=True)
def opens_console(context: dict[str, Any]) -> bool:
    """{% opens_console as counter %}: whether the store console opens for the signed-in person.

    Guests, and who has opened it in this browser, cost no query: the cookie names the person, as
    browsers are shared. Who has the back office alone costs one.
    """
    request: Any = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return False
    if request.COOKIES.get(COUNTER_STAFF) == str(user.pk):
        return True
    return user.is_staff and has_counter(user)


@register.simple_tag(takes_context=True)
def of_the_platform(context: dict[str, Any]) -> bool:
    """{% of_the_platform as operator %}: whether the reader is one of the operator's people."""
    user = getattr(context.get("request"), "user", None)
    return bool(user is not None and user.is_authenticated and platform_rights(user))
