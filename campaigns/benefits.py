"""What can be promised of each kind of benefit; what it takes off a line is orders/pricing/benefits.py."""

from __future__ import annotations

from django.utils.translation import gettext

from campaigns.models import Benefit
from campaigns.terms import Gives, Terms, Tier
from catalog.models import Product
from kernel.money import MAX_AMOUNT_FEN

Kind = Benefit.Kind
Problems = dict[str, list[str]]
MOST_TIERS, MOST_GIFTS, MOST_PIECES = 4, 10, 99
TAKES: dict[str, frozenset[str]] = {
    Kind.AMOUNT: frozenset({"amount_fen", "tiers"}),
    Kind.SHARE: frozenset({"permille", "at_most_fen", "tiers"}),
    Kind.FIXED: frozenset({"price_fen", "every"}),
    Kind.NTH: frozenset({"permille", "at_most_fen", "every"}),
    Kind.CHEAPEST: frozenset({"permille", "at_most_fen", "every"}),
    Kind.GIFT: frozenset({"price_fen", "every", "products"}),
    Kind.ITEM: frozenset({"products"}),
}
"""What each kind is described by; anything else is a mistake."""


def check_gives(merchant_id: int, terms: Terms) -> Problems:
    """What is wrong with the benefit that a merchant wants to promise, by field; nothing where it is right."""
    gives = terms.gives
    said = {
        name
        for name, value in gives._asdict().items()
        if name != "kind" and value not in (None, ())
    }
    if gives.kind not in TAKES or said - TAKES[gives.kind]:
        text = gettext(
            "Say only what this kind of benefit needs, and leave the other fields empty."
        )
        return {"kind": [text]}
    return (
        _check_amounts(terms)
        or _check_pieces(gives)
        or _check_gifts(merchant_id, gives)
        or _check_tiers(terms)
    )


def _check_amounts(terms: Terms) -> Problems:
    """An amount is below what has to be spent: a promise of more than that is a mistake."""
    gives = terms.gives
    takes = TAKES[gives.kind]
    if "amount_fen" in takes:
        if not 0 < (gives.amount_fen or 0) <= MAX_AMOUNT_FEN:
            return {"amount_fen": [gettext("Enter how much is taken off.")]}
        if terms.minimum_fen and (gives.amount_fen or 0) > terms.minimum_fen:
            return {"amount_fen": [gettext("Take off no more than what has to be spent.")]}
    if "permille" in takes and not 0 < (gives.permille or 0) <= 1000:
        return {"permille": [gettext("Enter a share between 0.1 % and 100 %.")]}
    if gives.at_most_fen is not None and not 0 < gives.at_most_fen <= MAX_AMOUNT_FEN:
        return {"at_most_fen": [gettext("Enter an amount above zero, or leave it empty.")]}
    if "price_fen" in takes:
        least = 0 if gives.kind == Kind.GIFT else 1
        if gives.price_fen is None or not least <= gives.price_fen <= MAX_AMOUNT_FEN:
            return {"price_fen": [gettext("Enter the price; 0 makes a gift free.")]}
    return {}


def _check_pieces(gives: Gives) -> Problems:
    needed, least = gives.kind == Kind.NTH, 1 if gives.kind == Kind.GIFT else 2
    if gives.every is None:
        return {"every": [gettext("Enter which piece: 2 for every second.")]} if needed else {}
    if not least <= gives.every <= MOST_PIECES:
        text = gettext("Between %(least)d and %(most)d pieces.")
        return {"every": [text % {"least": least, "most": MOST_PIECES}]}
    return {}


def _check_gifts(merchant_id: int, gives: Gives) -> Problems:
    if gives.kind not in (Kind.GIFT, Kind.ITEM):
        return {}
    known = Product.objects.filter(merchant=merchant_id, pk__in=gives.products).count()
    if gives.kind == Kind.ITEM:
        right = known == len(gives.products) == 1
        text = gettext("Choose the one product of this business that is handed over.")
        return {} if right else {"products": [text]}
    if not 0 < known == len(set(gives.products)) <= MOST_GIFTS:
        text = gettext("Choose the gift among the products of this business, %(most)d at most.")
        return {"products": [text % {"most": MOST_GIFTS}]}
    return {}


def _check_tiers(terms: Terms) -> Problems:
    """Each is reached later and takes off more than the one before: so the highest reached is the best."""
    gives = terms.gives
    if not gives.tiers:
        return {}
    if not terms.minimum_fen or len(gives.tiers) > MOST_TIERS:
        text = gettext("Tiers start from a minimum spend, and there are %(most)d more at most.")
        return {"tiers": [text % {"most": MOST_TIERS}]}
    share = gives.kind == Kind.SHARE
    before = Tier(terms.minimum_fen, (gives.permille if share else gives.amount_fen) or 0)
    for tier in gives.tiers:
        most = 1000 if share else min(tier.minimum_fen, MAX_AMOUNT_FEN)
        rises = before.minimum_fen < tier.minimum_fen <= MAX_AMOUNT_FEN
        if not rises or not before.off < tier.off <= most:
            text = gettext(
                "Each tier asks for more than the one before and takes off more, and no more than "
                "what has to be spent."
            )
            return {"tiers": [text]}
        before = tier
    return {}
