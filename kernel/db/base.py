"""CONN_HEALTH_CHECKS asks every reused connection "SELECT 1" at the start of a request.

A server that went away has closed the socket, and a closed socket is readable: looking at it
tells the same for a restart or a kill, without a round trip per request.
"""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base

from kernel.db.moments import read_extremes


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine of settings.DATABASES."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        read_extremes(connection)
        return connection

    taken_up = 0
    """How often a connection was taken up again, once per request: see kernel/db/prepared.py."""

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
