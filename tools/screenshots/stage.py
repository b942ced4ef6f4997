"""The stage: one row in every state, made through the real services where there is none yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign, Condition, Coupon, Sale
from campaigns.services.campaigns import CampaignAsked, create_campaign, start_campaign
from campaigns.services.coupons import claim_coupon
from campaigns.services.plans import answer_risks
from campaigns.services.readiness import open_risks
from campaigns.services.sales import ItemAsked, SaleAsked, create_sale, start_sale
from campaigns.terms import Gives
from catalog.models import Offer, Product
from kernel.clock import now
from kernel.message_kinds import MAIL_GROUPS
from members.models import User
from members.services.accounts import import_person
from members.services.emails import email_token
from messages.services.email import mail_off_url
from orders.models import Order
from orders.services.basket import add_line, basket_of
from orders.services.cancel import cancel_order
from orders.services.pay import open_payment, prepare_payment
from orders.services.place import place_order
from orders.services.sandbox import decide_and_deliver
from reviews.models import Review
from reviews.services.reviews import write_review
from stores.codes.models import Code
from stores.codes.services import CodeAsked, make_code
from stores.models import StaffInvitation, Store
from stores.services.invitations import VALID, renew_token
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import refund_voucher

NEWCOMER = "newcomer@example.com"
BY_PHONE = "+8613900000000"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: each role of screens.Role but the guest."""

    customer: User
    clerk: User
    owner: User
    operator: User
    newcomer: User

    @classmethod
    def of(cls, *, customer: str, clerk: str, owner: str, operator: str) -> Cast:
        """The cast by their e-mails; the newcomer, who owns nothing yet, is made when missing."""
        find = User.objects.get
        newcomer = User.objects.filter(email=NEWCOMER).first() or import_person(
            identifier=NEWCOMER, display_name="Newcomer", language="en"
        )
        return cls(
            customer=find(email=customer),
            clerk=find(email=clerk),
            owner=find(email=owner),
            operator=find(email=operator),
            newcomer=newcomer,
        )


def set_stage(cast: Cast, *, store: Store, word: str) -> dict[str, str]:
    """Return what the braces of the screens mean; ``store`` is where the clerk works."""
    product = _anytime(store, Product.Kind.VOUCHER)
    if product is None:
        raise Product.DoesNotExist
    offer = product.offers.filter(kind=Offer.Kind.NORMAL).earliest("id")
    cards = Product.objects.filter(kind=Product.Kind.TIMES_CARD, state=Product.State.ACTIVE)
    card = cards.order_by("id").first() or product
    add_line(basket=basket_of(owner=cast.customer), offer_id=offer.pk, quantity=2, replace=True)
    limited = Product.objects.filter(offers__kind=Offer.Kind.LIMITED, state=product.state).first()
    return {
        "product": str(product.pk),
        "own_product": str(store.merchant.products.earliest("id").pk),
        "card": str(card.pk),
        "limited": str((limited or product).pk),
        "category": product.category.slug,
        "store": str(store.pk),
        "word": word,
        "mail_off": mail_off_url(cast.customer, next(iter(MAIL_GROUPS)))
        .rstrip("/")
        .rsplit("/", 1)[-1],
        "poster": str(_poster(cast, store).pk),
        "campaign": str(_campaign(cast, store).pk),
        "sale": str(_sale(cast, offer).pk),
        "invitation": _invitation(cast, store),
        "email_link": email_token(_by_phone(), "by-phone@example.com"),
        **_orders(cast, offer),
        **_vouchers(cast, offer, card, store),
    }


