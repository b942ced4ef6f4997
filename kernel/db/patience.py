"""How long a page waits for the database before it gives up.

Only for the web: behind a statement that hangs, or a row that somebody keeps locked, every thread
of a process would stand in line until nobody is answered. Workers, commands and migrations may
take their time.
"""

from __future__ import annotations

from typing import Any

LOCK_SECONDS = 10
STATEMENT_SECONDS = 30
CONNECT_SECONDS = 5


def bound_waiting(database: dict[str, Any], *, pooled: bool) -> None:
    """Bound, in an entry of DATABASES, how long its connections wait; before the first is made.

    A pooler in transaction mode takes no settings at the start of a connection: there the role
    has them (docs/operations.md).
    """
    options = database.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", CONNECT_SECONDS)
    if pooled:
        return
    bounds = (
        f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={STATEMENT_SECONDS}s"
        f" -c idle_in_transaction_session_timeout={2 * STATEMENT_SECONDS}s"
    )
    # What DATABASE_URL says comes last and therefore wins.
    options["options"] = f"{bounds} {options.get('options', '')}".strip()
