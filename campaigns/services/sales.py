"""Make a limited-time sale, start, pause and end it: it writes the limited-time prices of the catalog.

The prices begin and end by their own times; a sale that is paused or ended takes them off at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from campaigns.errors import CampaignFixed, CampaignMoved, CampaignOver
from campaigns.models import Sale, SaleItem
from catalog.models import Offer, Variant
from catalog.occasions import Occasion
from catalog.services.offers import check_offer, create_limited_offer, pause_offers
from kernel.bounds import field_problems
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.watch.sweeps import sweep
from stores.access import refuse_unless_trading, refuse_without
from stores.models import Merchant
from stores.rights import Right

MOST_ITEMS = 50
State = Sale.State


class ItemAsked(NamedTuple):
    """A choice at a price (fen), so many in all and for each person; None: no limit."""

    variant_id: int
    price_fen: int
    quota: int | None = None
    per_person_limit: int | None = None


class SaleAsked(NamedTuple):
    """What a merchant wants to sell cheaper, and from when until when."""

    name_en: str
    name_zh: str
    begins_at: dt.datetime
    ends_at: dt.datetime
    items: Sequence[ItemAsked]
    occasion: str = ""
    has_line: bool = False


def check_sale(*, merchant: Merchant, asked: SaleAsked, by: Any) -> Sale:
    """Return the draft as it would be written, when ``by`` may make it; writes nothing.

    Raises `refuse_without` Right.EDIT_CAMPAIGNS, NotTrading, InvalidInput with the fields.
    """
    _refuse(by, merchant.pk)
    row = Sale(merchant=merchant)
    _describe(row, asked)
    return row


@transaction.atomic
def create_sale(*, merchant: Merchant, asked: SaleAsked, by: Any) -> Sale:
    """Write a draft: guests see nothing of it before it starts. Errors as `check_sale`."""
    row = check_sale(merchant=merchant, asked=asked, by=by)
    row.save()
    _write_items(row, asked)
    return row


@transaction.atomic
def change_sale(*, sale_id: int, asked: SaleAsked, by: Any) -> Sale:
    """Write a draft anew. Locks it. Raises NotFound, CampaignFixed, errors as `check_sale`."""
    row = _lock(sale_id)
    _refuse(by, row.merchant_id)
    if row.state != State.DRAFT:
        raise CampaignFixed(state=row.state)
    _describe(row, asked)
    row.save()
    SaleItem.objects.filter(sale=row).delete()
    _write_items(row, asked)
    return row


def start_sale(*, sale_id: int, by: Any) -> Sale:
    """Write the prices of a draft, or put those of a paused sale on again, with what is left of each.

    Locks the merchant, the products, then the sale. Raises NotFound, NotTrading, CampaignMoved,
    CampaignOver where its end has passed, InvalidInput for a price that is no longer lower.
    """
    return _move(sale_id, State.RUNNING, by)


def pause_sale(*, sale_id: int, by: Any) -> Sale:
    """Take its prices off for the moment; what was sold counts on. As `start_sale`."""
    return _move(sale_id, State.PAUSED, by)


def end_sale(*, sale_id: int, by: Any) -> Sale:
    """Take its prices off for good; orders already placed keep them. As `start_sale`."""
    return _move(sale_id, State.ENDED, by)


def end_sales_due(limit: int = 10_000) -> int:
    """Say of sales whose time is over that they have ended; their prices have by themselves."""
    ended = sweep(
        Sale.objects.filter(state__in=(State.RUNNING, State.PAUSED), ends_at__lte=now()),
        lambda sale_id: _move(sale_id, State.ENDED, None),
        by="ends_at",
        kind="campaigns.end_sale",
        noun="sale",
        limit=limit,
    )
    return len(ended)


def why_sale_not_moved(sale: Sale, state: str) -> str:
    """Why a sale does not come to ``state`` from where it stands, "" where it does."""
    if sale.state not in Sale.MOVES[state]:
        return str(CampaignMoved.message)
    if state == State.RUNNING and sale.ends_at <= now():
        return str(CampaignOver.message)
    return ""


def _move(sale_id: int, state: str, by: Any) -> Sale:
    """Nothing else locks a sale, so what its prices lock comes first, in the one order of locks."""
    merchant_id = Sale.objects.filter(pk=sale_id).values_list("merchant_id", flat=True).first()
    if merchant_id is None:
        raise NotFound
    _refuse(by, merchant_id)
    with transaction.atomic():
        Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)
        row = Sale.objects.get(pk=sale_id)
        if row.state not in Sale.MOVES[state]:
            raise CampaignMoved(state=row.state)
        if state == State.RUNNING:
            if row.ends_at <= now():
                raise CampaignOver
            _put_on(row)
        else:
            pause_offers(offer_ids=_offer_ids(row))
        if not Sale.objects.filter(pk=sale_id, state=row.state).update(state=state):
            raise CampaignMoved(state=row.state)
        row.state = state
    return row


def _put_on(row: Sale) -> None:
    if row.state == State.PAUSED:
        pause_offers(offer_ids=_offer_ids(row), on_sale=True)
        return
    items = row.items.select_related("variant__product").order_by("variant__product_id", "pk")
    for item in items:
        item.offer = create_limited_offer(
            variant=item.variant,
            price_fen=item.price_fen,
            starts_at=row.begins_at,
            ends_at=row.ends_at,
            quota=item.quota,
            per_person_limit=item.per_person_limit,
            has_line=row.has_line,
        )
        item.save(update_fields=["offer"])


def _offer_ids(row: Sale) -> list[int]:
    return [pk for pk in row.items.values_list("offer_id", flat=True) if pk is not None]


def _lock(sale_id: int) -> Sale:
    row = Sale.objects.select_for_update(of=("self",), no_key=True).filter(pk=sale_id).first()
    if row is None:
        raise NotFound
    return row


def _refuse(by: Any, merchant_id: int) -> None:
    if by is not None:
        refuse_without(user=by, right=Right.EDIT_CAMPAIGNS, merchant_id=merchant_id)
    refuse_unless_trading(merchant_id=merchant_id, by=by)


def _write_items(row: Sale, asked: SaleAsked) -> None:
    SaleItem.objects.bulk_create(SaleItem(sale=row, **item._asdict()) for item in asked.items)


def _describe(row: Sale, asked: SaleAsked) -> None:
    """Put what is asked for onto the row, and raise InvalidInput for what cannot be sold so."""
    for name in ("name_en", "name_zh", "begins_at", "ends_at", "occasion", "has_line"):
        setattr(row, name, getattr(asked, name))
    problems = field_problems(row, exclude=["merchant"])
    if not (row.name_en or row.name_zh):
        problems["name_en"] = [gettext("Give it a name, in one language at least.")]
    if row.occasion and row.occasion not in Occasion.values:
        problems["occasion"] = [gettext("Choose an occasion of the list.")]
    if not {"begins_at", "ends_at"} & problems.keys() and row.ends_at <= max(row.begins_at, now()):
        problems["ends_at"] = [gettext("It has to end later than it begins, and later than now.")]
    if not problems:
        problems = _check_items(row, asked.items)
    if problems:
        raise InvalidInput(fields=problems)


def _check_items(row: Sale, items: Sequence[ItemAsked]) -> dict[str, list[str]]:
    """What is wrong with the prices of a sale, each named; a fixed number of statements and one each."""
    ids = [item.variant_id for item in items]
    mine = Variant.objects.filter(pk__in=ids, product__merchant=row.merchant_id)
    variants = {variant.pk: variant for variant in mine.select_related("product")}
    if not 1 <= len(items) <= MOST_ITEMS or len(variants) < len(items):
        text = gettext("Choose between 1 and %(most)d products of this business, each once.")
        return {"items": [text % {"most": MOST_ITEMS}]}
    problems = []
    if row.has_line and not all(item.per_person_limit for item in items):
        problems.append(
            gettext("With a waiting line, say of each product how many one person may buy.")
        )
    for item in items:
        variant = variants[item.variant_id]
        offer = Offer(
            variant=variant,
            product=variant.product,
            merchant_id=row.merchant_id,
            kind=Offer.Kind.LIMITED,
            price_fen=item.price_fen,
            starts_at=row.begins_at,
            ends_at=row.ends_at,
            quota=item.quota,
            per_person_limit=item.per_person_limit,
        )
        try:
            check_offer(offer)
        except InvalidInput as error:
            fields = error.extra["fields"]
            problems += [f"{variant}: {text}" for texts in fields.values() for text in texts]
    return {"items": problems} if problems else {}