def _campaign(cast: Cast, store: Store) -> Campaign:
    """A campaign that gives coupons, of which the customer has one; made where the business has none."""
    found = Campaign.objects.claimable().filter(merchant=store.merchant_id).first()
    if found is None:
        asked = CampaignAsked(
            name_en="A quiet day",
            name_zh="闲日有礼",
            begins_at=now(),
            ends_at=now() + dt.timedelta(days=30),
            gives=Gives(Benefit.Kind.AMOUNT, amount_fen=2000),
            conditions=(Said(Condition.Kind.MINIMUM, amount_fen=10000),),
            coupons=100,
        )
        draft = create_campaign(merchant=store.merchant, asked=asked, by=cast.owner)
        answers = {risk.code: "We know, and can bear it." for risk in open_risks(draft)}
        answer_risks(campaign_id=draft.pk, answers=answers, by=cast.owner)
        found = start_campaign(campaign_id=draft.pk, by=cast.owner)
    if not Coupon.objects.filter(campaign=found, owner=cast.customer).exists():
        claim_coupon(owner=cast.customer, campaign_id=found.pk)
    return found


def _sale(cast: Cast, offer: Offer) -> Sale:
    """A sale with a line that runs, of the shown product; made where the business has none."""
    found = Sale.objects.filter(merchant=offer.merchant_id, state=Sale.State.RUNNING).first()
    if found is not None:
        return found
    asked = SaleAsked(
        name_en="The family table",
        name_zh="一家团圆桌",
        begins_at=now(),
        ends_at=now() + dt.timedelta(days=3),
        items=[ItemAsked(offer.variant_id, offer.price_fen * 9 // 10, 40, 2)],
        occasion="family",
        has_line=True,
    )
    draft = create_sale(merchant=offer.merchant, asked=asked, by=cast.owner)
    return start_sale(sale_id=draft.pk, by=cast.owner)


def _poster(cast: Cast, store: Store) -> Code:
    """An open code of the store; one that is made here leads to a product that guests can buy."""
    found = Code.objects.open().filter(store=store).first()
    if found is not None:
        return found
    product = Product.objects.on_sale().filter(merchant=store.merchant_id).first()
    target = f"/products/{product.pk}/" if product else ""
    asked = CodeAsked("poster", "Window", store=store, target=target)
    return make_code(merchant=store.merchant, asked=asked, by=cast.owner)


def _by_phone() -> User:
    """Somebody who registered with a phone number and has no e-mail address yet."""
    return User.objects.filter(phone=BY_PHONE).first() or import_person(
        identifier=BY_PHONE, display_name="By Phone", language="en"
    )


def _invitation(cast: Cast, store: Store) -> str:
    """The secret of an open invitation. None is mailed: mailing would renew the secret."""
    kept: dict[str, Any] = {
        "merchant": store.merchant,
        "email": NEWCOMER,
        "state": StaffInvitation.State.PENDING,
    }
    terms = {"role": "clerk", "invited_by": cast.owner, "expires_at": now() + VALID}
    invitation, _made = StaffInvitation.objects.update_or_create(**kept, defaults=terms)
    invitation.stores.set([store])
    renewed = renew_token(invitation_id=invitation.pk)
    if renewed is None:
        raise StaffInvitation.DoesNotExist
    return renewed[1]


def _anytime(store: Store, kind: str) -> Product | None:
    """What is sold at the store and may be redeemed at any time of any day."""
    products = store.merchant.products.filter(
        Q(stores=store) | Q(stores__isnull=True), kind=kind, state=Product.State.ACTIVE
    ).order_by("id")
    anytime = (row for row in products if not row.blackout)
    return next((row for row in anytime if not row.usable_after_hours), None)


def _orders(cast: Cast, offer: Offer) -> dict[str, str]:
    """Orders in short-lived states, so made each time: waiting, failed, cancelled, paid."""
    buyer = cast.customer
    for order in buyer.orders.filter(state=Order.State.PENDING):
        cancel_order(buyer=buyer, number=order.number)
    waiting, failed = _order(buyer, offer), _order(buyer, offer)
    cashier = open_payment(
        payment=prepare_payment(buyer=buyer, number=waiting.number, gateway="sandbox")
    ).pay_url
    _pay(buyer, failed, "failed")
    cancelled = _order(buyer, offer)
    cancel_order(buyer=buyer, number=cancelled.number)
    paid = buyer.orders.filter(state=Order.State.PAID).order_by("-id").first()
    token = cashier.rstrip("/").rsplit("/", 1)[-1]
    return {
        "cashier": f"/sandbox/pay/{token}/",
        "waiting": waiting.number,
        "failed": failed.number,
        "cancelled": cancelled.number,
        "paid": (paid or _pay(buyer, _order(buyer, offer), "paid")).number,
    }


def _order(buyer: User, offer: Offer, quantity: int = 1) -> Order:
    return place_order(buyer=buyer, lines=[(offer.pk, quantity)])


def _pay(buyer: User, order: Order, outcome: str) -> Order:
    url = open_payment(
        payment=prepare_payment(buyer=buyer, number=order.number, gateway="sandbox")
    ).pay_url
    decide_and_deliver(token=url.rstrip("/").rsplit("/", 1)[-1], outcome=outcome)
    order.refresh_from_db()
    return order


def _vouchers(cast: Cast, offer: Offer, card: Product, store: Store) -> dict[str, str]:
    """A voucher in every state a customer can bring one to."""
    owner, clerk = cast.customer, cast.clerk
    mine = Voucher.objects.filter(owner=owner).order_by("-id")

    def bought() -> Voucher:
        order = _pay(owner, _order(owner, offer), "paid")
        return Voucher.objects.filter(order_number=order.number).earliest("id")

    def have(found: Voucher | None, make: Callable[[Voucher], object]) -> Voucher:
        """The voucher found, or a new one that ``make`` brings to its state."""
        if found is not None:
            return found
        new = bought()
        make(new)
        new.refresh_from_db()
        return new

    def at_counter(voucher: Voucher) -> Redemption:
        return redeem_voucher(staff=clerk, store_id=store.pk, code=voucher.code, uses=1)

    here = mine.filter(product=offer.product)
    reviewed = Review.objects.filter(author=owner).values("voucher")
    used = bought()
    redemption = at_counter(used)
    fresh = have(here.filter(state=Voucher.State.ACTIVE).first(), lambda voucher: None)
    undone = Redemption.objects.filter(
        store=store, undone_at__isnull=False
    ).first() or Redemption.objects.get(pk=_undo(clerk, at_counter(fresh)))
    done = have(
        mine.filter(pk__in=reviewed).first(),
        lambda voucher: (
            at_counter(voucher),
            write_review(author=owner, voucher_id=voucher.pk, rating=4, text="Good."),
        ),
    )
    back = have(
        mine.filter(state__in=[Voucher.State.REFUNDED, Voucher.State.REFUNDING]).first(),
        lambda voucher: refund_voucher(owner=owner, voucher_id=voucher.pk),
    )
    opened = _opened_card(mine, owner, card) or fresh
    sold_here = _anytime(store, Product.Kind.TIMES_CARD)
    at_hand = sold_here and _opened_card(mine.filter(product=sold_here), owner, sold_here)
    return {
        "fresh": str(fresh.pk),
        "fresh_code": fresh.code,
        "used": str(used.pk),
        "used_code": used.code,
        "redemption": str(redemption.pk),
        "undone": str(undone.pk),
        "reviewed": str(done.pk),
        "refunded": str(back.pk),
        "opened": str(opened.pk),
        "card_code": (at_hand or fresh).code,
    }


def _undo(clerk: User, redemption: Redemption) -> int:
    undo_redemption(staff=clerk, redemption_id=redemption.pk)
    return redemption.pk


def _opened_card(mine: QuerySet[Voucher], owner: User, card: Product) -> Voucher | None:
    """A times card of the customer; bought when there is none and the store sells one."""
    found = mine.filter(product__kind=Product.Kind.TIMES_CARD, state=Voucher.State.ACTIVE).first()
    if found is not None or card.kind != Product.Kind.TIMES_CARD:
        return found
    offer = card.offers.filter(kind=Offer.Kind.NORMAL).earliest("id")
    order = _pay(owner, _order(owner, offer), "paid")
    return Voucher.objects.filter(order_number=order.number).earliest("id")
