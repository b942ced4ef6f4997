"""The words a product is found by, in both languages, kept in its search_vector."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Product
from catalog.readable import readable_lines
from kernel.words import join_texts, vector_text

BATCH = 500


def product_vector(product: Product) -> str:
    """Return the tsvector literal: title first, then brand and shelf, then contents, then the rest."""
    merchant, category = product.merchant, product.category
    parent = category.parent
    shelves = [category.name_en, category.name_zh]
    if parent is not None:
        shelves += [parent.name_en, parent.name_zh]
    lines = readable_lines(product, "included")
    included = [str(line.get(key) or "") for line in lines for key in ("name_en", "name_zh")]
    return vector_text(
        (join_texts((product.title_en, product.title_zh)), "A"),
        (join_texts((merchant.name_en, merchant.name_zh, *shelves, product.external_code)), "B"),
        (join_texts(included), "C"),
        (join_texts((product.description_en, product.description_zh)), "D"),
    )


def index_product(product: Product) -> None:
    """Write the product's search words; call after its texts, shelf or contents changed."""
    Product.objects.filter(pk=product.pk).update(search_vector=product_vector(product))


def index_products(product_ids: Iterable[int]) -> int:
    """Write the search words of many products (a renamed merchant or category); return how many."""
    ids = list(product_ids)
    for start in range(0, len(ids), BATCH):
        batch = list(
            Product.objects.filter(pk__in=ids[start : start + BATCH]).select_related(
                "merchant", "category__parent"
            )
        )
        for product in batch:
            product.search_vector = product_vector(product)
        Product.objects.bulk_update(batch, ["search_vector"])
    return len(ids)
