"""Parties: whose account an entry moves, who funds a part of a discount, who is paid a fee.

A row keeps a party as its key, a text: ``platform``, ``points``, ``merchant:3``, ``person:17``.
Here alone a key is made and read; two keys are the same party only when they are the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from members.models import User
from stores.models import Merchant

MERCHANT, PERSON = "merchant", "person"
_ID = "[1-9][0-9]{0,17}"
MERCHANT_PATTERN, PERSON_PATTERN = f"^{MERCHANT}:{_ID}$", f"^{PERSON}:{_ID}$"
"""What a key looks like, to PostgreSQL as well: the audit asks with it."""
_KEY = re.compile(f"(platform|points|({MERCHANT}|{PERSON}):({_ID}))")


class BadParty(ValueError):
    """A text that is the key of no party."""


class Party(NamedTuple):
    """The platform, its points, or a merchant or person by its id.

    A person is an agent, a leader, a rider, or a buyer who is owed more than came in.
    """

    kind: str
    pk: int | None = None


PLATFORM = Party("platform")
POINTS = Party("points")
"""Who pays with the platform's points: the platform itself, out of what it owes."""


def party_key(party: Party) -> str:
    """The key that rows keep. Raises BadParty for a party that there can't be."""
    key = party.kind if party.pk is None else f"{party.kind}:{party.pk}"
    if not _KEY.fullmatch(key):
        raise BadParty(f"{party!r} is no party")
    return key


def parse_party(key: str) -> Party:
    """The party of a key. Raises BadParty for every text that `party_key` does not make."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise BadParty(f"{key!r} is the key of no party")
    whole, kind, number = found.groups()
    return Party(kind, int(number)) if kind else Party(whole)


def merchant_key(merchant_id: int) -> str:
    """The key of a merchant; a partner is one."""
    return party_key(Party(MERCHANT, merchant_id))


def merchant_of(key: str) -> int | None:
    """The merchant that a key names, None for another party. Raises BadParty."""
    party = parse_party(key)
    return party.pk if party.kind == MERCHANT else None


def name_parties(keys: Iterable[str]) -> dict[str, str]:
    """How parties are called, by their keys; one query for merchants and one for persons among them.

    A key that is none is called by its text: a page that shows books shows also what is wrong
    in them.
    """
    keys = list(dict.fromkeys(keys))
    known = {key: party for key in keys if (party := _read(key))}
    names: dict[Party, str] = {PLATFORM: _("the platform"), POINTS: _("points")}
    merchants = [party.pk for party in known.values() if party.pk and party.kind == MERCHANT]
    if merchants:
        for merchant in Merchant.objects.filter(pk__in=merchants):
            names[Party(MERCHANT, merchant.pk)] = merchant.name
    people = [party.pk for party in known.values() if party.pk and party.kind == PERSON]
    if people:
        for person in User.objects.filter(pk__in=people):
            names[Party(PERSON, person.pk)] = str(person)
    return {key: names.get(known[key], key) if key in known else key for key in keys}


def name_party(key: str) -> str:
    """How one party is called."""
    return name_parties([key])[key]


def _read(key: str) -> Party | None:
    try:
        return parse_party(key)
    except BadParty:
        return None
