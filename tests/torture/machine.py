"""The money machine: a random history of people, gateway and clock, through the real services.

`Machine.step` does one random thing that somebody could do at that moment; many are refused,
which is an answer like any other. What the shop owes to whom is counted beside it, by rules
written here a second time, from what the services *answered*. `Machine.wrong` compares that
with the ledger and runs the published invariants.

A history is a seed: the same seed does the same things in the same order.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.db.models import Sum

from catalog.models import Offer
from kernel.clock import at
from kernel.errors import Refusal
from orders.models import Order
from orders.pricing import rules
from orders.pricing.benefits import AmountOff
from orders.pricing.rules import PLATFORM_COUPON, Condition, Rule
from orders.selectors import spent_by_payment
from orders.services.cancel import cancel_order
from orders.services.deposits import Deposit
from orders.services.place import place_order
from orders.services.quotes import make_quote
from orders.tasks import query_waiting_payments, query_waiting_refunds, time_out_orders
from payments.models import (
    LedgerEntry,
    Payment,
    Payout,
    Refund,
    SandboxRefund,
    SandboxTrade,
    Statement,
)
from payments.parties import merchant_key
from payments.sandbox.services import decide
from payments.sandbox.signing import sign
from payments.services.collection import (
    carry_statement,
    collect_statement,
    write_off_statement,
)
from payments.services.contracts import Terms, make_contract
from payments.services.payouts import return_payout, send_payout
from payments.services.reconcile import reconcile_day
from payments.services.settlement import settle_all
from stores.models import Merchant
from tests.factories import (
    make_limited_offer,
    make_merchant,
    make_product,
    make_staff,
    make_store,
    make_user,
    offer_of,
    owner_of,
)
from tests.races.books import SignedMessage, begin_payment, deliver
from tests.torture.at_once import broken_invariants
from vouchers.models import Redemption, Voucher
from vouchers.services.balance import rebate_voucher
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.tasks import expire_vouchers, release_redemptions

BEGIN = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
# Mostly moments, so that undo windows and orders are met open; sometimes a day or a week.
PAUSES_MINUTES = {0: 30, 1: 20, 3: 15, 8: 10, 20: 8, 120: 6, 60 * 20: 6, 60 * 24 * 9: 2}
MERCHANT_ACCOUNTS = ("pending", "payable", "settled")


def share_by_hand(amount_fen: int, before: int, taken: int, whole: int) -> int:
    """What uses ``before`` … ``before + taken`` of ``whole`` are worth: all together are exact."""
    return amount_fen * (before + taken) // whole - amount_fen * before // whole


def commission_by_hand(value_fen: int, rate: Decimal) -> int:
    """Half a fen up."""
    return int((value_fen * rate).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass
class Expected:
    """What the ledger must hold, counted from the answers of the services."""

    merchants_fen: Counter[int] = field(default_factory=Counter)
    funded_fen: Counter[str] = field(default_factory=Counter)  # by the platform, by points
    commission_fen: int = 0


class Share(NamedTuple):
    """What a redemption took of one component."""

    component_id: int
    party: str
    fen: int


def shares_by_hand(redemption: Redemption) -> list[Share]:
    """Each component by itself: a share of the sum would be another number."""
    voucher = redemption.voucher
    return [
        Share(
            part.pk,
            part.party,
            share_by_hand(
                part.amount_fen, redemption.first_use, redemption.uses, voucher.uses_total
            ),
        )
        for part in voucher.components.order_by("position")
    ]


def unused_by_hand(voucher: Voucher) -> int:
    """What has arrived for the uses that are left."""
    used, total = voucher.uses_used, voucher.uses_total
    tenders = voucher.components.filter(kind="tender", payment__isnull=False)
    return sum(share_by_hand(row.amount_fen, used, total - used, total) for row in tenders)


class Machine:
    """One history. ``drain`` handles the outbox (the fixture of tests/conftest.py).

    In a ``plain`` one each order is one voucher with one payer, as before components.
    """

    def __init__(self, seed: int, drain: Callable[..., int], *, plain: bool = False) -> None:
        self.plain = plain
        self.chance = random.Random(seed)
        self.moment = BEGIN + dt.timedelta(minutes=seed % 1440)
        self.drain = drain
        self.expected = Expected()
        self.messages: list[SignedMessage] = []
        self.returned: Counter[tuple[int, int]] = Counter()  # (redemption, component) → fen
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        with at(self.moment):
            self._set_the_stage()

    def _set_the_stage(self) -> None:
        self.buyers = [make_user(display_name=f"Buyer {n}") for n in range(2)]
        self.stores = [make_store(), make_store()]
        self.clerks = {store.pk: make_staff(store) for store in self.stores}
        rates = (Decimal("0.065"), Decimal("0"))
        for store, rate in zip(self.stores, rates, strict=True):
            Merchant.objects.filter(pk=store.merchant_id).update(commission_rate=rate)
            store.merchant.commission_rate = rate
        first, second = self.stores
        self._agree(first.merchant_id)
        single = make_product(stores=[first], price_fen=4999, stock=12)
        goods = [
            single,
            make_product(stores=[first], kind="times_card", uses=3, price_fen=10001, stock=9),
            make_product(
                stores=[second],
                price_fen=701,
                stock=7,
                refund_rule="none",
                refund_on_expiry=False,
                validity_days=20,
            ),
            make_product(stores=[second], kind="goods", price_fen=1, stock=40, validity_days=9),
        ]
        self.partner = make_merchant()
        limited = make_limited_offer(single, price_fen=99, quota=6, per_person_limit=3)
        self.offers = [offer_of(product).pk for product in goods] + [limited.pk]

    def _agree(self, merchant_id: int) -> None:
        """One merchant pays a fixed part per use, and nothing on what is paid with points."""
        if not self.plain:
            terms = Terms(Decimal("0.065"), self.moment, fixed_fen=7, points_in_base=False)
            make_contract(merchant_id=merchant_id, terms=terms)

    # One step ------------------------------------------------------------------------

    def step(self) -> str:
        """Do one random thing; returns its name. A Refusal is counted and is no failure."""
        (minutes,) = self.chance.choices(tuple(PAUSES_MINUTES), tuple(PAUSES_MINUTES.values()))
        self.moment += dt.timedelta(minutes=minutes, seconds=1)
        act = self.chance.choices(ACTS, weights=WEIGHTS)[0]
        name = act.__name__
        with at(self.moment):
            try:
                act(self)
                self.done[name] += 1
            except Refusal as refusal:
                self.refused[f"{name}:{refusal.code}"] += 1
        return name

    def finish(self) -> None:
        """Let a year and a half go by and every sweep run, until nothing moves any more."""
        for days in (1, 1, 30, 200, 200, 2, 2):
            self.moment += dt.timedelta(days=days)
            with at(self.moment):
                self._sweep_all()
                for statement in Statement.objects.filter(state=Statement.State.ISSUED):
                    self._pay_out(statement)

    def _sweep_all(self) -> None:
        time_out_orders()
        query_waiting_payments()
        self.release()
        self.expire()
        for _ in range(2):
            self.drain()
            query_waiting_refunds()
        settle_all()

    # Is anything wrong? ----------------------------------------------------------------

    def wrong(self) -> list[str]:
        """What does not agree, in words; an exact shop has none."""
        held = dict(
            LedgerEntry.objects.values_list("account").annotate(total=Sum("amount_fen")).order_by()
        )
        per_merchant: Counter[int] = Counter()
        rows = LedgerEntry.objects.filter(account__in=MERCHANT_ACCOUNTS)
        for merchant_id, total in rows.values_list("merchant_id").annotate(t=Sum("amount_fen")):
            per_merchant[merchant_id] -= total
        for payout in Payout.objects.filter(state=Payout.State.SENT):
            per_merchant[payout.merchant_id] += payout.amount_fen
        given_up = (Statement.State.COLLECTED, Statement.State.WRITTEN_OFF)
        for statement in Statement.objects.filter(state__in=given_up):
            per_merchant[statement.merchant_id] += statement.net_fen
        facts = {
            "gateway": (held_by_the_gateway(), held.get("gateway", 0) + held.get("fees", 0)),
            "commission": (self.expected.commission_fen, -held.get("commission", 0)),
            "promotions": (self.expected.funded_fen["platform"], held.get("promotions", 0)),
            "points": (self.expected.funded_fen["points"], held.get("points_liability", 0)),
        }
        for merchant_id in (*(store.merchant_id for store in self.stores), self.partner.pk):
            due = self.expected.merchants_fen[merchant_id]
            facts[f"merchant {merchant_id}"] = (due, per_merchant[merchant_id])
        found = [f"{what}: {want} ≠ {have}" for what, (want, have) in facts.items() if want != have]
        return found + broken_invariants()

    def left_over(self) -> dict[str, int]:
        """Accounts that still hold something; nothing may be left once everything has ended."""
        rows = LedgerEntry.objects.filter(
            account__in=(
                *("escrow", "pending", "refund_due", "unclaimed", "settled", "receivable"),
            )
        )
        totals = rows.values_list("account").annotate(t=Sum("amount_fen")).order_by()
        return {account: total for account, total in totals if total}

    # Buyers ----------------------------------------------------------------------------

    def buy(self) -> None:
        """Order, and go to the cashier at once."""
        self.place()
        self.pay()

    def place(self) -> None:
        """Order one or two different things, with discounts or a deposit at times."""
        if self.plain:
            one = (self.chance.choice(self.offers), 1)
            place_order(buyer=self.chance.choice(self.buyers), lines=[one])
            return
        chosen = self.chance.sample(self.offers, self.chance.choice((1, 1, 2)))
        lines = [(offer, self.chance.choice((1, 1, 2, 3))) for offer in chosen]
        discounts = self._discounts(lines[0]) if self.chance.random() < 0.5 else []
        with selling_by(discounts):
            deposit = self._deposit(lines) if self.chance.random() < 0.3 else None
            order = place_order(buyer=self.chance.choice(self.buyers), lines=lines, deposit=deposit)
        if not order.total_fen:
            self._freeze(order)

    def _deposit(self, lines: list[tuple[int, int]]) -> Deposit:
        """A part of what the goods cost, at times nearly all of it, at times nothing."""
        goods_fen = make_quote(buyer_id=None, lines=lines).total_fen
        amount_fen = self.chance.choice((0, 1, goods_fen // 3, goods_fen // 2, goods_fen - 1))
        return Deposit(amount_fen, self.moment + dt.timedelta(days=7))

    def _discounts(self, line: tuple[int, int]) -> list[Rule]:
        """Parts of the first line's price, by several funders; at times all of it."""
        offer_id, quantity = line
        offer = Offer.objects.get(pk=offer_id)
        funders = ["platform", "points", merchant_key(offer.merchant_id)]
        funders.append(merchant_key(self.partner.pk))
        left, found = offer.price_fen * quantity, []
        for place, funder in enumerate(self.chance.sample(funders, self.chance.choice((1, 2, 4)))):
            fen = self.chance.choice((left // 3, left // 7, 1, left))
            if fen and left:
                found.append(
                    Rule(
                        source=f"rule:{place}",
                        layer=PLATFORM_COUPON,
                        funder=funder,
                        benefit=AmountOff(min(fen, left)),
                        condition=Condition(offers=frozenset({offer_id})),
                        id=place,
                    )
                )
                left -= min(fen, left)
        return found

    def _freeze(self, order: Order) -> None:
        """A fee for who sent the guest."""
        if self.plain:
            return
        sold = Voucher.objects.filter(order_number=order.number, uses_used=0)
        for voucher in sold.order_by("pk"):
            if self.chance.random() < 1 / 3:
                Voucher.objects.filter(pk=voucher.pk).update(referrer=self.partner, referral_fen=11)

    def pay(self) -> None:
        """Go to the cashier and press a button; the message arrives now, later, or never."""
        likely = {"state": "pending", "expires_at__gt": self.moment}
        if self.chance.random() < 0.3:
            likely = {"state": "deposit", "balance_until__gt": self.moment}
        order = self._some(Order.objects.order_by("-pk"), **likely)
        outcome = self.chance.choices(("paid", "failed", "closed"), (8, 1, 1))[0]
        payment = begin_payment(order)
        message = decide(token=payment.pay_url.rstrip("/").rsplit("/", 1)[-1], outcome=outcome)
        if message is None:  # decided before; nobody has told the shop yet
            raise NothingThere
        self.messages.append(message)
        if self.chance.random() < 0.7:
            deliver(message)
            self._freeze(order)

    def cancel(self) -> None:
        order = self._some(Order.objects.all(), state="pending")
        cancel_order(buyer=order.buyer, number=order.number)

    def refund(self) -> None:
        voucher = self._some(Voucher.objects.all(), state__in=("active", "held"))
        refund_voucher(owner=voucher.owner, voucher_id=voucher.pk)

    def rebate(self) -> None:
        """A voucher that was sold gets cheaper."""
        if self.plain:
            raise NothingThere
        voucher = self._some(Voucher.objects.all(), state__in=("active", "held"), uses_used=0)
        fen = self.chance.choice((1, voucher.paid_fen // 2, voucher.paid_fen)) or 1
        rebate_voucher(voucher_id=voucher.pk, amount_fen=fen)

    # The counter -------------------------------------------------------------------------

    def redeem(self) -> None:
        voucher = self._some(Voucher.objects.all(), state="active")
        own = [store for store in self.stores if store.merchant_id == voucher.merchant_id]
        store = self.chance.choice([*own * 9, *self.stores])
        redemption = redeem_voucher(
            staff=self.clerks[store.pk],
            store_id=store.pk,
            code=voucher.code,
            uses=self.chance.choice((1, 1, 2, 3)),
        )
        self._count(redemption, shares_by_hand(redemption))

    def undo(self) -> None:
        redemption = self._some(Redemption.objects.all(), undo_until__gt=self.moment)
        staff = self.clerks[redemption.store_id]
        undo_redemption(staff=staff, redemption_id=redemption.pk)
        self._count(redemption, shares_by_hand(redemption), sign=-1)

    def take_back(self) -> None:
        """After-sales: redeemed uses come back, with their part of the commission."""
        redemption = self._some(Redemption.objects.all(), undone_at__isnull=True)
        before, released = redemption.returned_uses, redemption.released_at is not None
        uses = self.chance.choice((1, 1, 2))
        owner = owner_of(redemption.merchant)
        return_redeemed(redemption_id=redemption.pk, uses=uses, requested_by=owner)
        if not released:
            self._count_release(redemption)
        taken = []
        for component_id, party, fen in shares_by_hand(redemption):
            left = fen - self.returned[redemption.pk, component_id]
            part = left * uses // (redemption.uses - before)
            self.returned[redemption.pk, component_id] += part
            taken.append(Share(component_id, party, part))
        self._count(redemption, taken, sign=-1)
        self._count_dues(taken, sign=-1)
        whole, fee = self._whole_commission(redemption), self._whole_fee(redemption)
        back = share_by_hand(whole, before, uses, redemption.uses)
        fee_back = share_by_hand(fee, before, uses, redemption.uses)
        self._move_commission(redemption.merchant_id, -back)
        self.expected.merchants_fen[redemption.merchant_id] += fee_back
        self.expected.merchants_fen[self.partner.pk] -= fee_back

    # Sweeps and the operator -----------------------------------------------------------

    def release(self) -> None:
        due = {row.pk for row in Redemption.objects.filter(released_at__isnull=True)}
        release_redemptions()
        for row in Redemption.objects.filter(pk__in=due, released_at__isnull=False):
            self._count_release(row)

    def expire(self) -> None:
        """Expire, and count what the merchants keep of vouchers that give nothing back."""
        open_ones = Voucher.objects.filter(state__in=("active", "held"))
        active = {row.pk: unused_by_hand(row) for row in open_ones}
        expire_vouchers()
        for voucher in Voucher.objects.filter(pk__in=active, state="expired"):
            kept = active[voucher.pk]
            self.expected.merchants_fen[voucher.merchant_id] += kept
            taken = commission_by_hand(kept, voucher.commission_rate)
            self._move_commission(voucher.merchant_id, taken)

    def handle_outbox(self) -> None:
        self.drain()

    def time_out(self) -> None:
        time_out_orders()

    def settle(self) -> None:
        settle_all()

    def pay_out(self) -> None:
        self._pay_out(self._some(Statement.objects.all(), state="issued"))

    def _pay_out(self, statement: Statement) -> None:
        """What a statement owes is sent; what it is owed is collected."""
        reference = f"T-{statement.number}"
        if statement.net_fen > 0:
            send_payout(statement_id=statement.pk, sent_by=None, bank_reference=reference)
        else:
            collect_statement(
                statement_id=statement.pk, bank_reference=reference, collected_by=None
            )

    def carry(self) -> None:
        carry_statement(statement_id=self._owing().pk, carried_by=None)

    def write_off(self) -> None:
        write_off_statement(statement_id=self._owing().pk, by=None)

    def _owing(self) -> Statement:
        rows = Statement.objects.filter(net_fen__lt=0)
        found: Statement = self._some(rows, state=Statement.State.ISSUED)
        return found

    def bank_returns(self) -> None:
        payout = self._some(Payout.objects.all(), state="sent")
        return_payout(payout_id=payout.pk, by=None)

    def reconcile(self) -> None:
        day = (self.moment - dt.timedelta(days=1)).date()
        reconcile_day(gateway="sandbox", day=day, voucher_totals=spent_by_payment)

    # The gateway -----------------------------------------------------------------------

    def hear_again(self) -> None:
        """A message comes that was sent before: late, or a second time, or out of order."""
        if self.messages:
            headers, body = self.chance.choice(self.messages)
            again = self.chance.random() < 0.8  # a gateway signs each of its tries
            deliver((sign(body) if again else headers, body))

    def hear_forged(self) -> None:
        """A message whose body was altered on its way."""
        if self.messages:
            headers, body = self.chance.choice(self.messages)
            deliver((headers, body.replace(b'"amount_fen":', b'"amount_fen":1')))

    def ask(self) -> None:
        """The sweep asks the gateway for what nobody told us."""
        query_waiting_payments()
        query_waiting_refunds()

    # Small things ------------------------------------------------------------------------

    def _count(self, redemption: Redemption, shares: list[Share], sign: int = 1) -> None:
        """Redeemed, or with ``sign`` −1 undone or taken back: what funders give, the merchant gets."""
        for _component_id, party, fen in shares:
            self.expected.merchants_fen[redemption.merchant_id] += sign * fen
            if party in ("platform", "points"):
                self.expected.funded_fen[party] += sign * fen

    def _count_dues(self, shares: list[Share], sign: int = 1) -> None:
        for _component_id, party, fen in shares:
            if party == f"merchant:{self.partner.pk}":
                self.expected.merchants_fen[self.partner.pk] -= sign * fen

    def _count_release(self, redemption: Redemption) -> None:
        """Commission, the partner's dues and the referral fee are due."""
        self._move_commission(redemption.merchant_id, self._whole_commission(redemption))
        self._count_dues(shares_by_hand(redemption))
        fee = self._whole_fee(redemption)
        self.expected.merchants_fen[redemption.merchant_id] -= fee
        self.expected.merchants_fen[self.partner.pk] += fee

    def _move_commission(self, merchant_id: int, fen: int) -> None:
        self.expected.commission_fen += fen
        self.expected.merchants_fen[merchant_id] -= fen

    def _whole_commission(self, redemption: Redemption) -> int:
        voucher = redemption.voucher
        outside = {"points"} if voucher.commission_fixed_fen else set()  # as agreed above
        shares = shares_by_hand(redemption)
        value = sum(share.fen for share in shares if share.party not in outside)
        fixed = voucher.commission_fixed_fen * redemption.uses
        return commission_by_hand(value, voucher.commission_rate) + fixed

    def _whole_fee(self, redemption: Redemption) -> int:
        voucher, first = redemption.voucher, redemption.first_use
        return share_by_hand(voucher.referral_fen, first, redemption.uses, voucher.uses_total)

    def _some(self, rows: Any, **likely: Any) -> Any:
        """A random row of ``rows``, mostly one of the ``likely`` ones; a refusal without any."""
        if self.chance.random() < 0.8 and rows.filter(**likely).exists():
            rows = rows.filter(**likely)
        count = rows.count()
        if not count:
            raise NothingThere
        return rows.order_by("pk")[self.chance.randrange(count)]


@contextmanager
def selling_by(held: list[Rule]) -> Iterator[None]:
    """The rules of price of a room above, for what is bought inside."""
    before = rules._sources[:]
    rules.register_rules(lambda asked: held)
    try:
        yield
    finally:
        rules._sources[:] = before


def held_by_the_gateway() -> int:
    """What the sandbox has of us, by its own books, as far as the news of it has reached ours."""
    known = Payment.objects.filter(state=Payment.State.SUCCEEDED).values("number")
    trades = SandboxTrade.objects.filter(state="paid", out_trade_no__in=known)
    told = Refund.objects.filter(state=Refund.State.SUCCEEDED).values("number")
    refunds = SandboxRefund.objects.filter(out_refund_no__in=told)
    paid = trades.aggregate(total=Sum("amount_fen"))["total"] or 0
    return paid - (refunds.aggregate(total=Sum("amount_fen"))["total"] or 0)


class NothingThere(Refusal):
    """The history has no such row yet."""

    code = "nothing_there"


WEIGHED = {
    Machine.buy: 14,
    Machine.place: 4,
    Machine.pay: 5,
    Machine.redeem: 12,
    Machine.undo: 6,
    Machine.refund: 4,
    Machine.take_back: 4,
    Machine.rebate: 3,
    Machine.cancel: 2,
    Machine.hear_again: 4,
    Machine.hear_forged: 1,
    Machine.ask: 3,
    Machine.handle_outbox: 5,
    Machine.release: 4,
    Machine.expire: 3,
    Machine.time_out: 3,
    Machine.settle: 3,
    Machine.pay_out: 3,
    Machine.carry: 1,
    Machine.write_off: 1,
    Machine.bank_returns: 1,
    Machine.reconcile: 1,
}
ACTS, WEIGHTS = tuple(WEIGHED), tuple(WEIGHED.values())
