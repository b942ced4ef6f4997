"""A quote: what the lines cost, which discounts apply, and an answer for every rule. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from campaigns.codes import is_mistyped
from kernel.bilingual import pick
from orders.models import OrderDiscount, OrderLine
from orders.pricing.benefits import Covered, FixedPrice, Further
from orders.pricing.choice import Candidate, borne_by, choose
from orders.pricing.digest import write_digest
from orders.pricing.rules import (
    ITEM,
    STACKED,
    Asked,
    Condition,
    FeeLine,
    Item,
    ItemPrice,
    Rule,
)


class Discount(NamedTuple):
    """What a rule takes off one line, and who bears it."""

    line: str
    layer: str
    source: str
    label_en: str
    label_zh: str
    funder: str
    amount_fen: int
    campaign: str = ""
    coupon: int | None = None
    in_base: bool | None = None

    @property
    def label(self) -> str:
        return pick(self.label_en, self.label_zh)

    @property
    def names(self) -> tuple[str, str]:
        """What a contract of commission may name it by."""
        return self.source, self.campaign


class Counted(NamedTuple):
    """What counts for a minimum."""

    pieces: int
    fen: int


class DiscountSum(NamedTuple):
    """What one rule takes off the whole order."""

    source: str
    label: str
    funder: str
    amount_fen: int


def sum_discounts(discounts: Iterable[Discount | OrderDiscount]) -> list[DiscountSum]:
    """Add up the parts of each rule, in the order in which rules first appear."""
    sums: dict[str, DiscountSum] = {}
    for part in discounts:
        known = sums.get(part.source, DiscountSum(part.source, part.label, part.funder, 0))
        sums[part.source] = known._replace(amount_fen=known.amount_fen + part.amount_fen)
    return list(sums.values())


def amounts_of(line: QuoteLine | OrderLine) -> dict[str, int]:
    """How many pieces of a line, and its amounts, by the names that rows and the API have for them."""
    return {
        "quantity": line.quantity,
        "list_price_fen": line.list_price_fen,
        "unit_price_fen": line.unit_price_fen,
        "gross_fen": line.gross_fen,
        "discount_fen": line.discount_fen,
        "payable_fen": line.payable_fen,
    }


class QuoteLine(NamedTuple):
    """A line with its price. ``key`` is the id of the offer asked for as a text, f1, f2 … for fees."""

    key: str
    item: Item | None
    fee: FeeLine | None
    quantity: int
    list_price_fen: int
    unit_price_fen: int
    discounts: tuple[Discount, ...] = ()

    @property
    def title(self) -> str:
        """What it is called, in the active language; as the order will have it."""
        if self.item:
            return self.item.title
        return self.fee.label if self.fee else ""

    @property
    def gross_fen(self) -> int:
        return self.unit_price_fen * self.quantity

    @property
    def discount_fen(self) -> int:
        return sum(discount.amount_fen for discount in self.discounts)

    @property
    def payable_fen(self) -> int:
        return self.gross_fen - self.discount_fen

    @property
    def list_total_fen(self) -> int:
        """The same at list prices, never less than before discounts."""
        return max(self.list_price_fen, self.unit_price_fen) * self.quantity


class Answer(NamedTuple):
    """What became of a rule, a coupon or a code; `orders.pricing.wording` says it in a sentence.

    ``code`` is "applied", or why not; ``missing_fen`` and ``missing_pieces`` how far away it is, and
    ``further`` how far its next step is; ``from_at`` is from when on it will apply.
    ``label`` is what the buyer knows it by: the rule's, or the code that was typed; ``coupon`` the id of
    the buyer's coupon, where it is about one.
    """

    source: str
    applied: bool
    code: str
    missing_fen: int = 0
    missing_pieces: int = 0
    amount_fen: int = 0
    further: Further | None = None
    from_at: dt.datetime | None = None
    label_en: str = ""
    label_zh: str = ""
    coupon: int | None = None
    target_en: str = ""
    target_zh: str = ""

    @property
    def label(self) -> str:
        return pick(self.label_en, self.label_zh)

    @property
    def target(self) -> str:
        """What a gift is called."""
        return pick(self.target_en, self.target_zh)


class Quote:
    """The one object that says what an order costs and why. Not changed after it is made."""

    def __init__(self, lines: Sequence[QuoteLine], answers: Sequence[Answer]) -> None:
        self.lines = tuple(lines)
        self.answers = tuple(answers)

    @cached_property
    def discounts(self) -> tuple[Discount, ...]:
        """All discounts, line by line."""
        return tuple(discount for line in self.lines for discount in line.discounts)

    @cached_property
    def discount_sums(self) -> list[DiscountSum]:
        """The discounts as the buyer reads them: one line for each rule."""
        return sum_discounts(self.discounts)

    @cached_property
    def saved_fen(self) -> int:
        """What item prices save against list prices, before discounts."""
        return self.list_total_fen - self.gross_fen

    @cached_property
    def gross_fen(self) -> int:
        return sum(line.gross_fen for line in self.lines)

    @cached_property
    def discount_fen(self) -> int:
        return sum(line.discount_fen for line in self.lines)

    @cached_property
    def total_fen(self) -> int:
        """What is to be paid."""
        return self.gross_fen - self.discount_fen

    @cached_property
    def list_total_fen(self) -> int:
        return sum(line.list_total_fen for line in self.lines)

    @cached_property
    def digest(self) -> str:
        """What the buyer agrees to, as a text that can say later what has changed."""
        return write_digest(self.lines)


def quote(asked: Asked, *, rules: Iterable[Rule] = (), fees: Sequence[FeeLine] = ()) -> Quote:
    """Price what is asked under ``rules``, layer by layer in the order of `LAYERS`.

    Reads nothing but its arguments: the same question has the same answer. Every rule is
    answered, and so is every coupon and code given that no rule is about.
    """
    rules = sorted(rules, key=lambda rule: rule.order)
    if not (rules or asked.ask.coupons or asked.ask.coupon_codes):
        return Quote([*(_line(item, item.price_fen) for item in asked.items), *_fees(fees)], ())
    work = _Work(asked, rules)
    work.choose_item_prices()
    for layer in STACKED:
        work.apply_layer(layer)
    lines = [
        _line(item, price_fen)._replace(discounts=tuple(found))
        for item, price_fen, found in zip(asked.items, work.prices, work.discounts, strict=True)
    ]
    return Quote([*lines, *_fees(fees)], [*work.answers(), *_unknown(asked, rules)])


def _line(item: Item, unit_price_fen: int) -> QuoteLine:
    return QuoteLine(item.key, item, None, item.quantity, item.list_price_fen, unit_price_fen)


def _fees(fees: Sequence[FeeLine]) -> list[QuoteLine]:
    return [
        QuoteLine(f"f{number}", None, fee, 1, fee.amount_fen, fee.amount_fen)
        for number, fee in enumerate(fees, 1)
    ]


def _unknown(asked: Asked, rules: Sequence[Rule]) -> list[Answer]:
    codes, coupons = {rule.code for rule in rules}, {rule.coupon for rule in rules}
    unknown = "sign_in_first" if asked.buyer.person_id is None else "unknown_coupon"
    return [
        *(
            Answer(f"coupon:{coupon}", False, unknown)
            for coupon in dict.fromkeys(asked.ask.coupons or ())
            if coupon not in coupons
        ),
        *(
            Answer(f"code:{code}", False, _why_unknown(code), label_en=code, label_zh=code)
            for code in dict.fromkeys(asked.ask.coupon_codes)
            if code not in codes
        ),
    ]


def _why_unknown(code: str) -> str:
    return "code_mistyped" if is_mistyped(code) else "unknown_code"


class _Work:
    """The state of one run: prices, discounts and what is left of each item."""

    def __init__(self, asked: Asked, rules: Sequence[Rule]) -> None:
        self.asked, self.rules = asked, rules
        self.prices = [item.price_fen for item in asked.items]
        self.discounts: list[list[Discount]] = [[] for _ in asked.items]
        self.left: list[int] = []
        self._found: dict[tuple[frozenset[int], ...], tuple[int, ...]] = {}
        self._answers: dict[str, Answer] = {}

    def answers(self) -> list[Answer]:
        """One per rule, in the order of layers, priority and id."""
        rules = {rule.source: rule for rule in self.rules}
        return [
            answer._replace(
                label_en=rule.label_en,
                label_zh=rule.label_zh,
                target_en=rule.target_en,
                target_zh=rule.target_zh,
                coupon=rule.coupon,
            )
            for answer in self._answers.values()
            for rule in (rules[answer.source],)
        ]

    def choose_item_prices(self) -> None:
        """The lowest price of each item; of equal ones the offer's own, then the first rule's."""
        base = [item.price_fen * item.quantity for item in self.asked.items]
        chosen: dict[int, Rule] = {}
        saved: dict[str, int] = {}
        tried = []
        for rule in self.rules:
            if rule.layer != ITEM:
                continue
            if refused := self._refused(rule, base):
                self._answers[rule.source] = refused
                continue
            tried.append(rule)
            benefit: Any = rule.benefit
            for place in self._places(rule.condition):
                if benefit.unit_price_fen < self.prices[place]:
                    self.prices[place], chosen[place] = benefit.unit_price_fen, rule
        for place, rule in chosen.items():
            item = self.asked.items[place]
            off = (item.price_fen - self.prices[place]) * item.quantity
            saved[rule.source] = saved.get(rule.source, 0) + off
        for rule in tried:
            off = saved.get(rule.source, 0)
            code = "applied" if off else "better_price"
            self._answers[rule.source] = Answer(rule.source, bool(off), code, amount_fen=off)
        self.left = [
            price * item.quantity for price, item in zip(self.prices, self.asked.items, strict=True)
        ]

    def apply_layer(self, layer: str) -> None:
        """One rule of each group, each by its own amount on what the layers before have left."""
        base = list(self.left)
        candidates: list[Candidate] = []
        for rule in self.rules:
            if rule.layer != layer:
                continue
            if refused := self._refused(rule, base):
                self._answers[rule.source] = refused
                continue
            found = Candidate(rule, self._places(rule.lowers), tuple(self._parts(rule, base)))
            if not found.off and isinstance(rule.benefit, FixedPrice):
                self._answers[rule.source] = Answer(rule.source, False, "better_price")
                continue
            if rule.left_fen is not None and found.off > rule.left_fen:
                self._answers[rule.source] = Answer(rule.source, False, "budget_gone")
                continue
            candidates.append(found)
        for found in choose(candidates, base):
            self._take_off(found, base)
        for found in candidates:
            if found.rule.source not in self._answers:
                self._answers[found.rule.source] = Answer(found.rule.source, False, "better_one")

    def _places(self, condition: Condition) -> tuple[int, ...]:
        """What a condition is about, by the offer asked for: a basket and its order have their lines in another
        order each. Many rules are about the same items, so what was found is kept.
        """
        which = condition.which
        found = self._found.get(which)
        if found is None:
            items = self.asked.items
            places = (place for place, item in enumerate(items) if condition.covers(item))
            found = tuple(sorted(places, key=lambda place: items[place].named))
            self._found[which] = found
        return found

    def _covered(self, rule: Rule, base: Sequence[int]) -> list[Covered]:
        items = self.asked.items
        return [
            Covered(items[place].named, items[place].product_id, items[place].quantity, base[place])
            for place in self._places(rule.lowers)
        ]

    def _parts(self, rule: Rule, base: Sequence[int]) -> list[int]:
        """What the rule takes off each line that it covers, were it alone in its layer."""
        if isinstance(rule.benefit, ItemPrice):
            raise TypeError("prices have a layer of their own")
        covered = self._covered(rule, base)
        parts = rule.benefit.parts(covered)
        return [max(0, min(part, line.left_fen)) for part, line in zip(parts, covered, strict=True)]

    def _refused(self, rule: Rule, base: Sequence[int]) -> Answer | None:
        """Why the rule does not apply to this question, None when it does."""
        chosen = self.asked.ask.coupons
        named = rule.code or chosen is None or rule.coupon in chosen
        if rule.coupon is not None and not named:
            return Answer(rule.source, False, "not_chosen")
        code = rule.condition.unmet(self.asked)
        if code:
            begins = rule.condition.starts_at if code == "not_started" else None
            from_at = rule.condition.known_from or begins
            return Answer(rule.source, False, code, from_at=from_at)
        places, items = self._places(rule.condition), self.asked.items
        if not places:
            elsewhere = any(map(rule.condition.elsewhere.covers, items))
            code = rule.condition.elsewhere_code if elsewhere else "other_items"
            return Answer(rule.source, False, code)
        counted = Counted(
            sum(items[place].quantity for place in places), sum(base[place] for place in places)
        )
        if rule.target is not None:
            counted = self._without_gifts(rule, base, counted)
        pieces = rule.condition.minimum_pieces - counted.pieces
        if pieces > 0:
            return Answer(rule.source, False, "too_few_pieces", missing_pieces=pieces)
        if rule.condition.minimum_before_fen:
            whole = sum(self.prices[place] * items[place].quantity for place in places)
            missing = rule.condition.minimum_before_fen - whole
            if missing > 0:
                return Answer(rule.source, False, "below_minimum_before", missing_fen=missing)
        missing = rule.condition.minimum_fen - counted.fen
        if missing > 0:
            return Answer(rule.source, False, "below_minimum", missing_fen=missing)
        if rule.target is not None and not self._places(rule.target):
            return Answer(rule.source, False, "gift_missing")
        return None

    def _without_gifts(self, rule: Rule, base: Sequence[int], counted: Counted) -> Counted:
        """What is bought beside the gift: it does not count for itself."""
        gift: Any = rule.benefit
        covered, targets = self._covered(rule, base), self._places(rule.lowers)
        about = set(self._places(rule.condition))
        for at, pieces in gift.taken(covered):
            if targets[at] in about:
                fen = covered[at].left_fen * pieces // covered[at].quantity
                counted = Counted(counted.pieces - pieces, counted.fen - fen)
        return counted

    def _take_off(self, found: Candidate, base: Sequence[int]) -> None:
        rule, places, parts = found.rule, found.places, found.fit(self.left, base)
        off = sum(parts)
        if not off:
            self._answers[rule.source] = Answer(rule.source, False, "nothing_left")
            return
        for place, part in zip(places, parts, strict=True):
            self.left[place] -= part
        for funder, given in borne_by(rule, parts):
            for place, part in zip(places, given, strict=True):
                if part:
                    self.discounts[place].append(
                        Discount(
                            self.asked.items[place].key,
                            rule.layer,
                            rule.source,
                            rule.label_en,
                            rule.label_zh,
                            funder,
                            part,
                            rule.campaign,
                            rule.coupon,
                            rule.in_base,
                        )
                    )
        benefit: Any = rule.benefit
        further = benefit.further(self._covered(rule, base))
        self._answers[rule.source] = Answer(
            rule.source, True, "applied", amount_fen=off, further=further
        )
