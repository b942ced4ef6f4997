"""Whose stock somebody may see, count or move. Other people's rows answer 404."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext

from kernel.errors import InvalidInput, NotFound
from stores.access import lacking, lacking_of, merchants_for
from stores.models import Merchant
from stores.rights import Right, stores_where


class StockReach(NamedTuple):
    """A business, and its stores whose stock somebody may speak for; None: all, and the web's number."""

    merchant: Merchant
    stores: frozenset[int] | None


def access_stock(*, user: Any, rights: tuple[Right, ...], slug: str = "") -> StockReach:
    """Where ``user`` holds one of ``rights``: at the business ``slug``, or the only one there is.

    Who holds it for the whole business speaks for all of it, others for their stores. Raises
    NotFound where there is none, InvalidInput where it must be said which.
    """
    limited = Q(pk__in=[])
    whole = Q(pk__in=[])
    for right in rights:
        whole |= Q(pk__in=merchants_for(user, right).values("pk"))
        limited |= Q(pk__in=stores_where(user, right).values("merchant"))
    merchants = Merchant.objects.filter(whole | limited)
    if slug:
        merchants = merchants.filter(slug=slug)
    found = list(merchants.order_by("pk")[:2])
    if not found:
        named = Merchant.objects.filter(slug=slug).first() if slug else None
        if named is not None:
            raise lacking_of(user, *rights, merchant_id=named.pk, at_store=True)
        raise NotFound if slug else lacking(user, *rights)
    if len(found) > 1:
        raise InvalidInput(fields={"merchant": [gettext("Say which business this is for.")]})
    merchant = found[0]
    if Merchant.objects.filter(whole, pk=merchant.pk).exists():
        return StockReach(merchant, None)
    stores: set[int] = set()
    for right in rights:
        stores |= set(
            stores_where(user, right).filter(merchant=merchant).values_list("pk", flat=True)
        )
    return StockReach(merchant, frozenset(stores))
