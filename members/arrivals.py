"""What rooms above do when somebody signs in at a browser: what a guest did there becomes theirs.

``members`` knows no baskets; whoever keeps something for a guest says so in ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from members.models import User

Arrival = Callable[[HttpRequest, User], None]
_arrivals: list[Arrival] = []


def register_arrival(arrival: Arrival) -> None:
    """Let ``arrival(request, user)`` run in the transaction of every sign-in; once however often it is told."""
    if arrival not in _arrivals:
        _arrivals.append(arrival)


def arrivals() -> tuple[Arrival, ...]:
    """What was registered, in that order."""
    return tuple(_arrivals)
