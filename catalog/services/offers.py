"""Prices: the normal one, always there, and limited-time ones beside it."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.models import Offer, Variant
from catalog.services.prices import refresh_price
from o2o.errors import InvalidInput


@transaction.atomic
def set_normal_price(*, variant: Variant, price_fen: int) -> Offer:
    """Set the price at which the variant can always be bought; return its offer.

    A changed price is a new offer and the old one ends, so that a basket that shows the old
    price is told and never charged another one. Raises InvalidInput for a price below 1 fen.
    """
    current = (
        Offer.objects.select_for_update(no_key=True)
        .filter(variant=variant, kind=Offer.Kind.NORMAL, active=True)
        .first()
    )
    if current is not None and current.price_fen == price_fen:
        return current
    if current is not None:
        Offer.objects.filter(pk=current.pk).update(active=False)
    return _create(Offer(variant=variant, kind=Offer.Kind.NORMAL, price_fen=price_fen))


@transaction.atomic
def create_flash_offer(
    *,
    variant: Variant,
    price_fen: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    quota: int | None = None,
    per_person_limit: int | None = None,
) -> Offer:
    """Make a limited-time price. Times are aware; ``quota`` and ``per_person_limit`` count pieces.

    Raises InvalidInput when it ends before it starts, or for a price, quota or limit below 1.
    """
    if ends_at <= starts_at:
        raise InvalidInput(fields={"ends_at": [f"≤ {starts_at:%Y-%m-%d %H:%M}"]})
    for name, number in (("quota", quota), ("per_person_limit", per_person_limit)):
        if number is not None and number < 1:
            raise InvalidInput(fields={name: ["≥ 1"]})
    return _create(
        Offer(
            variant=variant,
            kind=Offer.Kind.FLASH,
            price_fen=price_fen,
            starts_at=starts_at,
            ends_at=ends_at,
            quota=quota,
            per_person_limit=per_person_limit,
        )
    )


@transaction.atomic
def end_offer(*, offer: Offer) -> None:
    """Take an offer off sale now; orders already placed keep it. Safe to call twice."""
    Offer.objects.filter(pk=offer.pk, active=True).update(active=False)
    offer.active = False
    refresh_price([offer.product_id])


def _create(offer: Offer) -> Offer:
    offer.product_id = offer.variant.product_id
    offer.merchant_id = offer.variant.product.merchant_id
    try:
        offer.clean_fields(exclude=["product", "variant", "merchant"])
    except ValidationError as error:
        raise InvalidInput(fields=error.message_dict) from None
    offer.save()
    refresh_price([offer.product_id])
    return offer
