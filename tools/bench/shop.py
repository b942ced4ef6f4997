"""A shop to measure: people, stores, products and vouchers, made through the real services.

Only the hundred thousand products of the list benchmark are written by SQL: they measure
reading, and nothing is bought from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from django.db import connection

from catalog.models import Category, Product
from catalog.services.products import VariantInput, create_product
from kernel.ids import new_token
from members.models import User
from members.services.accounts import issue_token, register
from orders.services.pay import open_payment, prepare_payment
from orders.services.place import place_order
from orders.services.sandbox import decide_and_deliver
from payments.models import SandboxTrade
from stores.models import Merchant, Store
from stores.services.cities import find_or_create_city
from stores.services.merchants import apply_merchant, approve_merchant
from stores.services.stores import create_store
from tools.bench.load import post
from vouchers.models import Voucher

PRODUCTS = 1000
BUYERS = 50
BATCH = 90


@dataclass(slots=True)
class BenchShop:
    """What the load is sent at."""

    merchant: Merchant
    store: Store
    category: Category
    clerk_token: str
    buyers: list[User]
    buyer_tokens: list[str]
    offers: list[int]
    products: list[Product]


def make_bench_shop() -> BenchShop:
    """Make one merchant with a store, PRODUCTS products with stock, and BUYERS buyers."""
    operator = User.objects.create_superuser("bench@o2o.invalid", new_token(), display_name="Bench")
    owner = _person("owner")
    applied = apply_merchant(applicant=owner, name_en="Bench")
    category = Category.objects.create(slug="bench", name_en="Bench", name_zh="Bench")
    category.merchants.add(applied)
    merchant = approve_merchant(merchant_id=applied.pk, decided_by=operator)
    city = find_or_create_city(
        country="CN",
        region="",
        name_en="Benchtown",
        time_zone="Asia/Shanghai",
        latitude=31.2,
        longitude=121.4,
    )
    store = create_store(
        merchant=merchant,
        city=city,
        name_en="Bench store",
        latitude=31.2,
        longitude=121.4,
        hours=[(day, dt.time(0), dt.time(0)) for day in range(7)],
    )
    products = [
        create_product(
            merchant=merchant,
            category=category,
            title_en=f"Bench product {number}",
            list_price_fen=1990,
            variants=[VariantInput(price_fen=1990, available=1_000_000_000)],
            publish=True,
        )
        for number in range(PRODUCTS)
    ]
    buyers = [_person(f"buyer{number}") for number in range(BUYERS)]
    offers = list(merchant.offers.order_by("pk").values_list("pk", flat=True))
    return BenchShop(
        merchant=merchant,
        store=store,
        category=category,
        clerk_token=issue_token(user=owner),
        buyers=buyers,
        buyer_tokens=[issue_token(user=buyer) for buyer in buyers],
        offers=offers,
        products=products,
    )


def _person(name: str) -> User:
    return register(
        identifier=f"{name}@o2o.invalid", password=new_token(), display_name=name, language="en"
    )


def sell_vouchers(shop: BenchShop, wanted: int) -> list[str]:
    """Sell ``wanted`` vouchers through order, payment and notification; return their codes."""
    codes: list[str] = []
    for number in count():
        if len(codes) >= wanted:
            return codes
        buyer = shop.buyers[number % len(shop.buyers)]
        order = place_order(buyer=buyer, lines=[(shop.offers[number % len(shop.offers)], BATCH)])
        payment = open_payment(
            payment=prepare_payment(buyer=buyer, number=order.number, gateway="sandbox")
        )
        token = SandboxTrade.objects.get(out_trade_no=payment.number).token
        decide_and_deliver(token=token, outcome="paid")
        codes += Voucher.objects.filter(order_number=order.number).values_list("code", flat=True)
    return codes


def redemption_requests(shop: BenchShop, codes: list[str]) -> Iterator[bytes]:
    """One POST console/redemptions per code."""
    for code in codes:
        yield post(
            "/api/v1/console/redemptions",
            token=shop.clerk_token,
            key=f"bench-redeem-{code}",
            body={"store": shop.store.pk, "code": code, "uses": 1},
        )


def order_requests(shop: BenchShop, run: str) -> Iterator[bytes]:
    """Endless POST orders, spread over products and buyers."""
    for number in count():
        yield post(
            "/api/v1/orders",
            token=shop.buyer_tokens[number % len(shop.buyer_tokens)],
            key=f"bench-order-{run}-{number}",
            body={
                "lines": [
                    {"offer": shop.offers[number * 7 % len(shop.offers)], "quantity": 1},
                ]
            },
        )


def fill_products(shop: BenchShop, wanted: int) -> None:
    """Copy the first product until there are ``wanted``; for reading only."""
    have = Product.objects.count()
    template = shop.products[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name ="
            " 'catalog_product' AND column_name NOT IN"
            " ('id', 'price_fen', 'sales_count', 'rating_score', 'title_en', 'external_code')"
        )
        columns = ", ".join(f'"{row[0]}"' for row in cursor.fetchall())
        cursor.execute(
            f"INSERT INTO catalog_product ({columns}, price_fen, sales_count, rating_score,"  # noqa: S608
            f" title_en, external_code) SELECT {columns}, 1000 + g %% 9000, g %% 5000, g %% 500,"
            " 'Copied product ' || g, 'copy-' || g FROM catalog_product p,"
            " generate_series(%s, %s) g WHERE p.id = %s",
            [have, wanted - 1, template.pk],
        )
        cursor.execute("ANALYZE catalog_product")


def forget_copied_sales() -> None:
    """Let copied products have sold nothing, as their vouchers say: the audit compares the two."""
    Product.objects.filter(external_code__startswith="copy-").update(sales_count=0)
