"""Frozen terms: read, judged and explained in one place for buyer, clerk and merchant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from babel.lists import format_list
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from catalog.models import Product
from catalog.refund_words import RefundRight
from kernel.bilingual import Bilingual
from kernel.bounds import is_whole
from kernel.clock import now
from kernel.http.templatetags.fmt import date_local, is_chinese, time_local
from kernel.money import MAX_AMOUNT_FEN
from kernel.numerals import MAX_ID
from kernel.watch.services import report_incident
from vouchers.blackout import BlackoutRule, free_from, rule_at

DAYS_OF_A_WEEK = 7
MOST = 32_767
"""Of uses, days and hours: what the columns hold that terms are frozen from (smallint)."""
LAST_MINUTES = (None, dt.time.min, dt.time(23, 59))
"""How merchants write "until the day ends"."""
LAST_ON_EARTH = dt.timezone(dt.timedelta(hours=-12))
"""Where a day ends last: without a store's zone, a rule is over only when it is over everywhere."""


DAMAGED = gettext_lazy(
    "Some of these terms cannot be displayed. Ask the store before you go; your money is safe."
)
_BROKEN = (ValueError, TypeError, AttributeError, KeyError, OverflowError)
Read = TypeVar("Read")


class TermLine(NamedTuple):
    """One sentence of the explanation; ``kind`` says what it is about.

    Kinds: included, uses, validity, blackout, stores, refund, note.
    """

    kind: str
    text: str

    @property
    def icon(self) -> str:
        """Its icon in static/img/icons.svg."""
        return _ICONS[self.kind]


_ICONS = {
    "included": "check",
    "uses": "ticket",
    "validity": "calendar",
    "blackout": "clock",
    "stores": "store",
    "refund": "refund",
    "note": "info",
}


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

    def explain(
        self,
        language: str | None = None,
        *,
        last_day: dt.date | None = None,
        zone: dt.tzinfo | None = None,
    ) -> list[TermLine]:
        """The rules in sentences, in ``language`` (default: the active one).

        ``last_day`` is the day on which a sold voucher ends; without it the validity is told
        in days after purchase. Blackout dates that are over by the clock of ``zone``, or begin
        after the last day, are left out: they forbid nothing any more.
        """
        if language:
            with translation.override(language):
                return self.explain(last_day=last_day, zone=zone)
        return [
            *(TermLine("included", _included_line(item)) for item in self.included),
            TermLine("uses", self._uses_line()),
            TermLine("validity", self._validity_line(last_day)),
            *(TermLine("validity", text) for text in self._waiting_lines()),
            *(
                TermLine("blackout", explain_blackout(rule))
                for rule in self._coming(last_day, zone)
            ),
            TermLine("stores", self._stores_line()),
            *(TermLine("refund", text) for text in self._refund_lines()),
            *(TermLine("note", note.text) for note in self.notes),
            *([] if self.whole else [TermLine("note", str(DAMAGED))]),
        ]

    def _coming(self, last_day: dt.date | None, zone: dt.tzinfo | None) -> list[BlackoutRule]:
        """The rules that a voucher can meet: bought now where ``last_day`` is not known yet."""
        local = now().astimezone(zone or LAST_ON_EARTH).replace(tzinfo=None)
        end = last_day or local.date() + dt.timedelta(days=self.validity_days + 2)
        return [
            rule
            for rule in self.blackout
            if not rule.is_over(local) and not (rule.first and rule.first > end)
        ]

    def _uses_line(self) -> str:
        if self.kind == Product.Kind.GOODS:
            return gettext("One voucher for all pieces; pick them up together or one at a time.")
        if self.uses == 1:
            return gettext("Can be used once.")
        return gettext("Can be used %(count)s times, one at a time or several at once.") % {
            "count": self.uses
        }

    def _validity_line(self, last_day: dt.date | None) -> str:
        if last_day:
            return gettext("Valid until the end of %(day)s.") % {"day": date_local(last_day)}
        return ngettext(
            "Valid for %(count)s day after purchase.",
            "Valid for %(count)s days after purchase.",
            self.validity_days,
        ) % {"count": self.validity_days}

    def _stores_line(self) -> str:
        if self.store_ids is None:
            return gettext("At every store of this merchant.")
        return ngettext(
            "At %(count)s store of this merchant.",
            "At %(count)s stores of this merchant.",
            len(self.store_ids),
        ) % {"count": len(self.store_ids)}

    def _waiting_lines(self) -> list[str]:
        hours = self.usable_after_hours
        if not hours:
            return []
        return [
            ngettext(
                "First usable %(count)s hour after purchase.",
                "First usable %(count)s hours after purchase.",
                hours,
            )
            % {"count": hours}
        ]

    def _refund_lines(self) -> list[str]:
        right = RefundRight(self.refund_rule, self.refund_days or 0, self.refund_on_expiry)
        return [right.on_request, right.unasked]


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
        whole=False,
    )


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


def explain_blackout(rule: BlackoutRule) -> str:
    """One blackout rule as a sentence."""
    facts = {
        "days": _weekday_names(rule),
        "first": date_local(rule.first),
        "last": date_local(rule.last),
        "start": time_local(rule.start or dt.time.min),
        "end": time_local(rule.end) if rule.end else "24:00",
    }
    timed = rule.start is not None or rule.end is not None
    if len(rule.weekdays) == DAYS_OF_A_WEEK:  # every day: the days need not be named
        rule = replace(rule, weekdays=frozenset())
        if not timed and not rule.first:
            return gettext("Not on any day.")
    if rule.first and rule.first == rule.last:
        dated = (
            gettext("Not on %(first)s from %(start)s to %(end)s.")
            if timed
            else gettext("Not on %(first)s.")
        )
        return dated % facts
    if rule.first and rule.weekdays:
        return _weekdays_within_dates(timed) % facts
    if rule.first:
        dated = (
            gettext("Not from %(first)s to %(last)s, each day from %(start)s to %(end)s.")
            if timed
            else gettext("Not from %(first)s to %(last)s.")
        )
        return dated % facts
    if rule.weekdays:
        weekly = (
            gettext("Not on %(days)s from %(start)s to %(end)s.")
            if timed
            else gettext("Not on %(days)s.")
        )
        return weekly % facts
    if rule.end in LAST_MINUTES:
        return gettext("Not from %(start)s on, every day.") % facts
    return gettext("Not from %(start)s to %(end)s on any day.") % facts


def _weekdays_within_dates(timed: bool) -> str:
    if timed:
        return gettext("Not on %(days)s from %(start)s to %(end)s between %(first)s and %(last)s.")
    return gettext("Not on %(days)s between %(first)s and %(last)s.")


def _weekday_names(rule: BlackoutRule) -> str:
    locale = "zh_Hans_CN" if is_chinese() else "en_GB"
    names = get_day_names("abbreviated" if is_chinese() else "wide", locale=locale)
    days = sorted(rule.weekdays)
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return pgettext("weekdays", "%(first)s to %(last)s") % {
            "first": names[days[0]],
            "last": names[days[-1]],
        }
    return format_list([names[day] for day in sorted(rule.weekdays)], locale=locale)


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


def _included_line(item: Included) -> str:
    if item.quantity == 1:
        return item.name
    return gettext("%(name)s × %(quantity)s") % {"name": item.name, "quantity": item.quantity}
