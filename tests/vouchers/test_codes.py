"""What reaches the counter as a code: read in every spelling, told apart from what is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import Cast, make_product
from tests.vouchers.counter import sell_one
from vouchers import errors, qr
from vouchers.codes import Code, read_code
from vouchers.models import Voucher
from vouchers.selectors import search_wallet
from vouchers.services.redeem import preview_voucher

VOUCHER = Voucher(pk=36**3 * 35 + 34, qr_version=1)
"""Its number ends in letters that keyboards swap."""
GENUINE = qr.payload(VOUCHER)
READ = Code(reading=qr.Reading(VOUCHER.pk, 1))

# A row of keys as two keyboards write it.
AMERICAN = "QWERTZUIOPASDFGHJKLYXCVBNM1234567890."
GERMAN = "QWERTYUIOPASDFGHJKLZXCVBNM1234567890."
US_PLAIN = "QWERTYUIOPASDFGHJKLZXCVBNM1234567890."
FRENCH = "AZERTYUIOPQSDFGHJKLWXCVBN?&é\"'(-è_çà:"
FRENCH_LOCKED = "AZERTYUIOPQSDFGHJKLWXCVBN?1234567890/"
FRENCH_ON_US = "QWERTYUIOP:ASDFGHJKLZXCVBNM!@#$%^&*()<"


def as_typed(text: str, meant: str, written: str) -> str:
    return text.translate(str.maketrans(meant, written))


@pytest.mark.parametrize("prefix", ["", "]Q3", "]Q1", "]C1", "+Q3"])
@pytest.mark.parametrize("suffix", ["", "\t", "\r", "\n", "\r\n"])
def test_the_frame_of_a_scanner_is_no_part_of_a_code(prefix: str, suffix: str) -> None:
    assert read_code(prefix + GENUINE + suffix) == READ
    if prefix != "+Q3":
        assert read_code(f"{prefix}123456789012{suffix}") == Code("123456789012")


@pytest.mark.parametrize(
    "typed",
    [
        as_typed(GENUINE, AMERICAN, GERMAN),
        as_typed(GENUINE, US_PLAIN, FRENCH),
        as_typed(GENUINE, US_PLAIN, FRENCH_LOCKED),
        as_typed(GENUINE, "AQZWM1234567890.", "QAWZ:!@#$%^&*()<"),
        "]Q3" + as_typed(GENUINE, AMERICAN, GERMAN) + "\t",
        GENUINE.lower(),
        GENUINE.replace(".", "。"),
        "".join(chr(ord(char) + 0xFEE0) for char in GENUINE),
    ],
)
def test_a_scanner_set_to_another_keyboard_is_understood(typed: str) -> None:
    assert read_code(typed) == READ


def test_a_layout_that_cannot_be_undone_is_named() -> None:
    damaged = as_typed(GENUINE[:-3], US_PLAIN, FRENCH)
    with pytest.raises(errors.ScannerLayout) as refused:
        read_code(damaged)
    assert "AZERTY" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        f"https://pay.example/q?id=88\n{GENUINE}",
        f"{GENUINE}\twxp://f2f0abc",
        f"wxp://f2f0abc{GENUINE}",
    ],
)
def test_of_several_codes_in_one_burst_ours_is_taken(text: str) -> None:
    assert read_code(text) == READ


@pytest.mark.parametrize(
    "mark", [" ", "-", "\u2011", "–", "—", "−", "\u00a0", "\u3000", "\u200b", "－"]
)
def test_a_typed_code_may_be_grouped_by_any_blank_or_dash(mark: str) -> None:
    assert read_code(f"1234{mark}5678{mark}9012") == Code("123456789012")


@pytest.mark.parametrize("text", ["１２３４ ５６７８ ９０１２", "१२३४५६७८९०१२", "&é\"'(-è_çà&é"])
def test_digits_of_other_keyboards_and_scripts_are_digits(text: str) -> None:
    assert read_code(text) == Code("123456789012")


@pytest.mark.parametrize("sign", ["❶", "፩", "²", "①", "Ⅷ", "一", "x"])
def test_a_sign_that_is_no_digit_makes_no_code(sign: str) -> None:
    for text in (sign * 12, "12345678901" + sign):
        with pytest.raises(errors.NotACode):
            read_code(text)


@pytest.mark.parametrize(
    ("text", "count"), [("1234", "4 digits"), ("1", "1 digit"), ("1" * 13, "13 digits")]
)
def test_digits_of_another_length_are_told_what_a_code_looks_like(text: str, count: str) -> None:
    with pytest.raises(errors.WrongLength) as refused:
        read_code(text)
    assert count in str(refused.value) and "0000 0000 0000" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://qr.example/pay/28801",
        "wxp://f2f01234",
        "WIFI:S:shop;;",
        "6921734976505",
        "",
        "O2O1.1",
    ],
)
def test_what_cannot_be_a_code_never_locks_the_counter(
    people: Cast, settings: Any, text: str
) -> None:
    settings.RATE_LIMITS = True
    voucher = sell_one(make_product(merchant=people.merchant), buyer=people.buyer)
    for _scan in range(25):
        with pytest.raises(errors.NotACode):
            preview_voucher(staff=people.clerk, store_id=people.store.pk, code=text)
    assert preview_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)


def test_a_genuine_code_of_another_business_never_locks_the_counter(
    people: Cast, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    foreign = sell_one(make_product(merchant=people.other_merchant), buyer=people.buyer)
    voucher = sell_one(make_product(merchant=people.merchant), buyer=people.buyer)
    for _scan in range(25):
        with pytest.raises(errors.Unknown):
            preview_voucher(staff=people.clerk, store_id=people.store.pk, code=qr.payload(foreign))
    assert preview_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)


@pytest.mark.parametrize("forged", [True, False])
def test_guesses_lock_the_counter(people: Cast, settings: Any, forged: bool) -> None:
    settings.RATE_LIMITS = True
    for number in range(20):
        code = f"O2O1.{number}.1.{'A' * 26}" if forged else f"{number:012d}"
        with pytest.raises(errors.Unknown):
            preview_voucher(staff=people.clerk, store_id=people.store.pk, code=code)
    with pytest.raises(errors.TryLater):
        preview_voucher(staff=people.clerk, store_id=people.store.pk, code="000000000099")


def test_the_wallet_finds_a_voucher_by_its_code_in_any_spelling(people: Cast) -> None:
    product = make_product(merchant=people.merchant)
    voucher, _other = (sell_one(product, buyer=people.buyer) for _piece in range(2))
    code = voucher.code
    mine = Voucher.objects.filter(owner=people.buyer)
    for text in (code, f"{code[:4]} {code[4:8]} {code[8:]}", f"{code[:4]}\u2011{code[4:]}"):
        assert list(search_wallet(mine, text)) == [voucher]
    assert not search_wallet(mine, code[:11]).exists()
