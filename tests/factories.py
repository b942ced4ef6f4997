"""The cast and the goods of the tests, made through the real services.

Every function returns saved rows and takes keywords for what a test cares about; the rest has
a sensible value. People: `cast()` gives owner, teammate, clerk, stranger, buyer and operator.
Only users and merchants are written directly: an application and its decision would put
messages into every test's outbox.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

from catalog.compare import contents_fen
from catalog.models import Category, Offer, Product, Variant
from catalog.services.offers import create_limited_offer
from catalog.services.products import VariantInput, archive_product, create_product
from kernel.clock import now
from kernel.money import MAX_AMOUNT_FEN
from members.models import User
from orders.models import Order
from orders.pricing.rules import FeeLine
from orders.services.deposits import Deposit
from orders.services.pay import open_payment, prepare_payment, receive_notification
from orders.services.place import place_order
from payments.models import Payment
from payments.sandbox.services import decide, mark_delivered
from stores.models import City, Merchant, Store
from stores.services.staff import add_staff
from stores.services.stores import create_store
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher

PASSWORD = "correct horse 47"
WHOLE_DAY = (dt.time(0), dt.time(0))
_count = itertools.count(1)


# People --------------------------------------------------------------------------------


def make_user(role: str = "customer", /, **fields: Any) -> User:
    """A person: customer, staff (a clerk of a new store), merchant (an owner), or operator."""
    number = next(_count)
    fields.setdefault("email", f"person{number}@example.com")
    fields.setdefault("display_name", f"Person {number}")
    fields.setdefault("language", "en")
    user = User(**fields)
    user.is_superuser = user.is_staff = role == "operator"
    user.set_password(fields.pop("password", PASSWORD))
    user.save()
    if role == "merchant":
        make_merchant(owner=user)
    if role == "staff":
        make_staff(make_store(), user=user)
    return user


def make_merchant(*, owner: User | None = None, state: str = "approved", **fields: Any) -> Merchant:
    """An approved merchant (or of another ``state``) whose owner is ``owner`` or a new person."""
    number = next(_count)
    owner = owner or make_user()
    fields.setdefault("slug", f"merchant-{number}")
    fields.setdefault("name_en", f"Merchant {number}")
    fields.setdefault("name_zh", f"商家{number}")
    merchant = Merchant.objects.create(state=state, applicant=owner, **fields)
    if state != "applied":
        add_staff(merchant=merchant, user=owner, role="owner")
    return merchant


def make_staff(store: Store, *, user: User | None = None, role: str = "clerk") -> User:
    """A person on the staff of ``store``'s merchant; a clerk may redeem at ``store`` only."""
    user = user or make_user()
    places = [store] if role == "clerk" else []
    add_staff(merchant=store.merchant, user=user, role=role, stores=places)
    return user


def owner_of(merchant: Merchant) -> User:
    """The merchant's first owner."""
    return User.objects.filter(memberships__merchant=merchant, memberships__role="owner").earliest(
        "id"
    )


# Places --------------------------------------------------------------------------------


def make_city(**fields: Any) -> City:
    """A city in China's time zone."""
    number = next(_count)
    fields.setdefault("slug", f"city-{number}")
    fields.setdefault("name_en", f"City {number}")
    fields.setdefault("name_zh", f"城市{number}")
    fields.setdefault("country", "CN")
    fields.setdefault("time_zone", "Asia/Shanghai")
    fields.setdefault("latitude", 30.25)
    fields.setdefault("longitude", 120.16)
    return City.objects.create(**fields)


def make_store(
    *, merchant: Merchant | None = None, always_open: bool = True, **fields: Any
) -> Store:
    """A store, open round the clock unless ``always_open`` is False (hours unknown then)."""
    number = next(_count)
    fields.setdefault("city", None)
    city = fields.pop("city") or make_city()
    fields.setdefault("name_en", f"Store {number}")
    fields.setdefault("name_zh", f"门店{number}")
    fields.setdefault("address_en", f"{number} Main Street")
    fields.setdefault("latitude", city.latitude)
    fields.setdefault("longitude", city.longitude)
    fields.setdefault("hours", [(day, *WHOLE_DAY) for day in range(7)] if always_open else [])
    return create_store(merchant=merchant or make_merchant(), city=city, **fields)


# Goods ---------------------------------------------------------------------------------


def make_category(**fields: Any) -> Category:
    """A category on the top level."""
    number = next(_count)
    fields.setdefault("slug", f"category-{number}")
    fields.setdefault("name_en", f"Category {number}")
    fields.setdefault("name_zh", f"分类{number}")
    return Category.objects.create(**fields)


