"""Every kind of condition, in the order in which they are judged and said."""

from __future__ import annotations

from campaigns.conditions.base import ConditionKind
from campaigns.conditions.catalog import CATEGORIES, PRODUCTS
from campaigns.conditions.codes import CODES
from campaigns.conditions.moments import HOURS, PERIOD
from campaigns.conditions.orders import (
    FIRST_EVER,
    FIRST_ORDER,
    MINIMUM,
    MINIMUM_BEFORE,
    PIECES,
)
from campaigns.conditions.stores import CITIES, STORES

KINDS: dict[str, ConditionKind] = {
    kind.code: kind
    for kind in (
        *(FIRST_ORDER, FIRST_EVER, CODES, PERIOD, HOURS),
        *(PRODUCTS, CATEGORIES, STORES, CITIES, PIECES, MINIMUM_BEFORE, MINIMUM),
    )
}
