"""Make, change, publish and count products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext

from catalog.errors import CategoryNotAllowed, NothingToSell
from catalog.models import Category, Offer, Product, Stock, StockMovement, Variant
from catalog.services.list_price import require_list_price
from catalog.services.offers import set_normal_price
from catalog.services.places import follow_stores
from catalog.services.prices import refresh_price
from catalog.services.search_index import index_product, product_vector
from catalog.services.shapes import (
    check_blackout,
    check_included,
    check_notes,
    check_provenance,
)
from catalog.services.stock import check_stock
from kernel.bounds import field_problems
from kernel.clock import now
from kernel.db.prepared import Change
from kernel.errors import InvalidInput
from stores.models import Merchant, Store

_COMPARED = ("list_price_fen", "included")
"""What the price of a product is compared with (catalog/compare.py)."""


class VariantInput(NamedTuple):
    """A choice of a new product: its names, normal price in fen, pieces (None: no limit)."""

    name_en: str = ""
    name_zh: str = ""
    price_fen: int = 0
    available: int | None = None


@transaction.atomic
def create_product(
    *,
    merchant: Merchant,
    category: Category,
    variants: Sequence[VariantInput],
    list_price_fen: int,
    title_en: str = "",
    title_zh: str = "",
    stores: Iterable[Store] = (),
    publish: bool = False,
    **fields: Any,
) -> Product:
    """Make a product with its variants, their stock rows and normal offers; a draft unless ``publish``.

    The arguments and errors of `draft_product`; InvalidInput without a variant, too.
    """
    if not variants:
        raise InvalidInput(fields={"variants": [gettext("Add at least one variant.")]})
    product = draft_product(
        merchant=merchant,
        category=category,
        list_price_fen=list_price_fen,
        title_en=title_en,
        title_zh=title_zh,
        stores=stores,
        **fields,
    )
    for position, choice in enumerate(variants):
        add_variant(product=product, choice=choice, position=position)
    if publish:
        publish_product(product=product)
    product.refresh_from_db()
    return product


@transaction.atomic
def draft_product(
    *, merchant: Merchant, category: Category, stores: Iterable[Store] = (), **fields: Any
) -> Product:
    """Make a product that has no variant yet, and so no price: a draft.

    ``stores``: where it can be used; none means every store of the merchant. ``fields``: kind,
    list_price_fen, title_en/zh, external_code, description_en/zh, included, provenance, uses,
    validity_days, blackout, refund_rule, refund_days, refund_on_expiry, usable_after_hours,
    uses_per_visit/day/person, notes. Raises CategoryNotAllowed and InvalidInput (with the fields).
    """
    check_category(merchant=merchant, category=category)
    product = Product(merchant=merchant, category=category, **fields)
    check_product(product)
    product.search_vector = product_vector(product)
    product.save()
    _set_stores(product, stores)
    return product


@transaction.atomic
def update_product(
    *,
    product: Product,
    stores: Iterable[Store] | None = None,
    prices: Iterable[int] = (),
    **fields: Any,
) -> Product:
    """Change the given fields, and the stores when given; sold vouchers keep their frozen terms.

    What is counted by store follows its stores (locks the stock rows of its variants). ``prices``
    are normal prices (fen) that the caller sets beside it: the list price of a product on sale is
    held against them, too (`require_list_price`).

    Raises CategoryNotAllowed and InvalidInput (with the fields); nothing is changed then.
    """
    comparing, before = bool(fields.keys() & set(_COMPARED)), None
    if comparing:
        before = Product.objects.filter(pk=product.pk).values_list(*_COMPARED).first()
    for name, value in fields.items():
        setattr(product, name, value)
    if "category" in fields:
        check_category(merchant=product.merchant, category=product.category)
    check_product(product)
    compared = comparing and tuple(getattr(product, name) for name in _COMPARED) != before
    if compared and product.state == Product.State.ACTIVE:
        require_list_price(product, prices=prices)
    product.save(update_fields=[*fields, "updated_at"])
    if stores is not None:
        _set_stores(product, stores)
    index_product(product)
    if compared:
        refresh_price([product.pk])
    return product


@transaction.atomic
def add_variant(
    *,
    product: Product,
    choice: VariantInput,
    position: int = 0,
    active: bool = True,
    by: Any = None,
) -> Variant:
    """Add a choice with its stock row, which ``by`` counted, and normal price.

    Raises InvalidInput for what is out of bounds.
    """
    check_stock(choice.available)
    variant = Variant(
        product=product,
        name_en=choice.name_en,
        name_zh=choice.name_zh,
        position=position,
        active=active,
    )
    if problems := field_problems(variant):
        raise InvalidInput(fields=problems)
    variant.save()
    _open_stock(variant, choice.available, by)
    set_normal_price(variant=variant, price_fen=choice.price_fen)
    return variant


def _open_stock(variant: Variant, available: int | None, by: Any) -> None:
    """The stock row; a number is the first count of the web's books (docs/stock.md)."""
    if available is None:
        Stock.objects.create(variant=variant)
        return
    moment = now()
    Stock.objects.create(variant=variant, available=available, counted_at=moment)
    StockMovement.objects.create(
        merchant_id=variant.product.merchant_id,
        variant=variant,
        reason=StockMovement.Reason.COUNT,
        counted=available,
        author=by,
        occurred_at=moment,
        created_at=moment,
    )


@transaction.atomic
def update_variant(*, variant: Variant, **fields: Any) -> Variant:
    """Change a choice's names, place or whether it is on sale; its price and stock have services.

    Raises InvalidInput for what is out of bounds.
    """
    for name, value in fields.items():
        setattr(variant, name, value)
    if problems := field_problems(variant):
        raise InvalidInput(fields=problems)
    variant.save(update_fields=[*fields])
    refresh_price([variant.product_id])
    return variant