def make_product(
    *,
    merchant: Merchant | None = None,
    price_fen: int = 5000,
    stock: int | None = 100,
    kind: str = "voucher",
    state: str = "active",
    stores: tuple[Store, ...] | list[Store] = (),
    **fields: Any,
) -> Product:
    """A product on sale with one variant, its stock (None: unlimited) and a normal offer.

    Read them with `variant_of` and `offer_of`. Usable at every store of the merchant, or at
    ``stores``. A new merchant gets one store.
    """
    number = next(_count)
    if merchant is None:
        merchant = stores[0].merchant if stores else make_store().merchant
    category = fields.pop("category", None) or make_category()
    category.merchants.add(merchant)
    fields.setdefault("title_en", f"Product {number}")
    fields.setdefault("title_zh", f"商品{number}")
    usual_fen = min(max(price_fen, 1) * 2, MAX_AMOUNT_FEN)
    if "included" in fields:  # a list price is no more than what the contents come to
        usual_fen = max(price_fen, contents_fen(fields["included"]))
    list_fen = fields.setdefault("list_price_fen", usual_fen)
    if list_fen > price_fen:
        contents = [{"name_en": "Contents", "name_zh": "内容", "value_fen": list_fen}]
        fields.setdefault("included", contents)
    product = create_product(
        merchant=merchant,
        category=category,
        kind=kind,
        variants=[VariantInput(price_fen=price_fen, available=stock)],
        stores=stores,
        publish=state == "active",
        **fields,
    )
    if state == "archived":
        archive_product(product=product)
    return product


def variant_of(product: Product) -> Variant:
    """The first variant."""
    return product.variants.earliest("position", "id")


def offer_of(product: Product, kind: str = "normal") -> Offer:
    """The product's offer of ``kind``."""
    return product.offers.filter(kind=kind).earliest("id")


def make_limited_offer(product: Product, *, price_fen: int, **fields: Any) -> Offer:
    """A limited-time offer that runs now, for the product's first variant."""
    moment = now()
    fields.setdefault("starts_at", moment - dt.timedelta(hours=1))
    fields.setdefault("ends_at", moment + dt.timedelta(hours=1))
    return create_limited_offer(variant=variant_of(product), price_fen=price_fen, **fields)


# Sales ---------------------------------------------------------------------------------


def start_payment(*, buyer: User, number: str, gateway: str = "sandbox") -> Payment:
    """A payment of the buyer's order, opened at its gateway, as a page or the API starts it."""
    return open_payment(payment=prepare_payment(buyer=buyer, number=number, gateway=gateway))


def pay_order(order: Order, *, outcome: str = "paid", payer: str = "") -> Order:
    """Pay through the sandbox: start, decide at the cashier, deliver the signed notification."""
    payment = start_payment(buyer=order.buyer, number=order.number, gateway="sandbox")
    token = payment.pay_url.rstrip("/").rsplit("/", 1)[-1]
    message = decide(token=token, outcome=outcome, payer=payer)
    if message is not None:
        headers, body = message
        receive_notification(gateway="sandbox", headers=headers, body=body)
        mark_delivered(body=body)
    order.refresh_from_db()
    return order


def make_order(
    buyer: User | None = None,
    offer: Offer | None = None,
    quantity: int = 1,
    *,
    deposit_fen: int = 0,
    fees: Sequence[FeeLine] = (),
) -> Order:
    """An order waiting for payment: of its deposit, with ``deposit_fen``, and a week for the rest."""
    offer = offer or offer_of(make_product())
    deposit = Deposit(deposit_fen, now() + dt.timedelta(days=7)) if deposit_fen else None
    return place_order(
        buyer=buyer or make_user(), lines=[(offer.pk, quantity)], deposit=deposit, fees=fees
    )


def make_paid_order(
    buyer: User | None = None, offer: Offer | None = None, quantity: int = 1
) -> Order:
    """A paid order with its vouchers issued."""
    return pay_order(make_order(buyer, offer, quantity))


def make_voucher(
    *, owner: User | None = None, product: Product | None = None, quantity: int = 1
) -> Voucher:
    """A voucher bought and paid by ``owner``; the first one when ``quantity`` makes several."""
    order = make_paid_order(owner, offer_of(product or make_product()), quantity)
    return Voucher.objects.filter(order_number=order.number).earliest("id")


def redeem(
    voucher: Voucher, *, store: Store | None = None, staff: User | None = None, uses: int = 1
) -> Redemption:
    """Redeem at ``store`` (else the first store the voucher may be used at) by ``staff``."""
    store = store or voucher.product.stores.first() or voucher.merchant.stores.earliest("id")
    staff = staff or make_staff(store)
    return redeem_voucher(staff=staff, store_id=store.pk, code=voucher.code, uses=uses)


# The fixed cast ------------------------------------------------------------------------


class Cast(NamedTuple):
    """One merchant with two stores, and the people around it."""

    merchant: Merchant
    store: Store
    other_store: Store
    owner: User
    teammate: User  # manager of the same merchant
    clerk: User  # may redeem at `store` only
    stranger: User  # owner of another merchant
    other_merchant: Merchant
    buyer: User
    operator: User


def cast() -> Cast:
    """Make the fixed cast."""
    owner, stranger = make_user(display_name="Owner"), make_user(display_name="Stranger")
    merchant = make_merchant(owner=owner)
    store = make_store(merchant=merchant)
    other_store = make_store(merchant=merchant, city=store.city)
    return Cast(
        merchant=merchant,
        store=store,
        other_store=other_store,
        owner=owner,
        teammate=make_staff(store, user=make_user(display_name="Teammate"), role="manager"),
        clerk=make_staff(store, user=make_user(display_name="Clerk")),
        stranger=stranger,
        other_merchant=make_merchant(owner=stranger),
        buyer=make_user(display_name="Buyer"),
        operator=make_user("operator", display_name="Operator"),
    )
