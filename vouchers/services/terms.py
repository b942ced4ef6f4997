"""Freeze products' terms at purchase."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy

from catalog.models import Product, Variant
from catalog.usable import named_stores
from kernel.bounds import MAX_DAYS, MAX_USES, is_whole
from kernel.db.prepared import Statement
from kernel.errors import InvalidInput
from vouchers.models import VoucherTerms
from vouchers.terms import Caps, Terms, read_terms

UNREADABLE = gettext_lazy(
    "The merchant's terms for this deal cannot be read, so it cannot be sold now. Nothing was ordered."
)


NO_PLACES: Mapping[int, int] = {}


def freeze_all(
    goods: Sequence[tuple[Product, Variant | None, int | None]],
    *,
    collect_at: Mapping[int, int] = NO_PLACES,
) -> list[int]:
    """Freeze the terms of each (product, variant, price in fen); return their rows' ids in order.

    ``collect_at`` names the store of each variant whose pieces are set aside at one: only that
    store hands them over.

    Equal terms are one row, found by the SHA-256 of the body; a later edit of the product
    makes another row and touches no sold voucher. Locks nothing. No statement for terms that this
    process has sold before and products that know their ``named_store_ids``; else two however many
    goods, two more for terms never seen before. Raises InvalidInput for terms that the
    counter could not judge, so that nobody buys them.
    """
    stores = _stores_named([product for product, _variant, _price in goods])
    bodies = {}
    order = []
    for product, variant, price_fen in goods:
        body = _body(product, variant, price_fen, stores.get(product.pk))
        if variant is not None and (store_id := collect_at.get(variant.pk)):
            body |= {"store_ids": [store_id], "collect_at": store_id}
        _refuse_unreadable(body)
        digest = _digest(body)
        bodies[digest] = body
        order.append(digest)
    known = _known(bodies)
    if missing := [digest for digest in bodies if digest not in known]:
        VoucherTerms.objects.bulk_create(
            [VoucherTerms(digest=digest, body=bodies[digest]) for digest in sorted(missing)],
            ignore_conflicts=True,
        )
        known |= _known(missing)
    return [known[digest] for digest in order]


class Gift(NamedTuple):
    """What is given and not sold: a product, or words; for ``days``, ``uses`` times.

    A product without ``store_ids`` is used where it is sold for; words without any at every store.
    """

    product: Product | None
    title_en: str
    title_zh: str
    uses: int
    days: int
    store_ids: list[int]


def freeze_gift(gift: Gift) -> VoucherTerms:
    """Freeze the terms of a gift and return their row: it has no price and no refund.

    Equal terms are one row, as in `freeze_all`.
    """
    body = _gift_body(gift)
    _refuse_unreadable(body)
    return VoucherTerms.objects.get_or_create(digest=_digest(body), defaults={"body": body})[0]


def gift_terms(gift: Gift) -> Terms:
    """The terms that `freeze_gift` would freeze; writes nothing. Raises as it does."""
    body = _gift_body(gift)
    _refuse_unreadable(body)
    return read_terms(body, subject="gift")


def _gift_body(gift: Gift) -> dict[str, Any]:
    product = gift.product
    if product:
        body = _body(product, None, None, named_stores({product.pk}).get(product.pk))
        # A gift may make good a voucher that is used up: the limit in all is for what is sold.
        body.pop("caps", None)
        body["store_ids"] = gift.store_ids or body["store_ids"]
        body |= _caps(product, person=False)
    else:
        body = {
            "title_en": gift.title_en,
            "title_zh": gift.title_zh,
            "list_price_fen": 0,
            "kind": Product.Kind.VOUCHER,
            "included": [],
            "notes": [],
            "blackout": [],
            "store_ids": gift.store_ids or None,
            "price_fen": None,
        }
    if body["kind"] != Product.Kind.GOODS:
        body["kind"] = Product.Kind.TIMES_CARD if gift.uses > 1 else Product.Kind.VOUCHER
    return body | {
        "gift": True,
        "uses": gift.uses,
        "validity_days": gift.days,
        "usable_after_hours": 0,
        "refund_rule": Product.RefundRule.NONE,
        "refund_days": None,
        "refund_on_expiry": False,
    }


def current_terms(product: Product) -> Terms:
    """The terms under which ``product`` is sold now: what its page explains. One query."""
    return all_current_terms([product])[product.pk]


def all_current_terms(products: Iterable[Product]) -> dict[int, Terms]:
    """`current_terms` of several products by id, in one query for all.

    None where the reader brought the stores along as ``named_store_ids``.
    """
    products = list(products)
    stores = _stores_named(products)
    return {
        p.pk: read_terms(_body(p, None, None, stores.get(p.pk)), subject=f"product:{p.pk}")
        for p in products
    }


def frozen_titles(product: Product, variant: Variant | None = None) -> dict[str, str]:
    """``title_en`` and ``title_zh`` as they are frozen, the variant's name in them."""
    english, chinese = (variant.name_en, variant.name_zh) if variant else ("", "")
    return {
        "title_en": _title(product.title_en, english or chinese),
        "title_zh": _title(product.title_zh, chinese or english),
    }