@transaction.atomic
def publish_product(*, product: Product) -> Product:
    """Put a product on sale. Raises NothingToSell without an active offer of an active variant, and
    InvalidInput for a list price that nothing stands behind (`require_list_price`).
    """
    if not Offer.objects.filter(product=product, active=True, variant__active=True).exists():
        raise NothingToSell(product=product.pk)
    require_list_price(product)
    Product.objects.filter(pk=product.pk).update(state=Product.State.ACTIVE)
    product.state = Product.State.ACTIVE
    refresh_price([product.pk])
    return product


@transaction.atomic
def archive_product(*, product: Product) -> Product:
    """Take a product off sale; its sold vouchers stay good."""
    Product.objects.filter(pk=product.pk).update(state=Product.State.ARCHIVED)
    product.state = Product.State.ARCHIVED
    refresh_price([product.pk])
    return product


@transaction.atomic
def withdraw_product(*, product: Product) -> Product:
    """Make a product a draft again; its sold vouchers stay good."""
    Product.objects.filter(pk=product.pk).update(state=Product.State.DRAFT)
    product.state = Product.State.DRAFT
    refresh_price([product.pk])
    return product


_sales_added = Change(
    lambda product_id, quantity: (
        Product.objects.filter(pk=product_id),
        {"sales_count": Greatest(F("sales_count") + quantity, 0)},
    ),
    *(int, int),
)


def add_sales(*, product_id: int, quantity: int) -> None:
    """Count sold pieces (negative: given back); for lists only, never below zero."""
    _sales_added.rows(product_id, quantity)


def apply_product_rating(*, product_id: int, stars_delta: int, count_delta: int) -> None:
    """Add a review's stars to the roll-up (or take them back, with negative numbers)."""
    stars = Greatest(F("rating_sum") + stars_delta, 0)
    count = Greatest(F("rating_count") + count_delta, 0)
    Product.objects.filter(pk=product_id).update(
        rating_sum=stars,
        rating_count=count,
        rating_score=Case(
            When(rating_count__gt=-count_delta, then=stars * 100 / count), default=Value(0)
        ),
    )


def check_category(*, merchant: Merchant, category: Category) -> None:
    """Raise CategoryNotAllowed unless the merchant is admitted to the category or its parent."""
    shelves = Category.objects.filter(Q(pk=category.pk) | Q(pk=category.parent_id))
    if not shelves.filter(merchants=merchant).exists():
        raise CategoryNotAllowed(category=category.slug)


def check_product(product: Product) -> None:
    """Raise InvalidInput with every field that is out of bounds or of the wrong shape."""
    problems = field_problems(product, exclude=["search_vector"])
    for name, why in _rule_problems(product).items():
        problems.setdefault(name, why)
    if problems:
        raise InvalidInput(fields=problems)


def _rule_problems(product: Product) -> dict[str, list[str]]:
    """What the columns allow one by one and the trade does not, by field."""
    problems: dict[str, list[str]] = {}
    card, uses = product.kind == Product.Kind.TIMES_CARD, product.uses or 0
    if not product.title_en and not product.title_zh:
        problems["title_en"] = [gettext("Enter the title in at least one language.")]
    if card and uses < 2:
        problems["uses"] = [gettext("A times card has at least 2 uses.")]
    if not card and uses != 1:
        problems["uses"] = [gettext("Only a times card has more than one use.")]
    if product.refund_rule == Product.RefundRule.DAYS and not product.refund_days:
        problems["refund_days"] = [gettext("Enter within how many days a refund is possible.")]
    if (product.usable_after_hours or 0) >= (product.validity_days or 0) * 24 > 0:
        problems["usable_after_hours"] = [
            gettext("It would end before it can be used: shorten this, or make it valid longer.")
        ]
    problems |= _cap_problems(product)
    problems |= check_included(product.included)
    problems |= check_blackout(product.blackout)
    problems |= check_notes(product.notes)
    problems |= check_provenance(product.provenance)
    return problems


def _cap_problems(product: Product) -> dict[str, list[str]]:
    """What is wrong with the most uses per visit, day and guest, by field."""
    caps = ("uses_per_visit", "uses_per_day", "uses_per_person")
    given = {name: getattr(product, name) for name in caps if getattr(product, name)}
    if given and product.kind == Product.Kind.GOODS:
        text = gettext("Goods are handed over as the guest asks: leave this empty.")
        return {name: [text] for name in given}
    problems: dict[str, list[str]] = {}
    uses, days = product.uses or 1, product.validity_days or 1
    if given.get("uses_per_person", uses) < uses:
        problems["uses_per_person"] = [
            gettext("One guest could never use all that is bought: allow %(uses)s at least.")
            % {"uses": uses}
        ]
    if given.get("uses_per_day", uses) * days < uses:
        problems["uses_per_day"] = [
            gettext("It would end before all uses are taken: allow more, or make it valid longer.")
        ]
    kept = product.refund_rule == Product.RefundRule.NONE and not product.refund_on_expiry
    if "uses_per_person" in given and kept:
        problems.setdefault(
            "uses_per_person",
            [gettext("Give back what a guest cannot use: allow a refund, or pay back on expiry.")],
        )
    return problems


def _set_stores(product: Product, stores: Iterable[Store]) -> None:
    places = list(stores)
    check_places(product, places)
    product.stores.set(places)
    follow_stores(product)


def check_places(product: Product, stores: Iterable[Store]) -> None:
    """Raise InvalidInput when a store is not of the product's merchant."""
    if any(store.merchant_id != product.merchant_id for store in stores):
        raise InvalidInput(fields={"stores": [gettext("Choose stores of this merchant only.")]})
