"""Bring in a merchant's goods from invoice lines, one product per stock code.

The file names a code many times, so a product is what most of its lines say: the most
frequent description is the title, the most frequent valid unit price the price (of equally
frequent ones the first in the alphabet, and the lowest). Prices are taken at face value:
2.55 in the file, in whatever currency, becomes ¥2.55. A code without a valid price or a
description is refused; nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Category, Offer, Product, Stock, Variant
from catalog.services.offers import set_normal_prices
from catalog.services.products import check_category, check_product, update_product
from catalog.services.search_index import product_vector
from kernel.errors import InvalidInput, Refusal
from kernel.imports.cells import cut_reason, may_be_cut
from kernel.imports.files import Row
from kernel.imports.report import Outcome, Refused, RefusedRowError
from kernel.money import MAX_AMOUNT_FEN, yuan_to_fen
from stores.models import Merchant

COLUMNS = ("StockCode", "Description", "UnitPrice")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


@dataclass
class CodeLines:
    """What the file says about one stock code."""

    code: str
    first: Row
    rows: int = 0
    titles: Counter[str] = field(default_factory=Counter)
    prices: Counter[str] = field(default_factory=Counter)

    def title(self) -> str:
        """The most frequent description; raises RefusedRowError without any."""
        if not self.titles:
            raise RefusedRowError(_("No line describes it."))
        if len(self.titles) > 1 and may_be_cut(self.code):
            raise RefusedRowError(cut_reason("StockCode", self.code))
        return min(self.titles, key=lambda text: (-self.titles[text], text))

    def price_fen(self) -> int:
        """The most frequent valid price; raises RefusedRowError without any, and says what was found."""
        valid: Counter[int] = Counter()
        for text, count in self.prices.items():
            price_fen = read_price(text)
            if price_fen is not None:
                valid[price_fen] += count
        if not valid:
            raise RefusedRowError(
                _("No line has a price above zero with two decimals at most; found: %(prices)s.")
                % {"prices": ", ".join(sorted(self.prices)[:5])}
            )
        return min(valid, key=lambda price_fen: (-valid[price_fen], price_fen))


def read_price(text: str) -> int | None:
    """Return a price in fen, or None when it is not an amount that can be charged."""
    if not _AMOUNT.fullmatch(text):
        return None
    try:
        price_fen = yuan_to_fen(text)
    except ValueError:
        return None
    return price_fen if 0 < price_fen <= MAX_AMOUNT_FEN else None


def gather_codes(rows: Iterable[Row]) -> Iterator[CodeLines]:
    """Read all rows and yield what they say about each stock code, in order of appearance."""
    codes: dict[str, CodeLines] = {}
    for row in rows:
        code = row.cells["StockCode"]
        lines = codes.setdefault(code, CodeLines(code, row))
        lines.rows += 1
        if row.cells["Description"]:
            lines.titles[row.cells["Description"]] += 1
        lines.prices[row.cells["UnitPrice"]] += 1
    yield from codes.values()


class ProductImport:
    """One run of an import into ``category`` for ``merchant``.

    Raises CategoryNotAllowed when the merchant is not admitted to the category. New products
    are goods to pick up, on sale at once, with unlimited stock and the usual terms.
    """

    def __init__(self, merchant: Merchant, category: Category) -> None:
        check_category(merchant=merchant, category=category)
        self.merchant, self.category = merchant, category

    @transaction.atomic
    def import_batch(self, codes: list[CodeLines]) -> Outcome:
        """Make, change or leave the products of the codes; refused ones come back with reasons."""
        outcome = Outcome()
        wanted: list[tuple[CodeLines, Product]] = []
        for lines in codes:
            try:
                wanted.append((lines, self._product(lines)))
            except RefusedRowError as reason:
                outcome.refused.append(_refused(lines, str(reason)))
        present = self._present([product for _lines, product in wanted])
        fresh = [product for _lines, product in wanted if product.external_code not in present]
        _make(fresh)
        outcome.made = len(fresh)
        shelf = _Shelf(present.values())
        for lines, product in wanted:
            old = present.get(product.external_code)
            if old is None:
                continue
            try:
                with transaction.atomic():
                    changed = shelf.change(old, product)
            except (Refusal, RefusedRowError) as reason:
                outcome.refused.append(_refused(lines, _told(reason)))
            else:
                outcome.changed += changed
                outcome.unchanged += not changed
        set_normal_prices(shelf.new_prices)
        return outcome

    def _product(self, lines: CodeLines) -> Product:
        if not lines.code:
            raise RefusedRowError(_("It has no stock code."))
        price_fen = lines.price_fen()
        product = Product(
            merchant=self.merchant,
            category=self.category,
            kind=Product.Kind.GOODS,
            state=Product.State.ACTIVE,
            external_code=lines.code,
            title_en=lines.title(),
            list_price_fen=price_fen,
        )
        try:
            check_product(product)
        except InvalidInput as error:
            raise RefusedRowError(_told(error)) from None
        return product

    def _present(self, wanted: list[Product]) -> dict[str, Product]:
        codes = [product.external_code for product in wanted]
        products = Product.objects.filter(merchant=self.merchant, external_code__in=codes)
        return {
            product.external_code: product
            for product in products.select_related("merchant", "category__parent")
        }


def _make(products: list[Product]) -> None:
    for product in products:
        product.search_vector = product_vector(product)
    Product.objects.bulk_create(products)
    variants = Variant.objects.bulk_create(Variant(product=product) for product in products)
    Stock.objects.bulk_create(Stock(variant=variant) for variant in variants)
    set_normal_prices([(variant, variant.product.list_price_fen) for variant in variants])


class _Shelf:
    """The products of a batch that are there already, and what their first choice costs."""

    def __init__(self, products: Iterable[Product]) -> None:
        self.new_prices: list[tuple[Variant, int]] = []
        ids = [product.pk for product in products]
        variants = Variant.objects.filter(product__in=ids).select_related("product").order_by("-id")
        self.variants = {variant.product_id: variant for variant in variants}
        self.prices = dict(
            Offer.objects.filter(
                variant__in=[variant.pk for variant in self.variants.values()],
                kind=Offer.Kind.NORMAL,
                active=True,
            ).values_list("variant_id", "price_fen")
        )

    def change(self, old: Product, new: Product) -> bool:
        """Bring title and prices in step with the file; return whether anything differed.

        A price that differs is noted in ``new_prices``, for the whole batch to be set at once.
        Raises RefusedRowError for a product without a choice, and what the services refuse.
        """
        variant = self.variants.get(old.pk)
        if variant is None:
            raise RefusedRowError(
                _("Its product has no variant to sell. Add one to the product first.")
            )
        differs = False
        if (old.title_en, old.list_price_fen) != (new.title_en, new.list_price_fen):
            update_product(
                product=old,
                prices=[new.list_price_fen],
                title_en=new.title_en,
                list_price_fen=new.list_price_fen,
            )
            differs = True
        if self.prices.get(variant.pk) != new.list_price_fen:
            self.new_prices.append((variant, new.list_price_fen))
            differs = True
        return differs


def _refused(lines: CodeLines, reason: str) -> Refused:
    return Refused(lines.first.line, lines.code, reason)


def _told(error: Exception) -> str:
    """A refusal as one line, with the fields it is about."""
    fields = error.extra.get("fields") if isinstance(error, Refusal) else None
    if not fields:
        return str(error)
    return "; ".join(f"{name}: {' '.join(map(str, why))}" for name, why in fields.items())
