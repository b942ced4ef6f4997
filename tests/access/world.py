"""Two businesses side by side, with a row of every kind in each, and everybody around them.

The names of the second one carry the word FOREIGN, so that a page that shows one of its rows
to the first one's people gives itself away.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.test import Client
from django.test.client import ClientHandler

from campaigns.models import Campaign, Coupon, Sale
from campaigns.services.codes import make_codes
from campaigns.services.coupons import claim_coupon
from campaigns.services.funders import Share
from campaigns.services.grants import CouponAsked, grant_coupon
from catalog.services.by_store import keep_by_store
from catalog.services.levels import MovementAsked, record_movements
from insights.models import AuditRun, ChannelPlan
from insights.services.keep import keep_results
from insights.services.plans import PlanAsked, add_plan
from kernel.clock import at, now
from kernel.outbox.services import drain
from kernel.watch.services import report_incident
from members.models import User
from members.services.accounts import issue_token
from messages.models import Notification
from orders.models import Order
from payments.models import Payment, ReconciliationException
from payments.services.bills import fetch_bill
from payments.services.contracts import Terms, make_contract
from payments.services.payouts import send_payout
from payments.services.reconcile import reconcile_bill
from payments.services.settlement import settle_merchant
from reviews.models import Review
from reviews.services.reviews import write_review
from stores.codes.models import Code
from stores.codes.services import CodeAsked, make_code
from stores.models import Approval, Device, Merchant, StaffInvitation, Store
from stores.services.approvals import ask
from stores.services.devices import add_device, enrol_device
from stores.services.groups import save_group
from stores.services.invitations import invite_staff, renew_token
from stores.services.platform import give_platform_role
from stores.services.staff import add_staff, remove_staff
from tests.campaigns.made import make_campaign
from tests.campaigns.sales import make_sale
from tests.factories import (
    make_limited_offer,
    make_merchant,
    make_order,
    make_paid_order,
    make_product,
    make_staff,
    make_store,
    make_user,
    offer_of,
    owner_of,
    pay_order,
    redeem,
    start_payment,
)
from vouchers.models import Redemption, Voucher
from vouchers.services.grants import GrantAsked, grant_voucher
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.services.release import release_redemption

FOREIGN = "FOREIGN"
DAY = dt.date(2026, 5, 1)
ROLES = (
    "guest",
    "customer",
    "other_customer",
    "clerk",
    "other_clerk",
    "owner",
    "other_owner",
    "manager",
    "suspended_owner",
    "removed_clerk",
    "finance",
    "reader",
    "local_manager",
    "support",
    "desk_finance",
    "risk",
    "operator",
)
"""``manager``, ``finance`` and ``reader`` work with ``owner``, ``removed_clerk`` did; ``local_manager``
is kept to the second store of it. ``suspended_owner`` runs a business of their own, which is
suspended. ``support``, ``desk_finance`` and ``risk`` work for the platform, as ``operator`` does."""


class Business(NamedTuple):
    """One merchant's rows, as the services write them."""

    merchant: Merchant
    store: Store
    product: Any
    waiting: Order  # a pending order, its payment opened
    fresh: Voucher  # usable
    used: Voucher  # redeemed, not reviewed
    redemption: Redemption  # of `used`, its undo window open
    review: Review  # of a third voucher


class Door(Client):
    """Brings the bare answer: no copies of what templates were given, a mistake of ours is a 500."""

    def request(self, **request: Any) -> Any:
        return self.handler(self._base_environ(**request))


@dataclass
class World:
    """Everything a rule may name. ``people`` and ``visits`` are keyed by role."""

    mine: Business
    theirs: Business
    second_store: Store
    draft: Any
    hidden_store: Store
    note: Notification
    gift: Any  # of the first business to the first customer, not used
    device: Device  # of the first business, enrolled
    code: Code  # of the first business, its clerk's
    campaign: Campaign  # of the first business, running
    coupon: Coupon  # of it, of some guest
    sale: Sale  # of the first business, running, with a line
    plan: ChannelPlan  # of the first business
    approval: Approval  # asked for by the platform's finance
    invitation: StaffInvitation  # of the first business, not answered
    invitation_token: str
    people: dict[str, User]
    tokens: dict[str, str]
    cookies: dict[str, dict[str, str]]
    handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))
    """The middlewares, loaded once: loading them anew costs more than most answers."""

    def visitor(self, role: str, kind: type[Client] = Client) -> Client:
        """A browser in which ``role`` is signed in."""
        browser = kind()
        browser.handler = self.handler
        browser.cookies.load(self.cookies.get(role, {}))
        return browser

    def api_headers(self, role: str) -> dict[str, str]:
        token = self.tokens.get(role)
        return {"Authorization": f"Bearer {token}"} if token else {}


