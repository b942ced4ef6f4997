"""Every kind of condition, in the order in which they are judged and said."""

from __future__ import annotations

from campaigns.conditions.base import ConditionKind
from campaigns.conditions.catalog import CATEGORIES, PRODUCTS
from campaigns.conditions.orders import FIRST_ORDER, MINIMUM
from campaigns.conditions.stores import STORES

KINDS: dict[str, ConditionKind] = {
    kind.code: kind for kind in (FIRST_ORDER, PRODUCTS, CATEGORIES, STORES, MINIMUM)
}
