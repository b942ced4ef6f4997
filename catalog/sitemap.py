"""What of the catalog search engines are told about."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from catalog.models import Category, Product, ProductOccasion
from catalog.selectors import shelves
from kernel.http.seo.sitemap import ById, Entry
from stores.models import City, Store


def _on_sale() -> QuerySet[Product]:
    return Product.objects.on_sale()


PRODUCTS = ById(_on_sale, "product_detail", "updated_at")


def category_pages() -> Iterator[Entry]:
    """Each category everywhere and in each featured city where it has deals. Two queries."""
    where = _cities_with_deals()
    listing = reverse("product_list")
    for shelf in shelves():
        for category, ids in [
            (shelf.category, shelf.ids),
            *((child, (child.pk,)) for child in shelf.children),
        ]:
            cities = sorted({slug for pk in ids for slug in where.get(pk, ())})
            for slug in ["", *cities] if cities else []:
                query = urlencode({"category": category.slug, "city": slug})
                yield Entry(f"{listing}?{query}")


def occasion_pages() -> Iterator[Entry]:
    """The list of occasions, and each that has something on sale. One query."""
    yield Entry(reverse("occasion_list"))
    rows = ProductOccasion.objects.filter(product__in=Product.objects.on_sale())
    for code in sorted(rows.order_by().values_list("occasion", flat=True).distinct()):
        yield Entry(reverse("occasion_detail", args=[code]))


def _cities_with_deals() -> dict[int, list[str]]:
    """Slugs of featured cities by category. One probe per pair, however many products there are."""
    deals = Product.objects.on_sale().filter(
        category=OuterRef(OuterRef("pk")),
        merchant__stores__city=OuterRef("pk"),
        merchant__stores__state=Store.State.ACTIVE,
    )
    cities = City.objects.filter(Exists(deals), featured=True).order_by("id")
    rows = Category.objects.annotate(where=ArraySubquery(cities.values("slug")))
    return dict(rows.values_list("pk", "where"))
