"""Every reaction across rooms, in one table: outbox topic → handler.

Handlers take the payload as keyword arguments and may be called again at any time.
"""

from __future__ import annotations

from o2o.outbox.services import Handler

HANDLERS: dict[str, Handler] = {}
