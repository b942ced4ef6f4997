"""What each kind of benefit takes off: worked out again piece by piece, and in orders."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.utils.translation import override

from campaigns.conditions.base import Said
from campaigns.models import Campaign
from campaigns.selectors import campaigns_of_product, with_terms
from campaigns.services.coupons import claim_coupon
from campaigns.terms import Gives, Terms, terms_of
from campaigns.wording import headline, names_for, small_print
from catalog.models import Product
from kernel.errors import InvalidInput
from orders.pricing.benefits import (
    CheapestOff,
    Covered,
    FixedPrice,
    GiftFor,
    NthOff,
)
from orders.pricing.wording import word_answer
from orders.services.place import place_order
from orders.services.quotes import make_quote
from tests.campaigns.books import broken
from tests.campaigns.made import make_campaign, over
from tests.factories import make_product, make_user, offer_of, pay_order
from tests.forms import LONG

ROUNDS = 10_000 if LONG else 800
HALF, ALL = Decimal("0.5"), Decimal(1)


def lines(*priced: tuple[int, int]) -> list[Covered]:
    """(price of a piece, pieces)"""
    return [Covered(n, n, pieces, fen * pieces) for n, (fen, pieces) in enumerate(priced, 1)]


@pytest.mark.parametrize(
    ("benefit", "covered", "parts"),
    [
        (NthOff(2, HALF), lines((1000, 2)), [500]),
        (NthOff(2, HALF), lines((1000, 1), (600, 1)), [0, 300]),
        (NthOff(2, HALF), lines((600, 1), (1000, 1)), [300, 0]),
        (NthOff(2, HALF), lines((1000, 3), (600, 3)), [500, 600]),
        (NthOff(3, ALL), lines((1000, 2)), [0]),
        (NthOff(2, ALL, 700), lines((1000, 1), (900, 3)), [0, 700]),
        (CheapestOff(None, ALL), lines((1000, 2), (300, 2)), [0, 300]),
        (CheapestOff(None, HALF), lines((0, 2), (301, 2)), [0, 151]),
        (CheapestOff(3, ALL), lines((1000, 5), (300, 1)), [1000, 300]),
        (FixedPrice(9900), lines((5000, 2), (2000, 1)), [1750, 350]),
        (FixedPrice(9900), lines((4000, 2)), [0]),
        (FixedPrice(2000, 2), lines((1500, 1), (1000, 2), (400, 3)), [300, 200, 0]),
        (FixedPrice(1000, 2), lines((700, 5)), [800]),
        (GiftFor(0), lines((300, 2), (500, 2)), [0, 500]),
        (GiftFor(100, 3), lines((300, 2), (500, 2)), [200, 800]),
        (GiftFor(600), lines((300, 2)), [0]),
    ],
)
def test_by_hand(benefit: Any, covered: list[Covered], parts: list[int]) -> None:
    assert benefit.parts(covered) == parts


def half_up(fen: int, rate: Decimal) -> int:
    return int((fen * rate).quantize(Decimal(1), ROUND_HALF_UP))


def any_benefit(dice: random.Random) -> Any:
    rate, most = dice.choice((HALF, ALL, Decimal("0.333"))), dice.choice((None, None, 700))
    return dice.choice(
        (
            NthOff(dice.randint(2, 4), rate, most),
            CheapestOff(dice.choice((None, 2, 3)), rate, most),
            FixedPrice(dice.choice((1, 900, 5000)), dice.choice((None, 2, 3))),
            GiftFor(dice.choice((0, 0, 99)), dice.randint(1, 3)),
        )
    )


def by_pieces(benefit: Any, covered: list[Covered]) -> int:
    """The whole of it, counted one piece at a time, as docs/campaigns.md says it."""
    pieces = sorted(
        ((row.left_fen // row.quantity, row.named) for row in covered for _ in range(row.quantity)),
        key=lambda piece: (-piece[0], piece[1]),
    )
    prices = [fen for fen, _named in pieces]
    if isinstance(benefit, FixedPrice):
        if benefit.every is None:
            return max(0, sum(row.left_fen for row in covered) - benefit.price_fen)
        n = benefit.every
        groups = [prices[at : at + n] for at in range(0, len(prices) - n + 1, n)]
        return sum(max(0, sum(group) - benefit.price_fen) for group in groups)
    if isinstance(benefit, GiftFor):
        return sum(max(0, fen - benefit.price_fen) for fen in prices[: benefit.pieces])
    if isinstance(benefit, NthOff):
        chosen = pieces[benefit.every - 1 :: benefit.every]
    else:
        worth = [piece for piece in pieces if piece[0]]
        count = min(1, len(worth)) if benefit.every is None else len(worth) // benefit.every
        chosen = worth[len(worth) - count :]
    of_line: dict[int, int] = {}
    for fen, named in chosen:
        of_line[named] = of_line.get(named, 0) + fen
    off = sum(half_up(fen, benefit.rate) for fen in of_line.values())
    return off if benefit.at_most_fen is None else min(off, benefit.at_most_fen)


def test_any_lines_come_to_what_piece_by_piece_they_do() -> None:
    dice = random.Random(10)
    for _round in range(ROUNDS):
        covered = [
            Covered(n, n, q, fen if dice.random() < 0.5 else fen * q)
            for n in range(1, dice.randint(2, 7))
            for q, fen in (
                (
                    dice.randint(1, 5),
                    dice.choice((0, 1, 99, 333, 1000, 2500)),
                ),
            )
        ]
        benefit = any_benefit(dice)
        parts = benefit.parts(covered)
        assert sum(parts) == by_pieces(benefit, covered), (benefit, covered)
        assert all(0 <= part <= row.left_fen for part, row in zip(parts, covered, strict=True))
        mixed = dice.sample(covered, len(covered))
        assert sum(benefit.parts(mixed)) == sum(parts)
        by_name = {row.named: part for row, part in zip(covered, parts, strict=True)}
        if not isinstance(benefit, FixedPrice) and benefit.parts(covered) == parts:
            sorted_again = sorted(mixed, key=lambda row: row.named)
            again = benefit.parts(sorted_again)
            assert {
                row.named: part for row, part in zip(sorted_again, again, strict=True)
            } == by_name


# In orders -----------------------------------------------------------------------------


@pytest.fixture
def soup() -> Product:
    return make_product(price_fen=6000, title_en="Noodle soup", title_zh="汤面", stock=50)


def tea_of(soup: Product, fen: int = 1500) -> Product:
    return make_product(
        merchant=soup.merchant, price_fen=fen, title_en="Tea", title_zh="茶", stock=5
    )


def automatic(product: Product, gives: Gives, *conditions: Said, **more: Any) -> Campaign:
    facts: dict[str, Any] = {"way": "automatic", "coupons": 0} | more
    return make_campaign(product.merchant, *conditions, gives=gives, **facts)


def quoted(*wanted: tuple[Product, int]) -> Any:
    return make_quote(buyer_id=None, lines=[(offer_of(product).pk, n) for product, n in wanted])


@pytest.mark.django_db
def test_every_second_piece_at_half_price(soup: Product) -> None:
    automatic(soup, Gives("nth", permille=500, every=2))
    one, two = quoted((soup, 1)), quoted((soup, 2))
    assert (one.answers[0].code, one.answers[0].missing_pieces) == ("too_few_pieces", 1)
    assert (two.answers[0].code, two.total_fen) == ("applied", 9000)


@pytest.mark.django_db
def test_a_price_for_all_that_is_no_better_is_not_taken(soup: Product) -> None:
    automatic(soup, Gives("fixed", price_fen=10000))
    assert [quoted((soup, n)).answers[0].code for n in (1, 2)] == ["better_price", "applied"]
    assert [quoted((soup, n)).total_fen for n in (1, 2)] == [6000, 10000]


@pytest.mark.django_db
def test_a_gift_is_put_into_the_basket_and_costs_nothing_there(soup: Product) -> None:
    tea = tea_of(soup)
    row = automatic(soup, Gives("gift", price_fen=0, products=(tea.pk,)), over(6000))
    below = quoted((tea, 4))
    assert (below.answers[0].code, below.answers[0].missing_fen) == ("below_minimum", 1500)
    without = quoted((soup, 1))
    assert (without.answers[0].code, without.total_fen) == ("gift_missing", 6000)
    with override("en"):
        told = word_answer(without.answers[0])
    assert told == "Put the gift into your basket to get it for less: Tea."
    both = quoted((soup, 1), (tea, 2))
    assert (both.answers[0].code, both.total_fen) == ("applied", 6000 + 1500)
    buyer = make_user()
    order = place_order(buyer=buyer, lines=[(offer_of(soup).pk, 1), (offer_of(tea).pk, 1)])
    assert order.total_fen == 6000
    pay_order(order)
    tea.variants.get().stock.refresh_from_db()
    assert tea.variants.get().stock.available == 4
    row.refresh_from_db()
    assert (row.spent_count, row.spent_fen) == (1, 1500)
    assert broken() == []
    (shown,) = campaigns_of_product(
        product=Product.objects.select_related("merchant").get(pk=tea.pk), person_id=None
    )
    assert shown.headline == "a free gift over ¥60"
    assert "Gift: Tea." in shown.small_print


@pytest.mark.django_db
def test_a_coupon_for_the_cheapest_piece(soup: Product) -> None:
    tea, buyer = tea_of(soup), make_user()
    row = make_campaign(soup.merchant, gives=Gives("cheapest", permille=1000, every=3))
    claim_coupon(owner=buyer, campaign_id=row.pk)
    order = place_order(buyer=buyer, lines=[(offer_of(soup).pk, 2), (offer_of(tea).pk, 1)])
    assert order.total_fen == 12000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "gives"),
    [
        ("every", Gives("nth", permille=500)),
        ("every", Gives("nth", permille=500, every=1)),
        ("every", Gives("cheapest", permille=500, every=100)),
        ("permille", Gives("nth", every=2)),
        ("price_fen", Gives("fixed", price_fen=0)),
        ("price_fen", Gives("fixed")),
        ("kind", Gives("fixed", price_fen=5, permille=5)),
        ("kind", Gives("amount", amount_fen=500, every=2)),
        ("products", Gives("gift", price_fen=0)),
        ("products", Gives("gift", price_fen=0, products=(999_999,))),
        ("price_fen", Gives("gift")),
    ],
)
def test_what_is_no_benefit_is_refused_beside_its_field(field: str, gives: Gives) -> None:
    soup = make_product()
    with pytest.raises(InvalidInput) as refused:
        automatic(soup, gives)
    assert set(refused.value.by_field) == {field}


WORDS = [
    (Gives("fixed", price_fen=9900), "all together for ¥99", "一起只要 ¥99"),
    (Gives("fixed", price_fen=9900, every=3), "any 3 pieces for ¥99", "任选 3 件 ¥99"),
    (Gives("nth", permille=500, every=2), "one of 2 pieces 50% off", "每 2 件其中 1 件减 50%"),
    (Gives("nth", permille=1000, every=3), "one of 3 pieces free", "每 3 件免 1 件"),
    (Gives("cheapest", permille=1000), "the cheapest piece free", "最便宜的 1 件免费"),
    (Gives("gift", price_fen=990), "an extra for ¥9.90", "¥9.90 换购"),
]


@pytest.mark.parametrize(("gives", "english", "chinese"), WORDS)
def test_each_reads_in_both_languages(gives: Gives, english: str, chinese: str) -> None:
    terms = Terms(gives)
    with override("en"):
        assert headline(terms) == english
    with override("zh-hans"):
        assert headline(terms) == chinese


@pytest.mark.django_db
def test_the_small_print_names_the_gifts(soup: Product) -> None:
    tea = tea_of(soup)
    row = automatic(soup, Gives("gift", price_fen=0, products=(tea.pk,)))
    terms = terms_of(with_terms(Campaign.objects.filter(pk=row.pk)).get())
    assert small_print(terms, names_for([terms])) == "Gift: Tea."
