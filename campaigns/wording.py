"""What a campaign promises, in the words that a guest reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from campaigns.conditions.base import Names
from campaigns.conditions.kinds import KINDS
from campaigns.models import Benefit, Campaign, Condition
from campaigns.terms import Gives, Terms, Tier
from kernel.http.templatetags.fmt import date_local, fen, is_chinese, percent

Kind = Benefit.Kind


def headline(terms: Terms) -> str:
    """What it takes off, and from how much on: "¥20 off over ¥100"."""
    if terms.minimum_fen:
        text = gettext("%(what)s over %(minimum)s")
        return text % {"what": _what(terms.gives), "minimum": fen(terms.minimum_fen)}
    return _what(terms.gives)


def sentence(terms: Terms, names: Names) -> str:
    """The whole promise but its end: headline, cap, and each condition in its order."""
    head = gettext("%(headline)s.") % {"headline": headline(terms)}
    return _joined(filter(None, (head, small_print(terms, names))))


def small_print(terms: Terms, names: Names) -> str:
    """What there is to know besides the headline; "" where that says it all."""
    parts = []
    if terms.gives.products:
        kind = Condition.Kind.PRODUCTS
        gifts = [names[kind, key] for key in terms.gives.products if (kind, key) in names]
        told = gettext(", ").join(gifts)
        if terms.gives.kind == Kind.ITEM:
            parts.append(gettext("You get: %(name)s.") % {"name": told})
            parts.append(gettext("Show its code in the store; nothing has to be bought."))
        else:
            parts.append(gettext("Gift: %(names)s.") % {"names": told})
    parts += [_tier(terms, tier) for tier in terms.gives.tiers]
    if terms.gives.at_most_fen:
        parts.append(gettext("At most %(amount)s.") % {"amount": fen(terms.gives.at_most_fen)})
    for said in terms.conditions:
        named = [names[said.kind, key] for key in said.keys if (said.kind, key) in names]
        if terms.gives.kind == Kind.ITEM and said.kind == Condition.Kind.STORES:
            parts.append(gettext("At: %(names)s.") % {"names": gettext(", ").join(named)})
        else:
            parts.append(KINDS[said.kind].word(said, named))
    return _joined(part for part in parts if part)


def promise(campaign: Campaign, terms: Terms, names: Names) -> str:
    """What the merchant reads before it starts, as the guest will: with its end and how many each."""
    day = date_local(campaign.ends_at)
    if campaign.is_automatic:
        text = gettext("It applies by itself until %(day)s.")
        if most := campaign.uses_per_person:
            text = ngettext(
                "It applies by itself until %(day)s, to one order per person.",
                "It applies by itself until %(day)s, to %(count)d orders per person.",
                most,
            )
        return _joined([sentence(terms, names), text % {"count": most or 0, "day": day}])
    each = ngettext(
        "One coupon per person, until %(day)s.",
        "%(count)d coupons per person, until %(day)s.",
        campaign.per_person,
    )
    facts = {"count": campaign.per_person, "day": day}
    return _joined([sentence(terms, names), each % facts])


def names_for(all_terms: Iterable[Terms]) -> dict[tuple[str, int], str]:
    """What the conditions name, in the active language; one statement per kind that names rows."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for terms in all_terms:
        wanted[Condition.Kind.PRODUCTS] |= set(terms.gives.products)
        for said in terms.conditions:
            wanted[said.kind] |= set(said.keys)
    return {
        (kind, key): name
        for kind, keys in wanted.items()
        if keys
        for key, name in KINDS[kind].name(sorted(keys)).items()
    }


def _tier(terms: Terms, tier: Tier) -> str:
    text = gettext("%(off)s off over %(minimum)s.")
    return text % {"off": _word(terms.gives.kind, tier.off), "minimum": fen(tier.minimum_fen)}


def _what(gives: Gives) -> str:
    """What it takes off, as the guest reads it."""
    facts = {
        "off": percent(Decimal(gives.permille or 0) / 1000),
        "price": fen(gives.price_fen or 0),
        "count": gives.every or 1,
    }
    free = gives.permille == 1000
    match gives.kind:
        case Kind.FIXED if gives.every:
            return gettext("any %(count)d pieces for %(price)s") % facts
        case Kind.FIXED:
            return gettext("all together for %(price)s") % facts
        case Kind.NTH if free:
            return gettext("one of %(count)d pieces free") % facts
        case Kind.NTH:
            return gettext("one of %(count)d pieces %(off)s off") % facts
        case Kind.CHEAPEST if gives.every and free:
            return gettext("of %(count)d pieces the cheapest free") % facts
        case Kind.CHEAPEST if gives.every:
            return gettext("of %(count)d pieces the cheapest %(off)s off") % facts
        case Kind.CHEAPEST if free:
            return gettext("the cheapest piece free")
        case Kind.CHEAPEST:
            return gettext("the cheapest piece %(off)s off") % facts
        case Kind.GIFT if gives.price_fen:
            return gettext("an extra for %(price)s") % facts
        case Kind.GIFT:
            return gettext("a free gift")
        case Kind.ITEM:
            return gettext("free in the store, without a purchase")
    off = gives.amount_fen if gives.permille is None else gives.permille
    return gettext("%(off)s off") % {"off": _word(gives.kind, off)}


def _word(kind: str, off: int | None) -> str:
    if kind == Kind.AMOUNT:
        return fen(off)
    return percent(Decimal(off or 0) / 1000)


def _joined(sentences: Iterable[str]) -> str:
    return ("" if is_chinese() else " ").join(sentences)
