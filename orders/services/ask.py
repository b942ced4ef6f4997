"""How something is bought, checked where it names what we know: the store, the method, the tender."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext

from catalog.models import Offer
from catalog.usable import used_at
from kernel.errors import InvalidInput
from orders.models import Fulfilment
from orders.pricing.rules import Ask
from stores.models import Store

METHODS = tuple(Fulfilment.Method.values)
"""How an order is received: used at a store, or its goods handed over there."""


def check_ask(ask: Ask, offers: Iterable[Offer]) -> None:
    """Refuse a store that takes none of ``offers``, and a method or tender that nobody has.

    A rule of price that asks for one of them would silently not apply, and who has misspelt it
    would pay more. Raises InvalidInput that names the field. One statement with a store, none
    without.
    """
    fields: dict[str, list[str]] = {}
    if ask.store is not None and not _takes_some(ask.store, offers):
        fields["store"] = [gettext("Name a store that takes something of this order, or none.")]
    if ask.method and ask.method not in METHODS:
        text = gettext("Nobody hands orders over this way. Send one of: %(known)s.")
        fields["method"] = [text % {"known": ", ".join(METHODS)}]
    if ask.tender and ask.tender not in settings.PAYMENT_GATEWAYS:
        text = gettext("Nobody takes money this way. Send one of: %(known)s.")
        fields["tender"] = [text % {"known": ", ".join(settings.PAYMENT_GATEWAYS)}]
    if fields:
        raise InvalidInput(fields=fields)


def _takes_some(store_id: int, offers: Iterable[Offer]) -> bool:
    taken = Q(pk__in=[])
    for offer in offers:
        taken |= Q(merchant=offer.product.merchant_id) & used_at(
            product=offer.product_id, store=store_id
        )
    return Store.objects.open_for_business().filter(taken, pk=store_id).exists()