_FIND_TERMS = Statement(
    "SELECT digest::text, id::bigint FROM vouchers_voucherterms WHERE digest = ANY(%s)", "text[]"
)


def _known(digests: Collection[str]) -> dict[str, int]:
    """The rows of these terms that there are. They never change and never go, so a process keeps their ids.

    From the commit on: a row that this transaction wrote may be rolled back with it.
    """
    known = {digest: _sold[digest] for digest in digests if digest in _sold}
    if unknown := [digest for digest in digests if digest not in known]:
        found = dict(_FIND_TERMS.rows(unknown))
        known |= found
        if settings.NEAR_SECONDS:
            transaction.on_commit(partial(_keep, found))
    return known


_sold: dict[str, int] = {}
MOST_KEPT = 20_000
"""How many ids of terms a process keeps: some megabytes."""


def _keep(found: dict[str, int]) -> None:
    if len(_sold) + len(found) > MOST_KEPT:
        _sold.clear()
    _sold.update(found)


def _stores_named(products: Collection[Product]) -> Mapping[int, list[int]]:
    """The stores that each product names; no statement for those whose reader brought them along."""
    stores = {p.pk: p.named_store_ids for p in products if hasattr(p, "named_store_ids")}
    if unread := {p.pk for p in products} - stores.keys():
        stores |= named_stores(unread)
    return stores


def _body(
    product: Product, variant: Variant | None, price_fen: int | None, store_ids: list[int] | None
) -> dict[str, Any]:
    return {
        "kind": product.kind,
        **frozen_titles(product, variant),
        "included": product.included,
        "notes": product.notes,
        "uses": product.uses,
        "validity_days": product.validity_days,
        "usable_after_hours": product.usable_after_hours,
        "blackout": product.blackout,
        "refund_rule": product.refund_rule,
        "refund_days": product.refund_days,
        "refund_on_expiry": product.refund_on_expiry,
        "store_ids": sorted(store_ids) if store_ids else None,
        "list_price_fen": product.list_price_fen,
        "price_fen": price_fen,
        **_caps(product),
    }


def _caps(product: Product, *, person: bool = True) -> dict[str, Any]:
    """The limits that are set; terms without one stay the row that they were."""
    in_all = product.uses_per_person if person else None
    caps = Caps(product.uses_per_visit, product.uses_per_day, in_all)
    given = {name: most for name, most in caps._asdict().items() if most}
    return {"caps": given} if given else {}


def _refuse_unreadable(body: dict[str, Any]) -> None:
    """Raise InvalidInput for terms that the counter could not judge or nobody could use."""
    try:
        terms = Terms.from_body(body)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise InvalidInput(fields={"terms": [str(UNREADABLE)]}) from error
    days = is_whole(terms.validity_days, 1, MAX_DAYS)
    hours = is_whole(terms.usable_after_hours, 0, terms.validity_days * 24 if days else 0)
    if not (days and hours and is_whole(terms.uses, 1, MAX_USES)):
        raise InvalidInput(fields={"terms": [str(UNREADABLE)]})


def _title(title: str, choice: str) -> str:
    return f"{title} · {choice}" if title and choice else title


def _digest(body: dict[str, Any]) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
