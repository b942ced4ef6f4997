"""One way to write down who a party is, and one way to read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from orders.pricing.benefits import AmountOff
from orders.pricing.rules import MERCHANT_COUPON, Rule
from payments.parties import (
    MERCHANT,
    PERSON,
    PLATFORM,
    POINTS,
    BadParty,
    Party,
    merchant_key,
    merchant_of,
    name_parties,
    parse_party,
    party_key,
)
from tests.factories import make_merchant, make_user

PARTIES = [
    (PLATFORM, "platform"),
    (POINTS, "points"),
    (Party(MERCHANT, 3), "merchant:3"),
    (Party(PERSON, 17), "person:17"),
    (Party(MERCHANT, 10**17), f"merchant:{10**17}"),
]
NONSENSE = [
    *("", " ", "Platform", "platform:1", "points:2", "merchant", "merchant:", "merchant:0"),
    *("merchant:03", "merchant:-3", "merchant:3 ", "merchant:3\n", "merchant:3:4", "merchant:x"),
    *("merchant:٣", "partner:3", "person:", "person:3.0", "voucher:3", "merchant:" + "9" * 19),
]


@pytest.mark.parametrize(("party", "key"), PARTIES)
def test_a_party_has_one_key_and_a_key_one_party(party: Party, key: str) -> None:
    assert party_key(party) == key
    assert parse_party(key) == party


@pytest.mark.parametrize("key", NONSENSE)
def test_a_text_that_is_no_key_is_refused(key: str) -> None:
    for read in (parse_party, merchant_of):
        with pytest.raises(BadParty):
            read(key)


@pytest.mark.parametrize("party", [Party("partner", 3), Party(MERCHANT), Party(MERCHANT, 0)])
def test_a_party_that_there_cannot_be_gets_no_key(party: Party) -> None:
    with pytest.raises(BadParty):
        party_key(party)


def test_who_is_a_merchant_and_who_is_none() -> None:
    assert merchant_of(merchant_key(3)) == 3
    assert merchant_of("person:3") is merchant_of("platform") is merchant_of("points") is None


@pytest.mark.django_db
def test_parties_are_called_by_name_and_what_is_none_by_its_text() -> None:
    merchant, person = make_merchant(name_en="Otter"), make_user(display_name="Mei Lin")
    who = [merchant_key(merchant.pk), party_key(Party(PERSON, person.pk))]
    keys = [*who, "platform", "points", "partner:3"]
    assert list(name_parties(keys).values()) == [
        *("Otter", "Mei Lin", "the platform", "points", "partner:3")
    ]
    assert name_parties(["merchant:999999"]) == {"merchant:999999": "merchant:999999"}


@pytest.mark.parametrize("funder", ["partner:3", "person:3", ""])
def test_a_rule_of_price_names_who_bears_it(funder: str) -> None:
    with pytest.raises(BadParty):
        Rule(source="x", layer=MERCHANT_COUPON, funder=funder, benefit=AmountOff(1), id=1)


def test_no_room_puts_keys_together_itself() -> None:
    """SQL compares keys as they are; whoever wants to know what is in one asks this module."""
    known = {"payments/parties.py"}
    made = re.compile(r"""f["'](merchant|person):\{|(prefix|with)\(["'](merchant|person)""")
    found = []
    for room in ("payments", "vouchers", "orders", "console", "insights"):
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            name = str(path.relative_to(settings.BASE_DIR))
            if name in known or "migrations" in path.parts:
                continue
            source = path.read_text(encoding="utf-8")
            found += [f"{name}: {hit.group()}" for hit in made.finditer(source)]
    assert found == []
