"""What a product is good for."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext

from catalog.models import Product, ProductOccasion
from catalog.occasions import Occasion
from kernel.errors import InvalidInput


@transaction.atomic
def set_occasions(*, product: Product, occasions: Collection[str]) -> None:
    """Say for which occasions a product is good; pages of occasions list it. At most three statements.

    Raises InvalidInput for a code that is none.
    """
    wanted = set(occasions)
    if wanted - set(Occasion.values):
        raise InvalidInput(fields={"occasions": [gettext("Choose occasions of the list.")]})
    rows = ProductOccasion.objects.filter(product=product)
    known = set(rows.values_list("occasion", flat=True))
    if gone := known - wanted:
        rows.filter(occasion__in=gone).delete()
    ProductOccasion.objects.bulk_create(
        [ProductOccasion(product=product, occasion=code) for code in sorted(wanted - known)],
        ignore_conflicts=True,
    )
