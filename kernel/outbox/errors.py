"""How a handler says more than "it failed"."""

from __future__ import annotations


class PermanentFailure(Exception):
    """Trying again would fail the same way: the delivery is parked at once with this text."""
