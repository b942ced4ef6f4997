from __future__ import annotations

from kernel.errors import Refusal


class UnknownKind(Refusal):
    """A notification kind without words: a mistake in our code, found by the first test."""

    code = "unknown_notification_kind"
    status = 500


class MailInFlight(Exception):
    """Another worker is sending this very message, or died at it a moment ago: try later."""