def sell_beyond(business: Business) -> None:
    """Goods that are counted by store, of which a till has sold more than there were."""
    goods = make_product(
        merchant=business.merchant,
        category=business.product.category,
        kind="goods",
        stock=0,
        title_en=f"Jar of {business.merchant.name_en}",
    )
    (variant,) = goods.variants.all()
    owner = owner_of(business.merchant)
    keep_by_store(variant_id=variant.pk, by=owner)
    line = MovementAsked(variant.pk, business.store.pk, "sold", "till-1", delta=-1)
    record_movements(merchant=business.merchant, lines=[line], stores=None, by=owner)


def make_world() -> World:
    """Build it in the caller's transaction."""
    people = {role: make_user(display_name=role.title()) for role in ROLES[1:-1]}
    people["operator"] = make_user("operator", display_name="Operator")
    mine = make_business(people["owner"], people["customer"], people["clerk"], "")
    make_staff(mine.store, user=people["manager"], role="manager")
    make_staff(mine.store, user=people["removed_clerk"])
    make_staff(mine.store, user=people["finance"], role="finance")
    make_staff(mine.store, user=people["reader"], role="reader")
    for role, person in (("support", "support"), ("finance", "desk_finance"), ("risk", "risk")):
        give_platform_role(user=people[person], role=role)
    stopped = make_merchant(
        state="suspended", owner=people["suspended_owner"], name_en=f"{FOREIGN} suspended"
    )
    second = make_store(merchant=mine.merchant, city=mine.store.city)
    make_staff(second, user=people["other_clerk"])
    south = save_group(merchant=mine.merchant, name="South", stores=[second], by=None)
    add_staff(
        merchant=mine.merchant,
        user=people["local_manager"],
        role="manager",
        groups=[south],
        limited=True,
    )
    their_clerk = make_user(display_name=f"Clerk of {FOREIGN}")
    theirs = make_business(people["other_owner"], people["other_customer"], their_clerk, FOREIGN)
    save_group(merchant=theirs.merchant, name=FOREIGN, stores=[theirs.store], by=None)
    settle_both(mine, theirs)
    for business in (mine, theirs):
        sell_beyond(business)
    invitations = [
        invite_staff(
            merchant=business.merchant,
            email=f"{business.merchant.slug}@example.com",
            role="clerk",
            stores=[business.store],
            by=owner_of(business.merchant),
        )
        for business in (mine, theirs)
    ]
    drain()
    approval = ask(
        kind="commission",
        payload={"merchant": mine.merchant.pk, "to": "0.07"},
        by=people["desk_finance"],
    )
    assert approval is not None
    devices = [
        enrol_device(code=made.code, client="")[0]
        for made in (
            add_device(store=business.store, name="Till", by=owner_of(business.merchant))
            for business in (mine, theirs)
        )
    ]
    codes = [
        make_code(
            merchant=business.merchant,
            asked=CodeAsked("staff", f"{person.display_name}'s code", business.store, person.email),
            by=owner_of(business.merchant),
        )
        for business, person in ((mine, people["clerk"]), (theirs, their_clerk))
    ]
    gifts = [
        grant_voucher(
            merchant=business.merchant,
            issuer=owner_of(business.merchant),
            asked=GrantAsked(
                person=str(people[guest].email),
                reason="thanks",
                valid_until=now().date() + dt.timedelta(days=30),
                title_en=f"Gift of {business.merchant.name_en}",
            ),
        ).grant
        for business, guest in ((mine, "customer"), (theirs, "other_customer"))
    ]
    for business in (mine, theirs):
        give_coupons(business)
    campaigns = [make_campaigns(business) for business in (mine, theirs)]
    coupon, _other = (
        claim_coupon(owner=make_user(), campaign_id=campaign.pk) for campaign in campaigns
    )
    sales = [make_sales(business) for business in (mine, theirs)]
    plans = [make_plan(business) for business in (mine, theirs)]
    keep_results()
    opened = renew_token(invitation_id=invitations[0].pk)
    assert opened is not None
    world = World(
        mine=mine,
        theirs=theirs,
        second_store=second,
        draft=make_product(stores=[mine.store], state="draft"),
        hidden_store=make_store(merchant=stopped, name_en=f"{FOREIGN} store, suspended"),
        note=Notification.objects.filter(user=people["customer"]).earliest("id"),
        gift=gifts[0],
        device=devices[0],
        code=codes[0],
        campaign=campaigns[0],
        coupon=coupon,
        sale=sales[0],
        plan=plans[0],
        approval=approval,
        invitation=opened[0],
        invitation_token=opened[1],
        people=people,
        tokens={role: issue_token(user=user) for role, user in people.items()},
        cookies={role: _session_of(user) for role, user in people.items()},
    )
    # Signed in before: the session and the token outlive the membership, and open nothing.
    remove_staff(merchant=mine.merchant, user=people["removed_clerk"], by=people["owner"])
    AuditRun.objects.create(duration_ms=1, is_clean=True, findings=[])
    report_incident(kind="catalog.card", subject="product:1", error="cannot be drawn")
    return world


