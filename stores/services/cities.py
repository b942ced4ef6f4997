"""The cities that stores stand in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from kernel.bounds import field_problems, validate_position
from kernel.errors import InvalidInput
from kernel.outbox.services import publish
from stores.models import City, Store
from stores.services.named import change_named
from stores.services.slugs import free_slug, make_slug


def create_city(**fields: Any) -> City:
    """Make a city of all its ``fields``. Raises InvalidInput as `validate_city`."""
    city = City(**fields)
    validate_city(city)
    city.save()
    return city


@transaction.atomic
def update_city(*, city: City, **fields: Any) -> City:
    """Change the given fields; the words its stores are found by follow a new name.

    Publishes ``city.renamed`` then. Raises InvalidInput as `validate_city`.
    """
    if change_named(city, fields, check=validate_city):
        publish("city.renamed", city_id=city.pk)
    return city


def delete_city(*, city: City) -> None:
    """Take a city away; raises ProtectedError while a store stands in it."""
    city.delete()


def find_or_create_city(
    *,
    country: str,
    region: str,
    name_en: str,
    name_zh: str = "",
    time_zone: str,
    latitude: float,
    longitude: float,
    featured: bool = False,
) -> City:
    """Return the city of (country, region, name_en); make it where it is new. Safe in parallel.

    Raises InvalidInput for a new one with a country, zone or position out of bounds.
    """
    city = City.objects.filter(country=country, region=region, name_en=name_en).first()
    if city is not None:
        return city
    slug = free_slug(make_slug(name_en, name_zh, f"{country}-{region}".lower()), model=City)
    facts: dict[str, Any] = {
        "name_zh": name_zh,
        "time_zone": time_zone,
        "latitude": latitude,
        "longitude": longitude,
    }
    place = {"country": country, "region": region, "name_en": name_en}
    validate_city(City(slug=slug, **place, **facts))
    city, _made = City.objects.get_or_create(
        **place, defaults={**facts, "slug": slug, "featured": featured}
    )
    return city


def validate_city(city: City) -> None:
    """Raise InvalidInput when a city's country, zone, position or a text is out of bounds.

    A city that has no slug yet gets one when it is made.
    """
    problems = field_problems(city, exclude=() if city.slug else ("slug",))
    judge_position(city, problems)
    if problems:
        raise InvalidInput(fields=problems)


def judge_position(place: Store | City, problems: dict[str, list[str]]) -> None:
    """Add to ``problems`` what is wrong with where a place lies, unless a number is already."""
    if problems.keys() & {"latitude", "longitude"}:
        return
    try:
        validate_position(place.latitude, place.longitude)
    except ValidationError as error:
        problems["latitude"] = error.messages
