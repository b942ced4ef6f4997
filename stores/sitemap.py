"""The store pages listed in the sitemap."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from kernel.http.seo.sitemap import ById, Entry
from stores.models import Store
from stores.places import featured_cities


def _visible() -> QuerySet[Store]:
    history = Store.pgh_event_model.objects.filter(pgh_obj=OuterRef("pk"))  # type: ignore[attr-defined]
    latest = history.order_by("-pgh_created_at").values("pgh_created_at")[:1]
    rows: QuerySet[Store] = Store.objects.open_for_business()
    return rows.annotate(changed=Coalesce(Subquery(latest), "created_at"))


STORES = ById(_visible, "store_detail", "changed")


def city_pages(route: str) -> Iterator[Entry]:
    """A list everywhere, and in every city that can be chosen."""
    address = reverse(route)
    yield Entry(f"{address}?city=")
    for city in featured_cities():
        yield Entry(f"{address}?city={city.slug}")