def make_campaigns(business: Business) -> Campaign:
    """One that runs, which is returned, and then a draft that the platform bears half of."""
    name, own = f"Coupons of {business.merchant.name_en}", f"merchant:{business.merchant.pk}"
    running = make_campaign(business.merchant, name_en=name)
    shares = [Share("platform", 500), Share(own, 500)]
    make_campaign(business.merchant, start=False, name_en=name, funders=shares)
    return running


def give_coupons(business: Business) -> None:
    """Codes of a campaign, and a coupon that the business has given."""
    name = f"Codes of {business.merchant.name_en}"
    coded = make_campaign(business.merchant, name_en=name, claiming="code", coupons=3)
    make_codes(campaign_id=coded.pk)
    given = make_campaign(business.merchant, name_en=name, claiming="granted")
    guest = make_user(email=f"guest-of-{business.merchant.slug}@example.com")
    asked = CouponAsked(reason="apology", person=str(guest.email), note=name)
    grant_coupon(campaign_id=given.pk, asked=asked, issuer=owner_of(business.merchant))


def make_sales(business: Business) -> Sale:
    """One that runs, with a waiting line, which is returned, and then a draft."""
    name = business.merchant.name_en
    product = make_product(stores=[business.store], title_en=f"{name} offer", price_fen=5000)
    running, _draft = (
        make_sale(product, start=start, name_en=f"Sale of {name}", has_line=True)
        for start in (True, False)
    )
    return running


def make_plan(business: Business) -> ChannelPlan:
    """What one channel costs the business this year."""
    asked = PlanAsked(
        channel="wechat",
        begins_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2026, 12, 31),
        cost_fen=36500,
        note=f"Cost of {business.merchant.name_en}",
    )
    return add_plan(merchant=business.merchant, asked=asked, by=owner_of(business.merchant))


def make_business(owner: User, buyer: User, clerk: User, mark: str) -> Business:
    """A merchant with every kind of row; ``mark`` stands in all of its names."""
    name = mark or "Home"
    merchant = make_merchant(owner=owner, name_en=f"{name} merchant", slug=f"{name.lower()}-co")
    store = make_store(merchant=merchant, name_en=f"{name} store")
    make_staff(store, user=clerk)
    product = make_product(stores=[store], title_en=f"{name} product", stock=100, price_fen=5000)
    make_limited_offer(product, price_fen=3000)
    bought = make_paid_order(buyer, offer_of(product), quantity=5)
    fresh, used, reviewed, refunded, returned = Voucher.objects.filter(
        order_number=bought.number
    ).order_by("id")
    refund_voucher(owner=buyer, voucher_id=refunded.pk)
    taken_back = redeem(returned, store=store, staff=clerk)
    return_redeemed(redemption_id=taken_back.pk, uses=1, requested_by=owner)
    seen = redeem(reviewed, store=store, staff=clerk)
    review = write_review(
        author=buyer, voucher_id=reviewed.pk, rating=5, text=f"{name} was a pleasure."
    )
    with at(seen.undo_until):
        release_redemption(redemption_id=seen.pk)
    waiting = make_order(buyer, offer_of(product))
    pay_order(waiting, outcome="failed")
    redemption = redeem(used, store=store, staff=clerk)
    used.refresh_from_db()
    start_payment(buyer=buyer, number=waiting.number, gateway="sandbox")
    drain()
    return Business(merchant, store, product, waiting, fresh, used, redemption, review)


def settle_both(*businesses: Business) -> None:
    """A statement and a payout each, a bill with its comparison, and a difference to look at."""
    later = max(business.redemption.undo_until for business in businesses) + dt.timedelta(days=2)
    for business in businesses:
        statement = settle_merchant(merchant_id=business.merchant.pk, day=DAY, cutoff_at=later)
        assert statement is not None
        send_payout(
            statement_id=statement.pk, sent_by=None, bank_reference=f"TRF-{statement.number}"
        )
        terms = Terms(Decimal("0.08"), later)
        make_contract(merchant_id=business.merchant.pk, terms=terms)
    with at(later):
        day = (later - dt.timedelta(days=2)).date()
        reconcile_bill(bill=fetch_bill(gateway="sandbox", day=day))
    ReconciliationException.objects.get_or_create(
        gateway="sandbox", day=day, kind="amount", subject="P1"
    )
    with transaction.atomic():
        drain()


def _session_of(user: User) -> dict[str, str]:
    browser = Client()
    browser.force_login(user)
    return {name: cookie.value for name, cookie in browser.cookies.items()}


def cashier_token(order: Order) -> str:
    """The secret part of the address where ``order`` is paid."""
    payment = Payment.objects.filter(reference=order.number, state="created").latest("id")
    return payment.pay_url.rstrip("/").rsplit("/", 1)[-1]


def rolled_back() -> Any:
    """A savepoint that forgets what happened in it."""

    class Savepoint:
        def __enter__(self) -> None:
            self.name = transaction.savepoint()

        def __exit__(self, *_: object) -> None:
            connection.needs_rollback = False
            transaction.savepoint_rollback(self.name)

    return Savepoint()
