"""The sandbox gateway's postman: its decisions reach us as signed notifications.

A real gateway posts to /payments/notify/<gateway>/. The sandbox lives in this very process,
so its messages take the same entrance, `receive_notification`, without the network.
"""

from __future__ import annotations

import json
import logging

from django.conf import settings

from kernel.errors import Refusal
from kernel.watch.services import try_each
from orders.services.pay import receive_notification
from payments.models import SandboxTrade
from payments.sandbox.services import decide_trade, mark_delivered, undelivered

logger = logging.getLogger(__name__)


def decide_and_deliver(*, token: str, outcome: str, payer: str = "") -> SandboxTrade:
    """Press a button of the cashier page and deliver the signed notification at once.

    ``outcome`` is "paid", "failed" or "closed"; ``payer`` names the account that pays. A
    trade that is decided already stays as it is. A notification that cannot be
    processed now is delivered by the sweep. Returns the trade. Raises NotFound for an unknown
    token, ValueError for another outcome.
    """
    trade, message = decide_trade(token=token, outcome=outcome, payer=payer)
    if message is not None:
        try:
            _deliver(*message)
        except Refusal:
            logger.exception("a sandbox notification was refused")
    return trade


def deliver_undelivered() -> int:
    """Deliver what the sandbox decided and nobody has processed; return how many.

    One message that can't be processed is reported and holds up none behind it.
    """
    if "sandbox" not in settings.PAYMENT_GATEWAYS:
        return 0
    delivered = try_each(
        undelivered(),
        lambda message: _deliver(*message),
        kind="payments.sandbox_message",
        subject=lambda message: str(json.loads(message[1])["gateway_number"]),
    )
    return len(delivered)


def _deliver(headers: dict[str, str], body: bytes) -> None:
    outcome = receive_notification(gateway="sandbox", headers=headers, body=body)
    mark_delivered(body=body)
    logger.debug("sandbox notification processed: %s", outcome)
