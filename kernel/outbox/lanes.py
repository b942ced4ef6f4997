"""Who reacts to an event, and in which lane.

The table itself is o2o/reactions.py: it imports every room, so it is registered from above when
the apps are ready.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

Handler = Callable[..., object]


class Happening(NamedTuple):
    """One of several events that are handled together; ``request_id`` is of the request that wrote it."""

    payload: Mapping[str, Any]
    request_id: str


ManyHandler = Callable[[Sequence[Happening]], object]


class Lane(models.TextChoices):
    """A Celery queue. Workers of one lane never wait for another's (docs/operations.md)."""

    MONEY = "money", _("money")
    SIGN_IN = "sign-in", _("sign-in")
    MESSAGES = "messages", _("messages")
    INSIGHT = "insight", _("insight")


class Consumer(NamedTuple):
    """One reaction to an event.

    ``name`` is stored with each delivery: it stays when the function moves, and is unique
    within its topic. ``handle`` takes the payload as keyword arguments, opens its own
    transactions, and may be called again at any time and in any order with the event's other
    consumers.

    ``together``, where there is one, does for several events what ``handle`` does for each, all or
    nothing, when many wait. Only for what is done within the database: who sends mail or talks to a
    gateway would hold the others up.
    """

    name: str
    handle: Handler
    lane: Lane
    together: ManyHandler | None = None


Consumers = Mapping[str, tuple[Consumer, ...]]

_registered: dict[str, tuple[Consumer, ...]] = {}


def register_consumers(table: Consumers) -> None:
    """Make ``table`` (topic → consumers) the one that workers and `wake_lane` go by.

    Raises ValueError when two consumers of a topic share a name.
    """
    for topic, consumers in table.items():
        if len({consumer.name for consumer in consumers}) < len(consumers):
            raise ValueError(f"two consumers of {topic} have one name")
    _registered.clear()
    _registered.update(table)


def registered_consumers() -> Consumers:
    """The table of this process; empty before the apps are ready."""
    return _registered


def lanes_of(topic: str) -> set[Lane]:
    """The lanes that an event of ``topic`` has work for."""
    return {consumer.lane for consumer in _registered.get(topic, ())}
