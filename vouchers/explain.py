"""Frozen terms in sentences, for whoever reads them: guest, clerk, merchant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence, Sized
from dataclasses import replace
from typing import NamedTuple

from babel.dates import get_day_names
from babel.lists import format_list
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from catalog.refund_words import RefundRight
from kernel.clock import now
from kernel.http.templatetags.fmt import date_local, is_chinese, time_local
from kernel.plaintext import isolate
from vouchers.blackout import BlackoutRule
from vouchers.kinds import kind_of_product
from vouchers.terms import Included, Terms
from vouchers.units import cap_sentence

DAYS_OF_A_WEEK = 7
STORES_NAMED = 6
LAST_MINUTES = (None, dt.time.min, dt.time(23, 59))
"""How merchants write "until the day ends"."""
LAST_ON_EARTH = dt.timezone(dt.timedelta(hours=-12))
"""Where a day ends last: without a store's zone, a rule is over only when it is over everywhere."""


DAMAGED = gettext_lazy(
    "Some of these terms cannot be displayed. Ask the store before you go; your money is safe."
)


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


def explain(
    terms: Terms,
    language: str | None = None,
    *,
    last_day: dt.date | None = None,
    zone: dt.tzinfo | None = None,
    choice: Sequence[str] | None = None,
) -> list[TermLine]:
    """The rules in sentences, in ``language`` (default: the active one).

    ``last_day`` is the day on which a sold voucher ends; without it the validity is told
    in days after purchase. Blackout dates that are over by the clock of ``zone``, or begin
    after the last day, are left out: they forbid nothing any more. ``choice`` names the stores
    of which a buyer chooses one to collect at; None for what needs no choice.
    """
    if language:
        with translation.override(language):
            return explain(terms, last_day=last_day, zone=zone, choice=choice)
    return [
        *(TermLine("included", _included_line(item)) for item in terms.included),
        TermLine("uses", kind_of_product(terms.kind).uses_line(terms)),
        *(TermLine("uses", text) for text in _cap_lines(terms)),
        TermLine("validity", _validity_line(terms, last_day)),
        *(TermLine("validity", text) for text in _waiting_lines(terms)),
        *(TermLine("blackout", explain_blackout(rule)) for rule in _coming(terms, last_day, zone)),
        TermLine("stores", _stores_line(terms, choice)),
        *(TermLine("refund", text) for text in _refund_lines(terms)),
        *(TermLine("note", note.text) for note in terms.notes),
        *([] if terms.whole else [TermLine("note", str(DAMAGED))]),
    ]


def _coming(terms: Terms, last_day: dt.date | None, zone: dt.tzinfo | None) -> list[BlackoutRule]:
    """The rules that a voucher can meet: bought now where ``last_day`` is not known yet."""
    local = now().astimezone(zone or LAST_ON_EARTH).replace(tzinfo=None)
    end = last_day or local.date() + dt.timedelta(days=terms.validity_days + 2)
    return [
        rule
        for rule in terms.blackout
        if not rule.is_over(local) and not (rule.first and rule.first > end)
    ]


def beside_places(lines: list[TermLine], places: Sized) -> list[TermLine]:
    """The lines for a page that lists the ``places``: where none accepts it, that is said there.

    "At every store" beside it would say the opposite.
    """
    return lines if places else [line for line in lines if line.kind != "stores"]


def _cap_lines(terms: Terms) -> list[str]:
    return [cap_sentence(cap, most) for cap, most in terms.caps._asdict().items() if most]


def _validity_line(terms: Terms, last_day: dt.date | None) -> str:
    if last_day:
        return gettext("Valid until the end of %(day)s.") % {"day": date_local(last_day)}
    return ngettext(
        "Valid for %(count)s day after purchase.",
        "Valid for %(count)s days after purchase.",
        terms.validity_days,
    ) % {"count": terms.validity_days}


def _stores_line(terms: Terms, choice: Sequence[str] | None) -> str:
    if choice is not None:
        names = " · ".join(isolate(name) for name in choice)
        if len(choice) > STORES_NAMED or not names:
            return gettext("You choose the store where you collect it when you buy.")
        return gettext("You choose where you collect it when you buy: %(stores)s.") % {
            "stores": names
        }
    if terms.collect_at is not None:
        return gettext("Only at the store that was chosen when it was bought.")
    if terms.store_ids is None:
        return gettext("At every store of this merchant.")
    return ngettext(
        "At %(count)s store of this merchant.",
        "At %(count)s stores of this merchant.",
        len(terms.store_ids),
    ) % {"count": len(terms.store_ids)}


def _waiting_lines(terms: Terms) -> list[str]:
    hours = terms.usable_after_hours
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


def _refund_lines(terms: Terms) -> list[str]:
    if terms.gift:
        return [gettext("A gift of the store: it is not exchanged for money.")]
    right = RefundRight(terms.refund_rule, terms.refund_days or 0, terms.refund_on_expiry)
    return [right.on_request, right.unasked]


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


def _included_line(item: Included) -> str:
    if item.quantity == 1:
        return item.name
    return gettext("%(name)s × %(quantity)s") % {
        "name": isolate(item.name),
        "quantity": item.quantity,
    }
