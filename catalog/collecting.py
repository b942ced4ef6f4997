"""Where goods that are counted by store can be collected, and how many each store has for the web."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.utils.translation import gettext

from catalog.usable import sold_online
from kernel.errors import InvalidInput
from stores.models import Store
from stores.wording import name_among_own


class Collecting(NamedTuple):
    """A store that hands a variant over, and how many of it the web may sell there."""

    store: Store
    left: int

    @property
    def name(self) -> str:
        """What the store is called among those of its merchant."""
        return name_among_own(self.store, self.store.merchant)


def places_to_collect(variant_ids: Collection[int]) -> dict[int, list[Collecting]]:
    """The stores of each variant: open for business, selling online, taking the product.

    One query, none without variants. A store without a piece is there, too: with 0.
    """
    found: dict[int, list[Collecting]] = {pk: [] for pk in variant_ids}
    if not found:
        return found
    rows = (
        sold_online()
        .filter(
            variant__in=found,
            variant__stock__by_store=True,
            store__in=Store.objects.open_for_business(),
        )
        .select_related("store__merchant")
        .order_by("store")
    )
    for row in rows:
        found[row.variant_id].append(Collecting(row.store, row.left))
    return found


def require_place(store_ids: Collection[int], store_id: int, **about: int) -> None:
    """Raise InvalidInput for a chosen store that is none of ``store_ids``, which hand the goods over.

    ``about`` says what it was chosen for, as details.
    """
    if store_id not in store_ids:
        text = gettext("Choose a store that hands this product over.")
        raise InvalidInput(text, fields={"store": [text]}, **about)


def one_store(chosen: Iterable[int | None], **about: int) -> int | None:
    """The one store that was chosen for pieces of the same goods, None where none was.

    They are set aside together: raises InvalidInput where two were chosen.
    """
    stores = {store_id for store_id in chosen if store_id}
    if len(stores) > 1:
        text = gettext("Collect all pieces of one product at one store.")
        raise InvalidInput(text, fields={"store": [text]}, **about)
    return next(iter(stores), None)


def is_by_store(variant: object) -> bool:
    """Whether a variant (its stock row joined) is counted by store."""
    stock = getattr(variant, "stock", None)
    return bool(stock and stock.by_store)
