"""Refusals of an order that name the product they are about and say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from django.utils.translation import gettext, ngettext

from catalog.errors import PersonLimitReached, QuotaGone, SoldOut, StoreNeeded
from kernel.errors import InvalidInput, Refusal
from kernel.plaintext import isolate
from orders.errors import QuantityOutOfRange


class NamedLine(Protocol):
    """What a refusal needs to know of a line."""

    @property
    def offer_id(self) -> int | None: ...
    @property
    def variant_id(self) -> int | None: ...
    @property
    def title(self) -> str: ...


class NamedOffer(NamedTuple):
    """An offer that nobody has ordered yet."""

    offer_id: int
    variant_id: int
    title: str


def name_line(refusal: Refusal, lines: Sequence[NamedLine]) -> Refusal:
    """The same refusal, code and details, in a sentence about the line of the order it concerns.

    ``offer`` joins the details, also where there is no such sentence. A refusal that points to none
    of the lines is returned as it is.
    """
    line = _line_of(refusal, lines)
    if line is None:
        return refusal
    sentence = explain(refusal, line.title)
    details = refusal.extra | {"offer": line.offer_id}
    return type(refusal)(sentence or refusal.message, **details)


def explain(refusal: Refusal, title: str) -> str:
    """A sentence with the product's ``title``, "" for refusals that are not about one product."""
    title = isolate(title)
    details = refusal.extra | {"title": title}
    if isinstance(refusal, PersonLimitReached):
        return (
            gettext(
                "“%(title)s”: the limit is %(limit)d per person, and you have bought %(held)d so far. "
                "Nothing was ordered; lower its quantity or leave it out."
            )
            % details
        )
    if isinstance(refusal, SoldOut):
        return _left(title, refusal.extra.get("available") or 0)
    if isinstance(refusal, QuotaGone):
        return _left_at_price(title, refusal.extra.get("remaining") or 0)
    if isinstance(refusal, QuantityOutOfRange):
        return (
            gettext(
                "“%(title)s”: one order takes at most %(limit)d. Nothing was ordered; lower its quantity."
            )
            % details
        )
    if isinstance(refusal, StoreNeeded):
        return (
            gettext(
                "“%(title)s”: choose the store where you collect it, as each has its own pieces. "
                "Nothing was ordered."
            )
            % details
        )
    if isinstance(refusal, InvalidInput):  # a store that was chosen for it
        problems = [text for texts in refusal.by_field.values() for text in texts]
        said = {"title": title, "problem": " ".join(problems)}
        return gettext("“%(title)s”: %(problem)s Nothing was ordered.") % said if problems else ""
    return ""


def _line_of(refusal: Refusal, lines: Sequence[NamedLine]) -> NamedLine | None:
    offer, variant = refusal.extra.get("offer"), refusal.extra.get("variant")
    for line in lines:
        if line.offer_id == offer or (offer is None and line.variant_id == variant):
            return line
    return None


def _left(title: str, left: int) -> str:
    if not left:
        return gettext("“%(title)s” is sold out. Nothing was ordered; leave it out.") % {
            "title": title
        }
    return ngettext(
        "Only %(left)d piece of “%(title)s” is left. Nothing was ordered; lower its quantity.",
        "Only %(left)d pieces of “%(title)s” are left. Nothing was ordered; lower its quantity.",
        left,
    ) % {"title": title, "left": left}


def _left_at_price(title: str, left: int) -> str:
    if not left:
        return gettext(
            "The pieces of “%(title)s” at this price are gone. Nothing was ordered; "
            "leave it out, or buy it at the usual price."
        ) % {"title": title}
    return ngettext(
        "Only %(left)d piece of “%(title)s” is left at this price. "
        "Nothing was ordered; lower its quantity.",
        "Only %(left)d pieces of “%(title)s” are left at this price. "
        "Nothing was ordered; lower its quantity.",
        left,
    ) % {"title": title, "left": left}
