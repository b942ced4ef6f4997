"""What campaigns ask of a buyer, a moment and a place, read only where one of them asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Min, Q

from campaigns.conditions.moments import is_within, next_within
from campaigns.models import Condition
from campaigns.terms import Terms
from kernel.bounds import read_zone
from orders.first_orders import has_ordered, merchants_ordered_at
from orders.pricing.rules import Asked
from stores.codes.sources import sources_of
from stores.models import Store

Kind = Condition.Kind
OF_PLACES = (Kind.HOURS, Kind.CITIES)


class Place(NamedTuple):
    """A store, as far as conditions ask."""

    store_id: int
    merchant_id: int
    city_id: int
    zone: ZoneInfo


class Facts(NamedTuple):
    """What is true of one question. ``codes`` are those that its source names, by merchant."""

    moment: dt.datetime
    person_id: int | None = None
    ordered_at: frozenset[int] = frozenset()
    has_ordered: bool = False
    codes: Mapping[int, frozenset[int]] = {}
    places: tuple[Place, ...] = ()
    bound_to: frozenset[int] = frozenset()

    def zone(self, merchant_id: int) -> ZoneInfo | None:
        """That of the store where it is collected, otherwise of the merchant's first store."""
        mine = [place for place in self.places if place.merchant_id == merchant_id]
        bound = [place for place in mine if place.store_id in self.bound_to]
        return next((place.zone for place in (*bound, *mine)), None)

    def stores_in(self, merchant_id: int, cities: Iterable[int]) -> frozenset[int]:
        """The merchant's stores in these cities."""
        wanted = set(cities)
        return frozenset(
            place.store_id
            for place in self.places
            if place.merchant_id == merchant_id and place.city_id in wanted
        )


class Why(NamedTuple):
    """Why a campaign does not apply, "" where nothing speaks against it, and from when on it will."""

    code: str = ""
    from_at: dt.datetime | None = None


def facts_for(asked: Asked, wanted: Iterable[tuple[int, Terms]]) -> Facts:
    """Read what ``wanted``, pairs of merchant and terms, ask about; no statement for what none asks.

    One for earlier orders at merchants, one for any, one for codes, one for stores.
    """
    of_kind: dict[str, set[int]] = {}
    cities: set[int] = set()
    for merchant_id, terms in wanted:
        for said in terms.conditions:
            of_kind.setdefault(said.kind, set()).add(merchant_id)
            cities |= set(said.keys) if said.kind == Kind.CITIES else set()
    person = asked.buyer.person_id
    facts = Facts(asked.moment, person)
    if person is not None and (merchants := of_kind.get(Kind.FIRST_ORDER)):
        found = merchants_ordered_at(buyer_id=person, merchant_ids=merchants)
        facts = facts._replace(ordered_at=frozenset(found))
    if person is not None and Kind.FIRST_EVER in of_kind:
        facts = facts._replace(has_ordered=has_ordered(buyer_id=person))
    if merchants := of_kind.get(Kind.CODES):
        sources = sources_of(trace=asked.trace, merchant_ids=merchants, moment=asked.moment)
        facts = facts._replace(
            codes={
                pk: frozenset({row.first.code_id, row.last.code_id}) for pk, row in sources.items()
            }
        )
    if merchants := set().union(*(of_kind.get(kind, set()) for kind in OF_PLACES)):
        bound = {item.store_id for item in asked.items if item.store_id}
        facts = facts._replace(places=_places(merchants, bound, cities), bound_to=frozenset(bound))
    return facts


def why_refused(merchant_id: int, terms: Terms, facts: Facts) -> Why:
    """The first of the conditions about buyer, code and moment that is not met. No query."""
    for said in terms.conditions:
        if said.kind in (Kind.FIRST_ORDER, Kind.FIRST_EVER):
            if facts.person_id is None:
                return Why("sign_in_first")
            if said.kind == Kind.FIRST_EVER and facts.has_ordered:
                return Why("not_first_ever")
            if said.kind == Kind.FIRST_ORDER and merchant_id in facts.ordered_at:
                return Why("not_first_order")
        if said.kind == Kind.CODES and not facts.codes.get(merchant_id, set()) & set(said.keys):
            return Why("other_code")
        if said.kind == Kind.HOURS:
            zone = facts.zone(merchant_id)
            if zone is None:
                return Why("other_hours")
            if not is_within(said, facts.moment, zone):
                return Why("other_hours", next_within(said, facts.moment, zone))
    return Why()


def _places(merchants: set[int], bound: set[int], cities: set[int]) -> tuple[Place, ...]:
    """Stores of these merchants: the first of each, those where something is collected, those in ``cities``."""
    stores = Store.objects.filter(merchant__in=merchants)
    first = stores.values("merchant").annotate(first=Min("pk")).values("first")
    rows = stores.filter(Q(pk__in=bound) | Q(city__in=cities) | Q(pk__in=first)).order_by("pk")
    found = rows.values_list("pk", "merchant_id", "city_id", "time_zone")
    return tuple(Place(pk, merchant, city, read_zone(zone)) for pk, merchant, city, zone in found)
