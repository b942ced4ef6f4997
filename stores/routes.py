"""Directions to a store in the visitor's own map app; we send nothing to map services.

Our positions are WGS 84. Maps of China draw in GCJ-02 (Amap) or BD-09 (Baidu), some 500 metres
off, so each address names the system of its numbers where the service has a word for it:

- Apple, Map Links: ``daddr=LATITUDE,LONGITUDE``
- Amap, URI API ``marker`` (lbs.amap.com/api/uri-api/guide/mobile-web/point):
  ``position=LONGITUDE,LATITUDE``, ``coordinate=wgs84``. Its ``navigation`` has no word for the
  system of its numbers (…/uri-api/guide/travel/route) and finds the way only on phones.
- Baidu, URI API ``marker`` (lbsyun.baidu.com/index.php?title=uri/api/web):
  ``location=LATITUDE,LONGITUDE``, ``coord_type=wgs84``, and ``title``, ``content``,
  ``output=html``, ``src=webapp.COMPANY.APP``, which it demands; its ``direction`` would need the
  point to start from, which we do not tell
- Google, Maps URLs: ``dir/?api=1``, ``destination=LATITUDE,LONGITUDE``
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from stores.models import Store

SOURCE = "linli"
"""Who sends people, as Amap and Baidu ask to be told."""


class MapLink(NamedTuple):
    """A map service by name, and the way to the place in it."""

    name: str
    url: str


class Route(NamedTuple):
    """What components/route.html offers; all values hashable, for a card is kept by them."""

    links: tuple[MapLink, ...]
    address: str
    position: str


def route_to(store: Store) -> Route:
    """Return the ways to a store, in the active language."""
    latitude, longitude = f"{store.latitude:.6f}", f"{store.longitude:.6f}"
    there = f"{latitude},{longitude}"
    return Route(
        (
            MapLink(_("Apple Maps"), _url("https://maps.apple.com/", daddr=there)),
            MapLink(
                _("Amap"),
                _url(
                    "https://uri.amap.com/marker",
                    position=f"{longitude},{latitude}",
                    name=store.name,
                    coordinate="wgs84",
                    src=SOURCE,
                    callnative="1",
                ),
            ),
            MapLink(
                _("Baidu Maps"),
                _url(
                    "https://api.map.baidu.com/marker",
                    location=there,
                    title=store.name,
                    content=store.address or store.name,
                    coord_type="wgs84",
                    output="html",
                    src=f"webapp.{SOURCE}.{SOURCE}",
                ),
            ),
            MapLink(
                _("Google Maps"),
                _url("https://www.google.com/maps/dir/", api="1", destination=there),
            ),
        ),
        store.address,
        f"{store.latitude:.5f}, {store.longitude:.5f}",
    )


def _url(base: str, **params: str) -> str:
    return f"{base}?{urlencode(params, quote_via=quote, safe=',')}"
