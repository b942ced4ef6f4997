"""Frozen terms, read in one place for buyer, clerk and merchant; vouchers/explain.py words them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from catalog.models import Product
from kernel.bilingual import Bilingual
from kernel.bounds import is_whole
from kernel.money import MAX_AMOUNT_FEN
from kernel.numerals import MAX_ID
from kernel.watch.services import report_incident
from vouchers.blackout import BlackoutRule, free_from, rule_at

MOST = 32_767
"""Of uses, days and hours: what the columns hold that terms are frozen from (smallint)."""
_BROKEN = (ValueError, TypeError, AttributeError, KeyError, OverflowError)
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Included:
    """Something that comes with the voucher; its value is what it costs by itself."""

    name_en: str
    name_zh: str
    quantity: int
    value_fen: int | None
    name = Bilingual("name")


@dataclass(frozen=True, slots=True)
class Note:
    """Small print a guest should know beforehand."""

    text_en: str
    text_zh: str
    text = Bilingual("text")


class Caps(NamedTuple):
    """The most uses of one guest at one visit, on one day and in all; None where no limit is.

    They count all vouchers of the guest for the product together (vouchers/caps.py).
    """

    visit: int | None = None
    day: int | None = None
    person: int | None = None


NO_CAPS = Caps()


@dataclass(frozen=True, slots=True)
class Terms:
    """What was promised at purchase. ``store_ids`` None means every store of the merchant."""

    kind: str
    title_en: str
    title_zh: str
    included: tuple[Included, ...]
    uses: int
    validity_days: int
    blackout: tuple[BlackoutRule, ...]
    refund_rule: str
    refund_days: int | None
    refund_on_expiry: bool
    usable_after_hours: int
    notes: tuple[Note, ...]
    store_ids: frozenset[int] | None
    list_price_fen: int
    price_fen: int | None
    caps: Caps = NO_CAPS
    collect_at: int | None = None
    """The store that its pieces were set aside at; the only one of ``store_ids``."""
    gift: bool = False
    """Given, not sold: no price, no refund."""
    whole: bool = True
    """False where a part of a damaged row could not be read and was left out."""
    title = Bilingual("title")

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Terms:
        """Read the body of a VoucherTerms row."""
        _judge_money_part(body)
        store_ids = body["store_ids"]
        return cls(
            kind=body["kind"],
            title_en=_text(body["title_en"]),
            title_zh=_text(body["title_zh"]),
            included=tuple(_included(item) for item in body["included"]),
            uses=body["uses"],
            validity_days=body["validity_days"],
            blackout=tuple(BlackoutRule.from_json(rule) for rule in body["blackout"]),
            refund_rule=body["refund_rule"],
            refund_days=body["refund_days"],
            refund_on_expiry=body["refund_on_expiry"],
            usable_after_hours=body["usable_after_hours"],
            notes=tuple(_note(note) for note in body["notes"]),
            store_ids=None if store_ids is None else frozenset(store_ids),
            list_price_fen=body["list_price_fen"],
            price_fen=body["price_fen"],
            caps=_caps(body.get("caps")),
            collect_at=_store_of(body),
            gift=body.get("gift") is True,
        )

    def allows_store(self, store_id: int) -> bool:
        """Whether a store of the merchant may redeem."""
        return self.store_ids is None or store_id in self.store_ids

    def blackout_at(self, moment: dt.datetime, zone: ZoneInfo) -> BlackoutRule | None:
        """The rule that forbids ``moment``, judged in the store's ``zone``; None when free."""
        return rule_at(self.blackout, moment, zone)

    def usable_from(self, moment: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
        """The first moment from ``moment`` on outside every blackout, in ``zone``."""
        return free_from(self.blackout, moment, zone)


def _store_of(body: Mapping[str, Any]) -> int | None:
    store_id = body.get("collect_at")
    return store_id if _is_store_id(store_id) and body["store_ids"] == [store_id] else None


def _judge_money_part(body: Mapping[str, Any]) -> None:
    """Raise ValueError where a number, a kind, a yes or a list of stores is none."""
    stores, days, price_fen = body["store_ids"], body["refund_days"], body["price_fen"]
    counts_days = body["refund_rule"] == Product.RefundRule.DAYS
    good = (
        body["kind"] in Product.Kind.values,
        body["refund_rule"] in Product.RefundRule.values,
        is_whole(body["uses"], 1, MOST),
        is_whole(body["validity_days"], 0, MOST),
        is_whole(body["usable_after_hours"], 0, MOST),
        is_whole(days, 0, MOST) or (days is None and not counts_days),
        isinstance(body["refund_on_expiry"], bool),
        stores is None or (isinstance(stores, list) and all(map(_is_store_id, stores))),
        is_whole(body["list_price_fen"], 0, MAX_AMOUNT_FEN),
        price_fen is None or is_whole(price_fen, 0, MAX_AMOUNT_FEN),
    )
    if not all(good):
        raise ValueError("the rules of these terms cannot be read")


def terms_of(voucher: Any) -> Terms:
    """The terms of a sold voucher (terms joined); a damaged row is read as far as it goes."""
    return read_terms(voucher.terms.body, subject=f"terms:{voucher.terms_id}")


def read_terms(body: Mapping[str, Any], *, subject: str) -> Terms:
    """Read frozen terms, whatever they hold: what is sold is redeemed and refunded.

    Where a part cannot be read it is left out and the operator is told; the money part
    (refund rule, expiry, uses, days, stores) is read by itself. A right that cannot be read
    is read for the customer: a refund at any time, money back on expiry.
    """
    try:
        return Terms.from_body(body)
    except _BROKEN as error:
        report_incident(kind="vouchers.terms", subject=subject, error=error)
        return _salvage(body if isinstance(body, Mapping) else {})


def _salvage(body: Mapping[str, Any]) -> Terms:
    rules = Product.RefundRule
    rule, days = body.get("refund_rule"), _number(body.get("refund_days"), 0, -1)
    if rule not in rules.values or (rule == rules.DAYS and days < 0):
        rule = rules.ANYTIME
    return Terms(
        kind=body["kind"] if body.get("kind") in Product.Kind.values else Product.Kind.VOUCHER,
        title_en=str(body.get("title_en") or ""),
        title_zh=str(body.get("title_zh") or ""),
        included=_readable(body.get("included"), _included),
        uses=_number(body.get("uses"), 1, 1),
        validity_days=_number(body.get("validity_days"), 1, 90),
        blackout=_readable(body.get("blackout"), BlackoutRule.from_json),
        refund_rule=rule,
        refund_days=None if days < 0 else days,
        refund_on_expiry=body.get("refund_on_expiry") is not False,
        usable_after_hours=_number(body.get("usable_after_hours"), 0, 0),
        notes=_readable(body.get("notes"), _note),
        store_ids=_store_ids(body.get("store_ids")),
        list_price_fen=_number(body.get("list_price_fen"), 0, 0, MAX_AMOUNT_FEN),
        price_fen=_number(body.get("price_fen"), 0, 0, MAX_AMOUNT_FEN) or None,
        caps=_readable_caps(body.get("caps")),
        gift=body.get("gift") is True,
        whole=False,
    )


def _caps(body: Any) -> Caps:
    """Terms without limits, and those of earlier releases, have no such part."""
    if body is None:
        return NO_CAPS
    if not body or set(body) - set(Caps._fields):
        raise ValueError("limits that nobody knows")
    if not all(is_whole(most, 1, MOST) for most in body.values()):
        raise ValueError("a limit that nobody means")
    return Caps(**body)


def _readable_caps(body: Any) -> Caps:
    """The limits that can be read; one that cannot binds nobody."""
    known = body if isinstance(body, Mapping) else {}
    return Caps(*(_number(known.get(name), 1, 0) or None for name in Caps._fields))


def _readable(items: Any, read: Callable[[Any], Read]) -> tuple[Read, ...]:
    found = []
    for item in items if isinstance(items, list) else []:
        try:
            found.append(read(item))
        except _BROKEN:
            continue
    return tuple(found)


def _number(value: Any, least: int, otherwise: int, most: int = MOST) -> int:
    return value if is_whole(value, least, most) else otherwise


def _is_store_id(value: Any) -> bool:
    return is_whole(value, 1, MAX_ID)


def _store_ids(stores: Any) -> frozenset[int] | None:
    """The stores that can be read; every store (None) where none of a list can."""
    if not isinstance(stores, list):
        return None
    found = frozenset(filter(_is_store_id, stores))
    return found if found or not stores else None


def _included(item: Mapping[str, Any]) -> Included:
    quantity, value_fen = item.get("quantity") or 1, item.get("value_fen")
    if not is_whole(quantity, 1, MAX_AMOUNT_FEN):
        raise ValueError("a quantity that nobody means")
    if value_fen is not None and not is_whole(value_fen, 0, MAX_AMOUNT_FEN):
        raise ValueError("a value that nobody means")
    return Included(
        name_en=_text(item.get("name_en")),
        name_zh=_text(item.get("name_zh")),
        quantity=quantity,
        value_fen=value_fen,
    )


def _note(note: Mapping[str, Any]) -> Note:
    return Note(_text(note.get("en")), _text(note.get("zh")))


def _text(value: Any) -> str:
    if not isinstance(value, str | None):
        raise TypeError(f"no text: {value!r:.40}")
    return value or ""
