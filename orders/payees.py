"""Parties that a line or a discount names by their key: platform, merchant:7, partner:3, points."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from kernel.numerals import read_number
from stores.models import Merchant

MERCHANT = "merchant"


def merchant_of(party: str) -> int | None:
    """The merchant that a party's key names, None for other parties."""
    kind, _colon, number = party.partition(":")
    return read_number(number) if kind == MERCHANT else None


def name_parties(parties: Iterable[str]) -> dict[str, str]:
    """How parties are called, by their keys; one query where a merchant is among them."""
    parties = set(parties)
    ids = {pk for party in parties if (pk := merchant_of(party)) is not None}
    merchants = Merchant.objects.in_bulk(ids) if ids else {}
    words = {"platform": _("the platform"), "points": _("points")}
    found = {}
    for party in parties:
        merchant = merchants.get(merchant_of(party) or 0)
        found[party] = merchant.name if merchant else words.get(party, party)
    return found
