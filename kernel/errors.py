"""The base of every business refusal.

A refusal is an expected answer: it has a stable ``code`` for machines, an HTTP status for
the API and a sentence for people that says what happened, what was not changed and what
to do next. Rooms subclass it in their ``errors.py``, one class per rule.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class Refusal(Exception):
    """A rule said no. Nothing was changed.

    ``extra`` holds JSON-ready details for the answer (when, where, how many are left).
    """

    code = "refused"
    status = 409
    message: Any = _("This cannot be done now. Nothing was changed.")
    field = ""
    """The input that it is about: where a form has it, the sentence stands beside it."""

    def __init__(self, message: Any = None, **extra: Any) -> None:
        if message is not None:
            self.message = message
        self.extra = extra
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)

    @property
    def by_field(self) -> dict[str, list[str]]:
        """Its sentences by the input they are about; empty where it is about none of them."""
        fields: dict[str, list[str]] = self.extra.get("fields") or {}
        return fields or ({self.field: [str(self)]} if self.field else {})


class NotFound(Refusal):
    """Not there, or not yours: the two are told apart by nobody."""

    code = "not_found"
    status = 404
    message = _("We could not find that. It may have been removed, or it belongs to someone else.")


class InvalidInput(Refusal):
    """Something in the input must be mended. ``fields`` maps a field to its messages."""

    code = "invalid"
    status = 400
    message = _("Please correct the fields below.")


class TooManyAttempts(Refusal):
    """A rate limit was reached; ``retry_after_seconds`` tells when to come back, in words as minutes."""

    code = "try_later"
    status = 429
    message = _("Too many attempts. Wait a little and try again.")

    def __str__(self) -> str:
        seconds = int(self.extra.get("retry_after_seconds") or 0)
        if not seconds:
            return super().__str__()
        count = -(-seconds // 60)
        text = ngettext(
            "Too many attempts. Try again in %(count)d minute.",
            "Too many attempts. Try again in %(count)d minutes.",
            count,
        )
        return text % {"count": count}


class KeyReused(Refusal):
    """The idempotency key was used for another request."""

    code = "idempotency_key_reused"
    status = 422
    message = _(
        "This Idempotency-Key was already used for a different request. "
        "Nothing was changed; send a new key."
    )


class KeyUnfit(Refusal):
    """The idempotency key is too short, too long, or holds what cannot be printed.

    ``characters``: how many it has; ``least`` and ``most``: how many it may have.
    """

    code = "idempotency_key_unfit"
    status = 400

    def __init__(self, *, characters: int, least: int, most: int) -> None:
        if characters > most:
            message = _(
                "The Idempotency-Key is too long: it has %(characters)d characters, %(most)d at "
                "most are allowed. Nothing was changed."
            )
        elif characters < least:
            message = _(
                "The Idempotency-Key is too short: it has %(characters)d characters, %(least)d at "
                "least are needed. Nothing was changed."
            )
        else:
            message = _(
                "The Idempotency-Key holds a character that cannot be printed. "
                "Send letters, digits and signs."
            )
        details = {"characters": characters, "least": least, "most": most}
        super().__init__(message % details, **details)


class KeyMissing(Refusal):
    """A money or redemption POST came without its idempotency key."""

    code = "idempotency_key_missing"
    status = 400
    message = _("Send an Idempotency-Key header: any text of 8 to 200 characters, new per action.")
