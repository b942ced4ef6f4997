"""Where the visitor is: the chosen city, and the position the browser gave.

Both are cookies: the city for a year, the position rounded to a hundred metres for two
hours. Nothing of it is stored with us.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kernel.cache import keys as cache_keys
from kernel.cache.near import near_rows
from kernel.errors import InvalidInput
from kernel.http.filters import quotable
from kernel.http.reading import read_slug
from kernel.numerals import is_numeral
from stores.models import City

CITY_COOKIE, NEAR_COOKIE = "city", "near"
CITY_SECONDS, NEAR_SECONDS = 365 * 86_400, 2 * 3_600
CITIES_SECONDS = 60
MOST_CITIES = 60
FORGET = "none"


class Point(NamedTuple):
    """A position in degrees, WGS 84."""

    latitude: float
    longitude: float

    def __str__(self) -> str:
        return f"{self.latitude:.4f},{self.longitude:.4f}"

    @property
    def rounded(self) -> Point:
        """To about a hundred metres."""
        return Point(round(self.latitude, 3), round(self.longitude, 3))


class Here(NamedTuple):
    """What we know about where the visitor is. ``near`` is the own position, never a guess."""

    city: City | None
    near: Point | None

    @property
    def centre(self) -> Point | None:
        """The point to sort by: the own position, else the middle of the city."""
        if self.near or self.city is None:
            return self.near
        return Point(self.city.latitude, self.city.longitude)


def parse_point(text: str) -> Point:
    """Read "LATITUDE,LONGITUDE"; raises InvalidInput."""
    parts = text.split(",")
    if len(parts) != 2 or not all(map(is_numeral, parts)):
        raise _bad_point()
    latitude, longitude = map(float, parts)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise _bad_point()
    return Point(latitude, longitude)


def _bad_point() -> InvalidInput:
    return InvalidInput(
        fields={"near": [_("Enter latitude and longitude in degrees, such as 31.2304,121.4737.")]}
    )


def featured_cities() -> list[City]:
    """Cities to choose from, kept for a minute."""
    columns = [field.attname for field in City._meta.concrete_fields]

    def read() -> list[tuple[Any, ...]]:
        featured = City.objects.filter(featured=True).order_by("id")
        return list(featured.values_list(*columns)[:MOST_CITIES])

    kept = near_rows(cache_keys.cities(), CITIES_SECONDS, read)
    return [City.from_db(None, columns, row) for row in kept]


def find_city(slug: str) -> City | None:
    """The city of a slug; from the kept list where possible. None for what is no slug."""
    slug = read_slug(slug)
    if not slug:
        return None
    known = next((city for city in featured_cities() if city.slug == slug), None)
    return known or City.objects.filter(slug=slug).first()


def where_is(request: HttpRequest) -> Here:
    """The visitor's place: the address first (?near=), then the cookies, then the first city.

    A position or city that makes no sense is ignored; lists say so (`unknown_places`).
    """
    cities = featured_cities()
    city = find_city(request.COOKIES.get(CITY_COOKIE, "")) or (cities[0] if cities else None)
    text = request.GET.get("near") or request.COOKIES.get(NEAR_COOKIE, "")
    try:
        near = parse_point(text) if text and text != FORGET else None
    except InvalidInput:
        near = None
    return Here(city, near)


def asked_city(request: HttpRequest, chosen: City | None) -> City | None:
    """The city that limits a list: ``chosen``, unless the address asks for another one or for all."""
    return find_city(request.GET["city"]) if "city" in request.GET else chosen


def unknown_places(request: HttpRequest) -> list[str]:
    """One sentence for each place the address names that nobody knows; it limits nothing."""
    found = []
    slug, point = request.GET.get("city", ""), request.GET.get("near", "")
    if slug and find_city(slug) is None:
        found.append(_("We do not know the city “%(value)s”; it was left out.") % _quoted(slug))
    if point and point != FORGET:
        try:
            parse_point(point)
        except InvalidInput:
            found.append(_("“%(value)s” is not a position; it was left out.") % _quoted(point))
    return found


def _quoted(value: str) -> dict[str, str]:
    return {"value": quotable(value)}


def remember_near(request: HttpRequest, response: HttpResponse, here: Here) -> HttpResponse:
    """Keep or forget the position that came with ``?near=``."""
    asked = request.GET.get("near")
    if asked == FORGET:
        response.delete_cookie(NEAR_COOKIE)
    elif asked and here.near:
        _set(response, NEAR_COOKIE, str(here.near.rounded), NEAR_SECONDS)
    return response


def remember_city(response: HttpResponse, city: City) -> HttpResponse:
    """Keep the chosen city; a position elsewhere is forgotten."""
    _set(response, CITY_COOKIE, city.slug, CITY_SECONDS)
    response.delete_cookie(NEAR_COOKIE)
    return response


def _set(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
