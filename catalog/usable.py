"""Where a product can be used: at the stores it names, or at every store of its merchant.

The rule stands here, in each of the shapes it is asked in. `catalog/nearby.py` and
`catalog/facets.py` say it once more inside statements of their own; `vouchers/terms.py` keeps it
for what was sold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Window,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest, RowNumber

from catalog.models import Product, StockLevel
from kernel.db.prepared import Statement
from stores.models import Store, StoreQuerySet

UsedAt = Product.stores.through
STORES_SHOWN = 3


class StoresOfProduct(NamedTuple):
    """Some stores where a product can be used, and how many there are."""

    shown: list[Store]
    total: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.shown)


def stores_of_product(merchant_id: int, named_by: int | None) -> StoreQuerySet:
    """Stores open for business where a product can be used: all of its merchant, or those it names.

    ``named_by`` is the id of a product that names stores.
    """
    stores = Store.objects.open_for_business().filter(merchant=merchant_id)
    if named_by is None:
        return stores
    return stores.filter(pk__in=UsedAt.objects.filter(product=named_by).values("store"))


def used_at(*, product: Any, store: Any) -> Q:
    """Products name their stores, or mean every store of the merchant when they name none."""
    named = UsedAt.objects.filter(product=product)
    return Q(Exists(named.filter(store=store))) | ~Q(Exists(named))


def sold_online() -> QuerySet[Any]:
    """The levels that the web may sell from, with ``left``: what each has beyond what is kept back.

    Those that sell online, of open stores that hand the product over; `SOLD_ONLINE` says it once
    more, for the statements that take pieces and add them up.
    """
    beyond = Cast("on_hand", BigIntegerField()) - F("safety")
    return StockLevel.objects.filter(
        used_at(product=OuterRef("variant__product"), store=OuterRef("store")),
        sells_online=True,
        store__state=Store.State.ACTIVE,
    ).annotate(left=Greatest(beyond, 0))


SOLD_ONLINE = (
    " AND level.sells_online"
    " AND EXISTS (SELECT FROM stores_store s WHERE s.id = level.store_id AND s.state = 'active')"
    " AND (EXISTS (SELECT FROM catalog_variant v JOIN catalog_product_stores p"
    " ON p.product_id = v.product_id AND p.store_id = level.store_id WHERE v.id = level.variant_id)"
    " OR NOT EXISTS (SELECT FROM catalog_variant v JOIN catalog_product_stores p"
    " ON p.product_id = v.product_id WHERE v.id = level.variant_id))"
)
"""`sold_online` for statements of our own, of a ``level`` of theirs."""


def usable_somewhere(*, product: str, merchant: str) -> Combinable:
    """Whether a store open for business takes the product; the names of both columns in the row.

    Nobody is sold what no store would take. Three look-ups by key for one row: said as one EXISTS
    over stores, PostgreSQL reads all of them for every order.
    """
    named = UsedAt.objects.filter(product=OuterRef(product))
    of_merchant = Store.objects.filter(merchant=OuterRef(merchant), state=Store.State.ACTIVE)
    open_named = Q(Exists(named.filter(store__state=Store.State.ACTIVE)))
    any_of_merchant = ~Q(Exists(named)) & Q(Exists(of_merchant))
    return ExpressionWrapper(open_named | any_of_merchant, output_field=BooleanField())


def with_usable_somewhere(rows: QuerySet[Any], *, product: str) -> QuerySet[Any]:
    """Add ``is_usable`` (`usable_somewhere`) to products (``product`` is "pk") or their offers."""
    return rows.annotate(is_usable=usable_somewhere(product=product, merchant="merchant"))


def taken_nowhere(products: QuerySet[Any]) -> QuerySet[Any]:
    """The products on sale among these that no store takes: nobody can buy them."""
    on_sale = products.filter(state=Product.State.ACTIVE)
    return with_usable_somewhere(on_sale, product="pk").filter(is_usable=False)


def stores_named_by(product: OuterRef) -> ArraySubquery:
    """A column of the stores that a product names, as `named_stores`; of none [].

    Who reads products with it sets ``named_store_ids``, so that nobody asks again (vouchers/services/terms.py).
    """
    return ArraySubquery(UsedAt.objects.filter(product=product).values("store_id"))


_NAMED_STORES = Statement(
    "SELECT product_id::bigint, store_id::bigint FROM catalog_product_stores WHERE product_id = ANY(%s)",
    "bigint[]",
)


def named_stores(product_ids: set[int]) -> dict[int, list[int]]:
    """The stores named by each product; one that names none is not in the answer."""
    named: dict[int, list[int]] = {}
    for product_id, store_id in _NAMED_STORES.rows(list(product_ids)):
        named.setdefault(product_id, []).append(store_id)
    return named


def stores_of_products(products: Iterable[Product]) -> dict[int, StoresOfProduct]:
    """Where each product can be used, by product id: a few stores each and the count.

    Two queries, whatever the number of stores: those that products name, and those of the
    merchants whose products name none.
    """
    products = list(products)
    named = _named_stores([product.pk for product in products])
    whole = _merchant_stores({p.merchant_id for p in products if p.pk not in named})
    nowhere = StoresOfProduct([], 0)
    return {p.pk: named.get(p.pk) or whole.get(p.merchant_id, nowhere) for p in products}


def _named_stores(product_ids: list[int]) -> dict[int, StoresOfProduct]:
    usable = Q(store__state=Store.State.ACTIVE)
    links: Any = Product.stores.through.objects
    rows = (
        links.filter(product_id__in=product_ids)
        .annotate(
            total=Window(Count("pk", filter=usable), partition_by="product_id"),
            place=Window(
                RowNumber(), partition_by="product_id", order_by=["store__state", "store_id"]
            ),
        )
        .filter(place__lte=STORES_SHOWN)
        .select_related("store")
    )
    found: dict[int, StoresOfProduct] = {}
    for row in rows:
        stores = found.setdefault(row.product_id, StoresOfProduct([], row.total)).shown
        if row.store.state == Store.State.ACTIVE:
            stores.append(row.store)
    return found


def _merchant_stores(merchant_ids: set[int]) -> dict[int, StoresOfProduct]:
    rows = (
        Store.objects.filter(merchant_id__in=merchant_ids, state=Store.State.ACTIVE)
        .annotate(
            total=Window(Count("pk"), partition_by="merchant_id"),
            place=Window(RowNumber(), partition_by="merchant_id", order_by="pk"),
        )
        .filter(place__lte=STORES_SHOWN)
    )
    found: dict[int, StoresOfProduct] = {}
    for row in rows:
        found.setdefault(row.merchant_id, StoresOfProduct([], row.total)).shown.append(row)
    return found
