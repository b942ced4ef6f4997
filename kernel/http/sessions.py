"""Sessions that cope with a database time-out while they are saved."""

from __future__ import annotations

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessions
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse


class SessionMiddleware(DjangoSessions):
    """Django's, which takes every trouble in saving for a session that was deleted meanwhile.

    That is a 400, "your request cannot be read". A wait for a lock that was given up is "try
    again in a moment" as everywhere else (kernel/http/busy.py), a database that is away is ours.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except SessionInterrupted as interrupted:
            if trouble := _trouble(interrupted):
                raise trouble from trouble.__cause__
            raise


def _trouble(error: BaseException | None) -> OperationalError | None:
    """The database's own error among those that led to ``error``."""
    while error is not None:
        if isinstance(error, OperationalError):
            return error
        error = error.__cause__ or error.__context__
    return None
