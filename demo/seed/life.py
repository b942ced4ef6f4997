"""Ninety days of the demo city: orders, payments, redemptions, refunds, reviews, settlements.

An event queue in simulated time. Every event calls the service that a person or a worker
would have caused, under ``clock.at`` of its moment; nothing is written behind the services.
The same seed gives the same story.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from catalog.models import Product, StockLevel
from catalog.services.by_store import keep_by_store
from catalog.services.prices import refresh_price
from catalog.services.shelves import count_level, transfer_stock
from catalog.services.stock import set_low_stock, set_stock
from catalog.usable import stores_of_products
from demo.content import CITY
from demo.content import types as content
from demo.seed.codes import Passers
from demo.seed.counter_day import CounterDay, pay_at_cashier
from demo.seed.people import Cast
from demo.seed.shop import Shop
from kernel import clock
from kernel.errors import Refusal
from kernel.facts.traces import NOBODY
from kernel.outbox.services import drain
from members.models import User
from messages.models import Notification
from o2o.reactions import CONSUMERS
from orders.services.cancel import cancel_order, time_out_due
from orders.services.place import place_order
from payments.agreements import PAYOUT
from payments.models import Statement
from payments.services.payouts import send_payout
from payments.services.reconcile import reconcile_day
from payments.services.settlement import settle_all
from reviews.services.reviews import reply_to_review, write_review
from stores.hours import is_open
from stores.models import Store
from stores.services.approvals import approve, ask
from vouchers.errors import ReturnBeyondLimits
from vouchers.models import Redemption, Voucher
from vouchers.services.expire import expire_due
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.services.release import release_due

DAYS = 90
ORDERS = 420
GOODS_BY_STORE, FEW = 2, 4
"""So many goods are counted by store; of each, so few are at the second one."""
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
Event = Callable[[], object]
# The demo's people have no mailboxes: what happened is in their inbox, nothing is e-mailed.
STORY_CONSUMERS = {**CONSUMERS, "notification.created": ()}
# People buy more towards the weekend (Monday first).
WEEKDAY_WEIGHT = (7, 7, 8, 9, 13, 16, 12)
BUYING_HOURS = (9, 10, 11, 11, 12, 12, 15, 17, 18, 18, 19, 20, 20, 21, 22)


class Life:
    """The story being told. ``until`` is the present: later events do not happen.

    ``days`` and ``orders``: a shorter story for whoever needs fewer of them. ``passers``: who scans codes.
    """

    def __init__(
        self,
        *,
        cast: Cast,
        shop: Shop,
        opened: dt.datetime,
        until: dt.datetime,
        days: int = DAYS,
        orders: int = ORDERS,
        passers: Passers | None = None,
    ) -> None:
        self.passers = passers
        self.cast, self.shop, self.opened, self.until = cast, shop, opened, until
        self.days, self.orders = days, orders
        self.random = random.Random(CITY.slug)
        self.zone = ZoneInfo(CITY.time_zone)
        self.queue: list[tuple[dt.datetime, int, Event]] = []
        self.counter = itertools.count()
        self.rows = {row.slug: row for row in CITY.products}
        self.stores = {slug: self._with_hours(store) for slug, store in shop.stores.items()}

    @staticmethod
    def _with_hours(store: Store) -> Store:
        return Store.objects.prefetch_related("hours", "holidays").get(pk=store.pk)

    def schedule(self, moment: dt.datetime, event: Event) -> None:
        """Let ``event`` happen at ``moment``, if that is not in the future."""
        if moment <= self.until:
            heapq.heappush(self.queue, (moment, next(self.counter), event))

    def run(self, progress: Callable[[int, int], None]) -> None:
        """Tell the whole story; ``progress`` gets the days done and their number."""
        self._plan_orders()
        counter = CounterDay(cast=self.cast, shop=self.shop, schedule=self.schedule)
        counter.listen()
        for back in (1, 0):  # yesterday and today
            counter.plan(self.opened + dt.timedelta(days=self.days - back))
        for day in range(self.days + 1):
            midnight = self.opened + dt.timedelta(days=day)
            self.schedule(midnight, partial(progress, day, self.days))
            # 02:10 in the city: settle; 10:20: reconcile, as beat does.
            self.schedule(midnight + 2 * HOUR + 10 * MINUTE, self._night)
            self.schedule(midnight + 10 * HOUR + 20 * MINUTE, self._reconcile)
        while self.queue:
            moment, _number, event = heapq.heappop(self.queue)
            with clock.at(moment):
                event()
        with clock.at(self.until):
            self._workers()
        self._leave_the_shelves_as_written()
        progress(self.days, self.days)

    def _plan_orders(self) -> None:
        days = [self.opened + dt.timedelta(days=day) for day in range(self.days + 1)]
        # The city grows: later days sell more.
        weights = [
            WEEKDAY_WEIGHT[day.astimezone(self.zone).weekday()] * (1 + index / self.days)
            for index, day in enumerate(days)
        ]
        for day in self.random.choices(days, weights, k=self.orders):
            hour = self.random.choice(BUYING_HOURS)
            moment = day + hour * HOUR + self.random.randrange(60) * MINUTE
            self.schedule(moment, self._order)

    # What customers do -------------------------------------------------------------------

    def _order(self) -> None:
        buyer = self.random.choice(self.cast.customers)
        products = self._pick_products()
        lines = [
            (product.offers.get(kind="normal", active=True).pk, self._quantity(product))
            for product in products
        ]
        trace = self.passers.before_order(buyer, products) if self.passers else NOBODY
        try:
            order = place_order(buyer=buyer, lines=lines, trace=trace)
        except Refusal:
            return  # sold out just then: people leave
        fate = self.random.random()
        if fate < 0.04:
            self._in(5 * MINUTE, lambda: cancel_order(buyer=buyer, number=order.number))
        elif fate < 0.08:
            self._in(20 * MINUTE, partial(time_out_due))
        else:
            self._in(self._minutes(1, 8), lambda: self.pay(buyer, order.number))

    def _pick_products(self) -> list[Product]:
        moment = clock.now()
        open_for_sale = [
            (product, self.rows[slug].popularity ** 2)
            for slug, product in self.shop.products.items()
            if product.created_at <= moment and self.rows[slug].stock != 0
        ]
        products, weights = zip(*open_for_sale, strict=True)
        count = self.random.choices((1, 2, 3), (80, 15, 5))[0]
        return list(dict.fromkeys(self.random.choices(products, weights, k=count)))

    def _quantity(self, product: Product) -> int:
        limit = self.rows[product.external_code].per_person_limit or 4
        top = 4 if product.kind == Product.Kind.GOODS else 2
        return self.random.randint(1, min(limit, top)) if self.random.random() < 0.35 else 1

    def pay(self, buyer: User, number: str, *, keeps: bool = False) -> None:
        """The buyer pays, and what becomes of each voucher is planned; who ``keeps`` them sends none back."""
        pay_at_cashier(buyer, number)
        for voucher in Voucher.objects.filter(order_number=number).order_by("pk"):
            self._plan_voucher(buyer, voucher, keeps=keeps)

    def _plan_voucher(self, buyer: User, voucher: Any, *, keeps: bool = False) -> None:
        row = self.rows[
            Product.objects.values_list("external_code", flat=True).get(pk=voucher.product_id)
        ]
        fate = self.random.random()
        if fate < 0.07 and not keeps:
            self._in(self._hours(2, 60), lambda: self._refund(buyer, voucher.pk))
        elif fate < 0.86:
            self._plan_visit(buyer, voucher.pk, row, first=True)
        # The rest keep it: it waits in the wallet, or expires and pays back by itself.

    def _plan_visit(
        self, buyer: User, voucher_id: int, row: content.Product, *, first: bool
    ) -> None:
        days = self.random.expovariate(1 / 6) + (0 if first else 4)
        wait = dt.timedelta(days=min(days, row.valid_days - 1)) + row.usable_after_hours * HOUR
        self._in(wait, lambda: self._visit(buyer, voucher_id, row))

    def _visit(self, buyer: User, voucher_id: int, row: content.Product, tries: int = 0) -> None:
        store = self.stores[self.random.choice(row.stores)]
        if not is_open(store, clock.now()):
            if tries < 12:
                self._in(self._hours(2, 5), lambda: self._visit(buyer, voucher_id, row, tries + 1))
            return
        clerk = self.cast.clerks[row.merchant]
        voucher = Voucher.objects.get(pk=voucher_id)
        uses = min(voucher.uses_left, voucher.uses_total if row.kind == "goods" else 1)
        try:
            redemption = redeem_voucher(
                staff=clerk, store_id=store.pk, code=voucher.code, uses=max(uses, 1)
            )
        except Refusal:
            if tries < 12:  # a blackout time, or not valid yet: they come again
                self._in(self._hours(6, 20), lambda: self._visit(buyer, voucher_id, row, tries + 1))
            return
        self._after_visit(buyer, clerk, redemption, row)

    def _after_visit(
        self, buyer: User, clerk: User, redemption: Redemption, row: content.Product
    ) -> None:
        fate = self.random.random()
        if fate < 0.02:  # a slip of the hand at the till: undone, and done again
            self._in(2 * MINUTE, lambda: undo_redemption(staff=clerk, redemption_id=redemption.pk))
            self._in(4 * MINUTE, lambda: self._visit(buyer, redemption.voucher_id, row))
            return
        if fate < 0.035 and redemption.value_fen:
            self._in(self._hours(20, 70), lambda: self._take_back(redemption, row))
            return
        if redemption.first_use == 0 and fate < 0.62:
            self._in(self._hours(1, 48), lambda: self._review(buyer, redemption.voucher_id, row))
        voucher = Voucher.objects.get(pk=redemption.voucher_id)
        if voucher.uses_left and self.random.random() < 0.85:
            self._plan_visit(buyer, voucher.pk, row, first=False)

    def _take_back(self, redemption: Redemption, row: content.Product) -> None:
        """The merchant's decision, or the platform's where it is beyond what a merchant may."""
        try:
            self._return(redemption, by=self.cast.owners[row.merchant])
        except ReturnBeyondLimits:
            self._return(redemption, by=self.cast.operator)

    def _return(self, redemption: Redemption, *, by: User) -> None:
        return_redeemed(redemption_id=redemption.pk, uses=redemption.uses, requested_by=by)

    def _refund(self, buyer: User, voucher_id: int) -> None:
        try:
            refund_voucher(owner=buyer, voucher_id=voucher_id)
        except Refusal:
            return  # its terms allow none: they keep the voucher

    def _review(self, buyer: User, voucher_id: int, row: content.Product) -> None:
        language = "zh" if buyer.language.startswith("zh") else "en"
        trade = CITY.trade_of(row)
        fitting = [r for r in CITY.reviews if r.trade == trade and r.language == language]
        near = [r for r in fitting if not r.motifs or row.motif in r.motifs]
        if not near:
            return
        weights = [{5: 12, 4: 7, 3: 2, 2: 1}.get(r.rating, 1) for r in near]
        text = self.random.choices(near, weights)[0]
        review = write_review(
            author=buyer, voucher_id=voucher_id, rating=text.rating, text=text.text
        )
        if self.random.random() < (0.9 if text.rating <= 3 else 0.35):
            owner = self.cast.owners[row.merchant]
            answers = [
                r for r in CITY.replies if r.language == language and text.rating in r.ratings
            ]
            reply = self.random.choice(answers).text
            self._in(
                self._hours(3, 40),
                lambda: reply_to_review(review_id=review.pk, by=owner, text=reply),
            )

    # What workers do ---------------------------------------------------------------------

    def _workers(self) -> None:
        time_out_due()
        release_due()
        expire_due()
        drain(consumers=STORY_CONSUMERS)

    def _night(self) -> None:
        self._workers()
        settle_all()  # the last whole day, as every night does
        if clock.now().astimezone(self.zone).weekday() == 0:
            self._pay_out()
        drain(consumers=STORY_CONSUMERS)

    def _pay_out(self) -> None:
        before = clock.now().astimezone(self.zone).date() - dt.timedelta(days=3)
        issued = Statement.objects.filter(state=Statement.State.ISSUED, net_fen__gt=0)
        due = issued.filter(day__lte=before)
        for statement in due.order_by("pk"):
            asked = ask(kind=PAYOUT, payload={"statement": statement.pk}, by=self.cast.finance)
            if asked is not None:
                approve(approval_id=asked.pk, digest=asked.digest, by=self.cast.operator)
            send_payout(
                statement_id=statement.pk,
                sent_by=self.cast.finance,
                bank_reference=f"TRF-{statement.number}",
            )

    def _reconcile(self) -> None:
        self._workers()
        yesterday = clock.now().astimezone(self.zone).date() - dt.timedelta(days=1)
        if yesterday >= self.opened.astimezone(self.zone).date():
            reconcile_day(gateway="sandbox", day=yesterday)

    def _leave_the_shelves_as_written(self) -> None:
        """The ninety days needed goods; what is left now is what the content says."""
        for slug, product in self.shop.products.items():
            stock = self.rows[slug].stock
            if stock is not None:
                set_stock(variant_id=product.variants.get().pk, available=stock)
        self._count_at_stores()
        refresh_price()
        # Old messages have been read; the last days' are still new.
        Notification.objects.filter(
            created_at__lt=self.until - dt.timedelta(days=3), read_at__isnull=True
        ).update(read_at=self.until)

    def _count_at_stores(self) -> None:
        """Some goods are counted by store: a part was sent on, both were counted, one has few left."""
        told = 0
        for slug, product in self.shop.products.items():
            stock = self.rows[slug].stock
            if told == GOODS_BY_STORE or product.kind != Product.Kind.GOODS or not stock:
                continue
            stores = list(stores_of_products([product])[product.pk].shown)
            if len(stores) < 2 or stock < FEW * 2:
                continue
            self._count_one(product, stores[:2], self.cast.owners[self.rows[slug].merchant])
            told += 1

    def _count_one(self, product: Product, stores: list[Store], owner: User) -> None:
        here, there = stores
        variant_id = product.variants.get().pk
        keep_by_store(variant_id=variant_id, by=owner, store_id=here.pk)
        transfer_stock(
            merchant=product.merchant,
            variant_id=variant_id,
            from_store=here.pk,
            to_store=there.pk,
            quantity=FEW,
            by=owner,
        )
        set_low_stock(variant_id=variant_id, low_stock_at=FEW)
        for level in StockLevel.objects.filter(variant=variant_id, store__in=stores):
            count_level(level=level, counted=level.on_hand, by=owner)

    # Time ---------------------------------------------------------------------------------

    def _in(self, wait: dt.timedelta, event: Event) -> None:
        self.schedule(clock.now() + wait, event)

    def _minutes(self, low: int, high: int) -> dt.timedelta:
        return self.random.randint(low, high) * MINUTE

    def _hours(self, low: int, high: int) -> dt.timedelta:
        return self.random.uniform(low, high) * HOUR
