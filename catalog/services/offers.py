"""Prices: the normal one, always there, and limited-time ones beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext

from catalog.models import Offer, Variant
from catalog.services.listing import lock_listed
from catalog.services.prices import refresh_price
from kernel.bounds import field_problems
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.templatetags.fmt import fen

OFFER_AHEAD = dt.timedelta(days=5 * 366)
"""How far from now a limited-time price may end."""


def set_normal_price(*, variant: Variant, price_fen: int) -> Offer:
    """Set the price at which the variant can always be bought; return its offer.

    `set_normal_prices` of one variant.
    """
    (offer,) = set_normal_prices([(variant, price_fen)])
    return offer


@transaction.atomic
def set_normal_prices(prices: Sequence[tuple[Variant, int]]) -> list[Offer]:
    """Set the prices (fen) at which variants can always be bought; return their offers, in order.

    ``prices`` names each variant (product joined) once. A changed price is a new offer and the
    old one ends, so that a basket that shows the old price is told and never charged another
    one. Locks the products, then the offers that end, each ascending; six statements at most,
    however many the prices are.
    Raises InvalidInput for a price below 1 fen; nothing is changed then.
    """
    lock_listed(variant.product_id for variant, _fen in prices)
    running = {
        offer.variant_id: offer
        for offer in Offer.objects.select_for_update(no_key=True)
        .filter(
            variant__in=[variant.pk for variant, _fen in prices],
            kind=Offer.Kind.NORMAL,
            active=True,
        )
        .order_by("pk")
    }
    offers, fresh, ended = [], [], []
    for variant, price_fen in prices:
        current = running.get(variant.pk)
        if current is None or current.price_fen != price_fen:
            if current is not None:
                ended.append(current.pk)
            current = _of(Offer(variant=variant, kind=Offer.Kind.NORMAL, price_fen=price_fen))
            fresh.append(current)
        offers.append(current)
    if fresh:
        Offer.objects.filter(pk__in=ended).update(active=False)
        Offer.objects.bulk_create(fresh)
        refresh_price({offer.product_id for offer in fresh})
    return offers


@transaction.atomic
def create_limited_offer(
    *,
    variant: Variant,
    price_fen: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    quota: int | None = None,
    per_person_limit: int | None = None,
    has_line: bool = False,
) -> Offer:
    """Make a limited-time price. Times are aware; ``quota`` and ``per_person_limit`` count pieces;
    ``has_line``: only who was let in buys it.

    Raises InvalidInput as `check_offer`.
    """
    offer = _of(
        Offer(
            variant=variant,
            kind=Offer.Kind.LIMITED,
            price_fen=price_fen,
            starts_at=starts_at,
            ends_at=ends_at,
            quota=quota,
            per_person_limit=per_person_limit,
            has_line=has_line,
        )
    )
    offer.save()
    refresh_price([offer.product_id])
    return offer


@transaction.atomic
def end_offer(*, offer: Offer) -> None:
    """Take an offer off sale now; orders already placed keep it. Safe to call twice.

    Locks the product, then writes the offer.
    """
    lock_listed([offer.product_id])
    Offer.objects.filter(pk=offer.pk, active=True).update(active=False)
    offer.active = False
    refresh_price([offer.product_id])


@transaction.atomic
def pause_offers(*, offer_ids: Sequence[int], on_sale: bool = False) -> None:
    """Take limited-time prices off sale for a while, or put them ``on_sale`` again, with what is left.

    Quota, what was sold and what persons hold stay. Locks the products, then writes the offers.
    """
    rows = Offer.objects.filter(pk__in=offer_ids, kind=Offer.Kind.LIMITED, active=not on_sale)
    products = list(rows.values_list("product_id", flat=True))
    lock_listed(products)
    rows.update(active=on_sale)
    refresh_price(products)


def check_offer(offer: Offer) -> None:
    """Raise InvalidInput for a number, a moment or a period that is out of bounds.

    A limited-time price has a start and an end, the end after the start, at most
    OFFER_AHEAD from now, and a quota not below what is sold; a new one is below the normal
    price of its variant.
    """
    problems = field_problems(offer, exclude=["kind"])
    if offer.is_limited:
        for name in ("starts_at", "ends_at"):
            if getattr(offer, name) is None:
                problems.setdefault(
                    name, [gettext("A limited-time price needs a start and an end.")]
                )
    starts_at, ends_at = offer.starts_at, offer.ends_at
    if starts_at and ends_at and not problems.keys() & {"starts_at", "ends_at"}:
        if ends_at <= starts_at:
            problems["ends_at"] = [gettext("The end must lie after the start.")]
        elif ends_at > now() + OFFER_AHEAD:
            problems["ends_at"] = [gettext("The end must be at most five years from now.")]
    if "quota" not in problems and offer.quota is not None and offer.quota < offer.quota_sold:
        problems["quota"] = [gettext("More than this have been sold already.")]
    if "price_fen" not in problems and offer.is_limited and offer.pk is None:
        problems |= _not_below(offer)
    if problems:
        raise InvalidInput(fields=problems)


def _not_below(offer: Offer) -> dict[str, list[str]]:
    """What is wrong with a new limited-time price that lowers nothing, by field."""
    normal = Offer.objects.filter(variant=offer.variant_id, kind=Offer.Kind.NORMAL, active=True)
    normal_fen = normal.values_list("price_fen", flat=True).first()
    if normal_fen is None or offer.price_fen < normal_fen:
        return {}
    text = gettext("A limited-time price must be below the normal price (%(price)s).")
    return {"price_fen": [text % {"price": fen(normal_fen)}]}


@transaction.atomic
def change_limited_offer(
    *,
    offer: Offer,
    ends_at: dt.datetime | None,
    quota: int | None,
    per_person_limit: int | None,
) -> Offer:
    """Change the end, the quota and the limit of a limited-time price; its price stands.

    Locks the product, then the offer, so that no sale comes between the quota and what is sold.
    Raises InvalidInput as `check_offer`.
    """
    lock_listed([offer.product_id])
    held = Offer.objects.select_for_update(no_key=True).get(pk=offer.pk)
    held.ends_at, held.quota, held.per_person_limit = ends_at, quota, per_person_limit
    check_offer(held)
    held.save(update_fields=["ends_at", "quota", "per_person_limit"])
    refresh_price([held.product_id])
    return held


def _of(offer: Offer) -> Offer:
    """A new offer as its variant has it (product joined), judged; not saved."""
    offer.product_id = offer.variant.product_id
    offer.merchant_id = offer.variant.product.merchant_id
    check_offer(offer)
    return offer
