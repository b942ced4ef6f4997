"""CONN_HEALTH_CHECKS asks every reused connection "SELECT 1" at the start of a request.

A server that went away has closed the socket, and a closed socket is readable: looking at it
tells the same for a restart or a kill, without a round trip per request.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine of settings.DATABASES."""

    taken_up = 0
    """How often a connection was taken up again, once per request: see o2o/prepared.py."""

    def is_usable(self) -> bool:
        """Whether the connection can take a query; asks the server only after an error."""
        self.taken_up += 1
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred:
            return super().is_usable()
        poller = select.poll()
        poller.register(self.connection.fileno(), select.POLLIN)
        return not poller.poll(0)
