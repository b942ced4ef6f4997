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

from o2o.errors import InvalidInput
from o2o.imports.files import Row
from o2o.imports.report import Outcome, Refused, RefusedRowError
from stores.models import City, Merchant, Store
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

    @transaction.atomic
    def import_batch(self, rows: list[Row]) -> Outcome:
        """Make, change or leave the stores of the rows; refused rows come back with reasons."""
        outcome = Outcome()
        wanted: list[Store] = []
        places: dict[CityKey, City] = {}
        for row in rows:
            try:
                wanted.append(self._store(row, places))
            except RefusedRowError as reason:
                key = row.cells["store_number"]
                outcome.refused.append(Refused(row.line, key, str(reason)))
        self._make_cities(places)
        for store in wanted:
            store.city = self.cities[_city_key(store.city)]
        self._write(wanted, outcome)
        return outcome

    def _store(self, row: Row, places: dict[CityKey, City]) -> Store:
        cells = row.cells
        number = cells["store_number"]
        if not number:
            raise RefusedRowError(_("It has no store number."))
        if number in self.lines:
            raise RefusedRowError(
                _("Store number %(number)s is on line %(line)s already.")
                % {"number": number, "line": self.lines[number]}
            )
        city = self._city(cells)
        latitude, longitude = _position(cells)
        city.latitude, city.longitude = latitude, longitude
        store = Store(
            merchant=self.merchant,
            city=city,
            external_code=number,
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
        except InvalidInput as error:
            raise RefusedRowError(_told(error)) from None
        self.lines[number] = row.line
        key = _city_key(city)
        if key not in self.cities:
            places.setdefault(key, city)
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
        if len(cells["country"]) != 2:
            raise RefusedRowError(_("The country is not a code of two letters."))
        name = cells["city"]
        city = City(
            country=cells["country"].upper(),
            region=cells["region"],
            name_en=name,
            name_zh=name if _is_chinese(name) else "",
            time_zone=zone,
        )
        if len(name) > 120 or len(city.region) > 40:
            raise RefusedRowError(_("The name of the city or region is too long."))
        return city

    def _make_cities(self, places: dict[CityKey, City]) -> None:
        for key, city in places.items():
            city.slug = self._free_slug(city)
            self.cities[key] = city
        City.objects.bulk_create(places.values())

    def _free_slug(self, city: City) -> str:
        words = slugify(f"{city.name_en} {city.region} {city.country}")[:70]
        slug, number = words, 1
        while slug in self.slugs:
            number += 1
            slug = f"{words}-{number}"
        self.slugs.add(slug)
        return slug

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


def _city_key(city: City) -> CityKey:
    return (city.country, city.region, city.name_en)


def _position(cells: dict[str, str]) -> tuple[float, float]:
    if not cells["latitude"] or not cells["longitude"]:
        raise RefusedRowError(_("It has no position."))
    try:
        latitude, longitude = float(cells["latitude"]), float(cells["longitude"])
    except ValueError:
        raise RefusedRowError(_("Its position is not a pair of numbers.")) from None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise RefusedRowError(_("Its position is not a pair of numbers."))
    if (latitude, longitude) == (0.0, 0.0):
        raise RefusedRowError(_("Its position is 0, 0: nobody filled it in."))
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
