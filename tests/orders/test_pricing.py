"""The price pipeline, with rules as data: layers, groups, answers. No database."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest

from orders.pricing.benefits import AmountOff, RateOff
from orders.pricing.digest import Change, changes_since, read_digest, write_digest
from orders.pricing.quotes import Quote, quote
from orders.pricing.rules import (
    LAYERS,
    STACKED,
    Ask,
    Asked,
    BuyerFacts,
    Condition,
    FeeLine,
    Item,
    ItemPrice,
    Rule,
)
from orders.pricing.wording import word_answer

MOMENT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
NOODLES = Item(1, 11, 21, 31, 2, 6000, 5000)
TEA = Item(2, 12, 22, 32, 1, 3000, 3000)


def asked(*items: Item, buyer: BuyerFacts | None = None, **ask: Any) -> Asked:
    return Asked(buyer or BuyerFacts(), items or (NOODLES, TEA), Ask(**ask), MOMENT)


def rule(source: str, layer: str = "merchant_threshold", off: Any = 1000, **more: Any) -> Rule:
    benefit = AmountOff(off) if isinstance(off, int) else off
    more.setdefault("funder", "merchant:31")
    more.setdefault("id", int(source.rsplit(":", 1)[-1]))
    return Rule(source=source, layer=layer, benefit=benefit, **more)


def answers(found: Quote) -> dict[str, Any]:
    return {answer.source: answer for answer in found.answers}


def payable(found: Quote) -> list[int]:
    return [line.payable_fen for line in found.lines]


def test_without_rules_an_order_costs_what_its_items_cost() -> None:
    found = quote(asked())
    assert payable(found) == [10000, 3000]
    assert (found.total_fen, found.discount_fen, found.list_total_fen) == (13000, 0, 15000)
    assert found.discounts == found.answers == ()


def test_the_layers_are_published_in_this_order() -> None:
    assert LAYERS == (
        "item",
        "merchant_threshold",
        "merchant_coupon",
        "platform_coupon",
        "points",
    )


def test_each_layer_counts_what_the_ones_before_have_left() -> None:
    half = RateOff(Decimal("0.5"))
    rules = [rule(f"r:{place}", layer, half) for place, layer in enumerate(STACKED)]
    random.Random(3).shuffle(rules)
    found = quote(asked(NOODLES), rules=rules)
    assert [discount.amount_fen for discount in found.discounts] == [5000, 2500, 1250, 625]
    assert [discount.layer for discount in found.discounts] == list(STACKED)
    assert found.total_fen == 625


def test_the_lowest_item_price_wins_and_prices_never_stack() -> None:
    rules = [
        rule("member:1", "item", ItemPrice(4500)),
        rule("limited:2", "item", ItemPrice(4000)),
        rule("dear:3", "item", ItemPrice(9000)),
    ]
    found = quote(asked(NOODLES), rules=rules)
    assert (found.lines[0].unit_price_fen, found.total_fen) == (4000, 8000)
    assert not found.discounts
    assert {s: (a.applied, a.code) for s, a in answers(found).items()} == {
        "member:1": (False, "better_price"),
        "limited:2": (True, "applied"),
        "dear:3": (False, "better_price"),
    }


def test_of_an_exclusive_group_the_best_for_the_buyer_applies() -> None:
    rules = [
        rule("small:1", off=500, group="g"),
        rule("large:2", off=900, group="g", priority=9),
        rule("other:3", off=100),
        rule("third:4", off=50),
    ]
    found = quote(asked(), rules=rules)
    assert found.discount_fen == 1050
    assert answers(found)["small:1"].code == "better_one"


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [((0, 7), (1, 3), "a:7"), ((5, 7), (5, 3), "b:3")],
)
def test_equal_rules_of_a_group_are_decided_by_priority_and_then_by_id(
    first: tuple[int, int], second: tuple[int, int], winner: str
) -> None:
    rules = [
        rule(f"a:{first[1]}", group="g", priority=first[0]),
        rule(f"b:{second[1]}", group="g", priority=second[0]),
    ]
    for order in (rules, rules[::-1]):
        assert [d.source for d in quote(asked(NOODLES), rules=order).discounts] == [winner]


def test_a_rule_touches_only_the_items_it_is_about() -> None:
    found = quote(asked(), rules=[rule("r:1", condition=Condition(merchants=frozenset({32})))])
    assert payable(found) == [10000, 2000]
    nobody = rule("r:1", condition=Condition(products=frozenset({99})))
    assert answers(quote(asked(), rules=[nobody]))["r:1"].code == "other_items"


def test_a_discount_is_spread_over_its_lines_to_the_fen() -> None:
    third = Item(3, 13, 22, 31, 1, 3000, 3000)
    found = quote(asked(NOODLES, TEA, third), rules=[rule("r:1", off=1000)])
    assert [line.discount_fen for line in found.lines] == [625, 188, 187]
    assert found.total_fen == 15000


def test_a_minimum_says_how_far_away_it_is() -> None:
    near = rule("r:1", condition=Condition(minimum_fen=15000))
    found = quote(asked(), rules=[near])
    answer = answers(found)["r:1"]
    assert (answer.applied, answer.code, answer.missing_fen) == (False, "below_minimum", 2000)
    assert "¥20" in word_answer(answer)
    few = answers(quote(asked(), rules=[rule("r:1", condition=Condition(minimum_pieces=5))]))
    assert (few["r:1"].code, few["r:1"].missing_pieces) == ("too_few_pieces", 2)
    assert "2 more pieces" in word_answer(few["r:1"])


def test_a_minimum_counts_what_the_layers_before_have_left() -> None:
    rules = [
        rule("r:1", off=100),
        rule("c:2", "merchant_coupon", condition=Condition(minimum_fen=13000)),
    ]
    assert answers(quote(asked(), rules=rules))["c:2"].missing_fen == 100


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        ("not_started", {"starts_at": MOMENT + dt.timedelta(seconds=1)}),
        ("ended", {"ends_at": MOMENT}),
        ("not_for_buyer", {"traits": frozenset({"new"})}),
        ("not_for_channel", {"channels": frozenset({"counter"})}),
        ("not_for_store", {"stores": frozenset({5})}),
        ("not_for_method", {"methods": frozenset({"delivery"})}),
        ("not_for_tender", {"tenders": frozenset({"stored"})}),
        ("not_for_slot", {"slots": frozenset({"lunch"})}),
    ],
)
def test_a_rule_that_does_not_apply_says_why(code: str, condition: dict[str, Any]) -> None:
    found = quote(asked(), rules=[rule("r:1", condition=Condition(**condition))])
    answer = answers(found)["r:1"]
    assert (answer.applied, answer.code, found.discount_fen) == (False, code, 0)
    assert word_answer(answer)


def test_a_rule_whose_conditions_are_all_met_applies() -> None:
    condition = Condition(
        traits=frozenset({"new"}),
        channels=frozenset({"web"}),
        stores=frozenset({5}),
        methods=frozenset({"delivery"}),
        tenders=frozenset({"stored"}),
        slots=frozenset({"lunch"}),
        starts_at=MOMENT,
        ends_at=MOMENT + dt.timedelta(seconds=1),
    )
    question = asked(
        buyer=BuyerFacts(person_id=4, traits=frozenset({"new", "gold"})),
        store=5,
        method="delivery",
        tender="stored",
        slot="lunch",
    )
    found = quote(question, rules=[rule("r:1", condition=condition)])
    assert answers(found)["r:1"].applied
    assert "¥10" in word_answer(answers(found)["r:1"])


def test_every_coupon_and_code_is_answered_also_those_nobody_knows() -> None:
    known = [
        rule("coupon:7", "merchant_coupon", coupon=7),
        rule("campaign:8", "platform_coupon", code="SPRING", funder="platform"),
    ]
    found = quote(asked(coupons=(7, 9), coupon_codes=("SPRING", "NONSENSE")), rules=known)
    assert {s: a.code for s, a in answers(found).items()} == {
        "coupon:7": "applied",
        "campaign:8": "applied",
        "coupon:9": "sign_in_first",
        "code:NONSENSE": "unknown_code",
    }
    alone = quote(asked(coupon_codes=("NONSENSE",)))
    assert [word_answer(a) for a in alone.answers] == [
        "We don't know this code. Check its spelling."
    ]
    assert alone.total_fen == 13000


def test_discounts_never_go_below_zero_and_what_finds_nothing_left_says_so() -> None:
    rules = [rule("r:1", off=99999), rule("p:2", "points", off=100, funder="points")]
    found = quote(asked(), rules=rules)
    assert (found.total_fen, found.discount_fen) == (0, 13000)
    assert answers(found)["p:2"].code == "nothing_left"


def test_a_rate_is_capped() -> None:
    capped = rule("r:1", off=RateOff(Decimal("0.3"), 700))
    assert quote(asked(NOODLES), rules=[capped]).discount_fen == 700


def test_fees_are_lines_that_no_rule_lowers() -> None:
    fee = FeeLine("platform", "Delivery", "配送费", 600)
    found = quote(asked(TEA), rules=[rule("r:1", off=99999)], fees=[fee])
    assert [(line.key, line.payable_fen) for line in found.lines] == [("2", 0), ("f1", 600)]
    assert found.total_fen == 600


def test_the_same_question_has_the_same_answer_whatever_order_the_rules_come_in() -> None:
    dice = random.Random(17)
    for _ in range(50):
        rules = [
            rule(
                f"r:{number}",
                dice.choice(STACKED),
                dice.choice(
                    [dice.randrange(1, 4000), RateOff(Decimal(dice.randrange(1, 60)) / 100)]
                ),
                group=dice.choice(["", "g", "h"]),
                priority=dice.randrange(3),
            )
            for number in range(6)
        ]
        found = quote(asked(), rules=rules)
        dice.shuffle(rules)
        again = quote(asked(), rules=rules)
        assert (found.lines, found.answers, found.digest) == (
            again.lines,
            again.answers,
            again.digest,
        )
        assert len(found.answers) == 6
        assert min(payable(found)) >= 0
        assert found.total_fen == 13000 - sum(d.amount_fen for d in found.discounts)


@pytest.mark.parametrize(
    "wrong", [{"layer": "cash"}, {"layer": "item"}, {"layer": "points", "off": ItemPrice(1)}]
)
def test_a_rule_in_a_layer_that_is_not_its_own_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="layer"):
        rule("r:1", **wrong)


# Digest ----------------------------------------------------------------------------------


def test_a_digest_says_field_by_field_what_has_changed() -> None:
    seen = read_digest(quote(asked()).digest)
    dearer = NOODLES._replace(price_fen=5500, quantity=1)
    fresh = Item(3, 13, 22, 31, 4, 100, 100)
    now = quote(asked(dearer, fresh), rules=[rule("r:1", off=100)])
    assert changes_since(seen, now.lines) == [
        Change("1", "quantity", 2, 1),
        Change("1", "unit_price_fen", 5000, 5500),
        Change("1", "discount_fen", 0, 93),
        Change("2", "quantity", 1, 0),
        Change("3", "quantity", 0, 4),
        Change("", "total_fen", 13000, 5800),
    ]
    assert changes_since(read_digest(now.digest), now.lines) == []


def test_a_digest_does_not_depend_on_the_order_of_lines() -> None:
    lines = quote(asked()).lines
    assert write_digest(lines) == write_digest(lines[::-1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1~",
        "2~1.1.1.0",
        "1~1.1.1",
        "1~x.1.1.0",
        "1~1.1.1.0~1.2.1.0",
        "1~１.1.1.0",
        "1~1.1.1.0" * 2000,
    ],
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        read_digest(text)
