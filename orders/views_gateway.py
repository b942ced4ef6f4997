"""Where gateways talk to us, and the sandbox gateway's own page."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from kernel.errors import NotFound, Refusal
from orders.forms import CashierForm, require_valid
from orders.presentation import own_path
from orders.services.pay import receive_notification
from orders.services.sandbox import decide_and_deliver
from payments.gateways.base import get_gateway
from payments.sandbox.services import view_trade

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def payment_notify(request: HttpRequest, gateway: str) -> HttpResponse:
    """A gateway's server posts a signed notification here; nobody is signed in.

    Whatever is verified is processed and acknowledged, even when it changes nothing (a copy,
    a late payment, an amount that differs from ours: sending it again would not help, an operator
    sees it). What cannot be verified gets a bare 4xx that tells a prober nothing. When we
    fail, the answer is a 5xx and the gateway tries again.
    """
    try:
        outcome = receive_notification(gateway=gateway, headers=request.headers, body=request.body)
    except Refusal as refusal:
        logger.warning("notification for %s refused: %s", gateway, refusal.code)
        return HttpResponse(status=refusal.status)
    logger.info("%s notification: %s", gateway, outcome)
    answer = get_gateway(gateway).acknowledgement
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sandbox_cashier(request: HttpRequest, token: str) -> HttpResponse:
    """Play the gateway's cashier page. The token in the address is the right to decide.

    Exempt from the CSRF check: it stands for a foreign site, and API clients post
    ``outcome=paid|failed|closed`` here, and ``payer``, the account that pays. A repeated post is
    harmless: the first one counts.
    """
    if "sandbox" not in settings.PAYMENT_GATEWAYS:
        raise NotFound
    if request.method == "POST":
        values = require_valid(CashierForm(request.POST))
        trade = decide_and_deliver(
            token=token, outcome=values["outcome"], payer=values["payer"] or ""
        )
        return HttpResponseRedirect(own_path(trade.return_url) or trade.return_url)
    trade = view_trade(token=token)
    return render(
        request,
        "orders/sandbox_cashier.html",
        {"trade": trade, "return_url": own_path(trade.return_url) or trade.return_url},
    )
