"""Bring in many stores at once, each known by the merchant's own store number.

A row is taken as it stands or refused with a reason; nothing in it is guessed. Columns:
store_number, name, address, city, region, country, postcode, phone, timezone, longitude,
latitude. Others are left aside.
"""

from __future__ import annotations

import math
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kernel.countries import read_country
from kernel.errors import InvalidInput
from kernel.imports.files import Row
from kernel.imports.report import Outcome, Refused, RefusedRowError
from kernel.numerals import is_numeral
from stores.models import City, Merchant, Store
from stores.services.cities import validate_city
from stores.services.slugs import make_slug
from stores.services.stores import store_vector, validate_store
from stores.services.time_zones import read_time_zone

COLUMNS = (
    "store_number",
    "name",
    "address",
    "city",
    "region",
    "country",
    "postcode",
    "phone",
    "timezone",
    "longitude",
    "latitude",
)
CityKey = tuple[str, str, str]
COMPARED = (
    "city_id",
    "name_en",
    "name_zh",
    "address_en",
    "address_zh",
    "postcode",
    "phone",
    "time_zone",
    "latitude",
    "longitude",
)


class StoreImport:
    """One run of an import for ``merchant``; remembers the lines and cities it has seen.

    ``import_batch`` is one transaction of at most five statements, however many rows.
    """

    def __init__(self, merchant: Merchant) -> None:
        self.merchant = merchant
        self.lines: dict[str, int] = {}
        self.cities: dict[CityKey, City] = {
            (city.country, city.region, city.name_en): city for city in City.objects.all()
        }
        self.slugs = {city.slug for city in self.cities.values()}

    def import_batch(self, rows: list[Row]) -> Outcome:
        """Make, change or leave the stores of the rows; refused rows come back with reasons.

        When the database takes one of them not, none is written and nothing of the batch is
        remembered: it may be tried again row by row.
        """
        outcome = Outcome()
        wanted: dict[str, tuple[int, Store]] = {}
        places: dict[CityKey, City] = {}
        for row in rows:
            number = row.cells["store_number"]
            try:
                self._check_number(number, wanted)
                store = self._store(row)
            except RefusedRowError as reason:
                outcome.refused.append(Refused(row.line, number, str(reason)))
            else:
                wanted[number] = (row.line, store)
                key = _city_key(store.city)
                if key not in self.cities:
                    places.setdefault(key, store.city)
        with transaction.atomic():
            slugs = self._make_cities(places)
            cities = self.cities | places
            for _line, store in wanted.values():
                store.city = cities[_city_key(store.city)]
            self._write([store for _line, store in wanted.values()], outcome)
        self.lines.update({number: line for number, (line, _store) in wanted.items()})
        self.cities, self.slugs = cities, slugs
        return outcome

    def _check_number(self, number: str, batch: dict[str, tuple[int, Store]]) -> None:
        if not number:
            raise RefusedRowError(_("It has no store number."))
        line = batch[number][0] if number in batch else self.lines.get(number)
        if line is not None:
            raise RefusedRowError(
                _("Store number %(number)s is on line %(line)s already.")
                % {"number": number, "line": line}
            )

    def _store(self, row: Row) -> Store:
        cells = row.cells
        city = self._city(cells)
        latitude, longitude = _position(cells)
        city.latitude, city.longitude = latitude, longitude
        store = Store(
            merchant=self.merchant,
            city=city,
            external_code=cells["store_number"],
            time_zone=city.time_zone,
            latitude=latitude,
            longitude=longitude,
            postcode=cells["postcode"],
            phone=cells["phone"],
            **_pair("name", cells["name"]),
            **_pair("address", cells["address"]),
        )
        try:
            validate_store(store)
            validate_city(city)
        except InvalidInput as error:
            raise RefusedRowError(_told(error)) from None
        return store

    def _city(self, cells: dict[str, str]) -> City:
        """The city as the row names it, not saved; a new one stands where its first store stands."""
        zone = read_time_zone(cells["timezone"])
        if zone is None:
            raise RefusedRowError(
                _("“%(name)s” is not a time zone such as Asia/Shanghai.")
                % {"name": cells["timezone"]}
            )
        if not cells["city"]:
            raise RefusedRowError(_("It names no city."))
        country = read_country(cells["country"])
        if country is None:
            raise RefusedRowError(
                _("“%(country)s” is not a country we know. Use a code of two letters such as CN.")
                % {"country": cells["country"]}
            )
        name = cells["city"]
        city = City(
            country=country,
            region=cells["region"],
            name_en=name,
            name_zh=name if _is_chinese(name) else "",
            time_zone=zone,
        )
        if len(name) > 120 or len(city.region) > 40:
            raise RefusedRowError(_("The name of the city or region is too long."))
        return city

    def _make_cities(self, places: dict[CityKey, City]) -> set[str]:
        """Write new cities; return every slug that is taken now."""
        slugs = set(self.slugs)
        for city in places.values():
            city.slug = _free_slug(city, slugs)
            slugs.add(city.slug)
        City.objects.bulk_create(places.values())
        return slugs

    def _write(self, wanted: list[Store], outcome: Outcome) -> None:
        present = {
            store.external_code: store
            for store in Store.objects.filter(
                merchant=self.merchant, external_code__in=[s.external_code for s in wanted]
            )
        }
        fresh, changed = [], []
        for store in wanted:
            old = present.get(store.external_code)
            if old is None:
                fresh.append(store)
            elif any(getattr(old, name) != getattr(store, name) for name in COMPARED):
                store.pk = old.pk
                changed.append(store)
        for store in (*fresh, *changed):
            store.search_vector = store_vector(store)
        Store.objects.bulk_create(fresh)
        Store.objects.bulk_update(changed, [*COMPARED, "search_vector"], batch_size=200)
        outcome.made, outcome.changed = len(fresh), len(changed)
        outcome.unchanged = len(wanted) - len(fresh) - len(changed)


def _free_slug(city: City, taken: set[str]) -> str:
    where = f"{city.region} {city.country}".lower()
    words = make_slug(city.name_en, city.name_zh or city.name_en, "city")
    words = f"{words[:60]}-{slugify(where)}"[:76].strip("-")
    slug, number = words, 1
    while slug in taken:
        number += 1
        slug = f"{words}-{number}"
    return slug


def _city_key(city: City) -> CityKey:
    return (city.country, city.region, city.name_en)


def _position(cells: dict[str, str]) -> tuple[float, float]:
    if not cells["latitude"] or not cells["longitude"]:
        raise RefusedRowError(_("It has no position."))
    if not (is_numeral(cells["latitude"]) and is_numeral(cells["longitude"])):
        raise RefusedRowError(_("Its position is not a pair of numbers."))
    latitude, longitude = float(cells["latitude"]), float(cells["longitude"])
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise RefusedRowError(_("Its position is not a pair of numbers."))
    return latitude, longitude


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def _pair(field: str, text: str) -> dict[str, str]:
    """A text goes into the field of the language it is written in."""
    language = "zh" if _is_chinese(text) else "en"
    return {f"{field}_{language}": text}


def _told(error: InvalidInput) -> str:
    fields: dict[str, Any] = error.extra["fields"]
    return "; ".join(f"{name}: {' '.join(map(str, why))}" for name, why in fields.items())
