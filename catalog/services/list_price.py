"""A list price that nothing stands behind is refused when it is saved."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext

from catalog.compare import contents_fen
from catalog.models import Offer, Product
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.templatetags.fmt import fen


def highest_list_price(product: Product, *, prices: Iterable[int] = ()) -> int:
    """The highest list price (fen) that is allowed: what the contents cost one by one, what the
    product is sold at (its normal prices, and ``prices`` that are being set beside it), or what
    these may be compared with now. One statement.
    """
    rows = Offer.objects.filter(product=product, kind=Offer.Kind.NORMAL, active=True)
    moment = now()
    known = [contents_fen(product.included), *prices]
    for offer in rows:
        known += [offer.price_fen, offer.prior_fen(moment) or 0]
    return max(known)


def require_list_price(product: Product, *, prices: Iterable[int] = ()) -> None:
    """Raise InvalidInput where the list price is above `highest_list_price`."""
    highest = highest_list_price(product, prices=prices)
    if product.list_price_fen > highest:
        text = gettext(
            "The list price can be %(price)s at most: nothing dearer was sold lately. If the same costs "
            "more at the counter, say under “What is included” what each part costs there."
        )
        raise InvalidInput(fields={"list_price_fen": [text % {"price": fen(highest)}]})
