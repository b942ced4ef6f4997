"""What was scanned, typed or pasted, read as a voucher's code: the one place that decides it.

A code reaches us through keyboards, input methods, chat programs and scanners. A scanner types:
it may put a frame around the code (``]Q3`` says "a QR code" by ISO/IEC 15424, a tab or a line
end closes it), it may have read two codes at once, and it presses the keys of the keyboard it was
set up for, which the computer reads with its own. What such a keyboard would have made of the
code is undone, and the signature tells whether that was right.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kernel.ids import clean_code
from kernel.plaintext import fold_typography
from vouchers import qr
from vouchers.errors import NotACode, ScannerLayout, WrongLength

CODE_LENGTH = 12
_FRAME = re.compile(r"^\][A-Z][0-9A-Z]")
_OURS = re.compile(r"O2O1\.[0-9A-Z]{1,13}\.[0-9]{1,5}\.[A-Z2-7]{26}")
_DIGITS, _SHIFTED = "1234567890", "!@#$%^&*()"


class Layout(NamedTuple):
    """A keyboard that differs from the one a code was meant for: its signs, and what was meant."""

    name: str
    meant: dict[int, str]


def _swapped(*pairs: str) -> dict[str, str]:
    return {pair[at]: pair[1 - at] for pair in pairs for at in (0, 1)}


_AZERTY = _swapped("AQ", "WZ")
LAYOUTS = (
    Layout("QWERTZ", str.maketrans(_swapped("YZ"))),
    # The scanner types for an American keyboard, the computer reads a French or Belgian one:
    # digits come without Shift, or with Shift Lock as themselves.
    Layout(
        "AZERTY",
        str.maketrans(
            {
                **_AZERTY,
                **dict(zip("&É\"'(-È_ÇÀ", _DIGITS, strict=True)),
                "§": "6",
                "!": "8",
                "?": "M",
                ",": "M",
                ":": ".",
                "/": ".",
                ";": ".",
            }
        ),
    ),
    # The other way round.
    Layout(
        "AZERTY",
        str.maketrans(
            {**_AZERTY, **dict(zip(_SHIFTED, _DIGITS, strict=True)), ":": "M", ";": "M", "<": "."}
        ),
    ),
)


class Code(NamedTuple):
    """What a text names: ``digits`` that were typed, or the ``reading`` of a QR code.

    Neither: it has the shape of our QR code and a signature that is not ours.
    """

    digits: str = ""
    reading: qr.Reading | None = None

    @property
    def is_guess(self) -> bool:
        """Whether it may have been made up; a signed code cannot be."""
        return self.reading is None


def read_code(text: str) -> Code:
    """Return what ``text`` names. Raises NotACode for what cannot be a voucher's code at all.

    Of several codes in one text ours is taken. NotACode is also WrongLength (digits, but not
    twelve) and ScannerLayout (ours, typed by a keyboard that we cannot undo).
    """
    plain = fold_typography(text).upper()
    shaped = False
    for name, meant in (Layout("", {}), *LAYOUTS):
        if name == "AZERTY" and qr.PREFIX + "." in plain:
            continue  # such a keyboard makes another sign of each dot
        for found in _OURS.finditer(plain.translate(meant)):
            shaped = True
            if reading := qr.read(found[0]):
                return Code(reading=reading)
    if shaped:
        return Code()
    digits = typed_digits(text) or _digits_of_another_layout(plain)
    if len(digits) == CODE_LENGTH:
        return Code(digits=digits)
    raise _no_code(plain, digits)


def typed_digits(text: str) -> str:
    """The digits of a code as people write it, "" for any other text.

    Spaces, every kind of dash, full width and the digits of other scripts are welcome.
    """
    if any(char.isnumeric() and not char.isdecimal() for char in text):
        return ""  # "①" and "²" only look like digits
    return clean_code(_FRAME.sub("", fold_typography(text).upper()))


def _digits_of_another_layout(plain: str) -> str:
    """Twelve digits that were all typed as the signs of another keyboard, or ""."""
    for _name, meant in LAYOUTS:
        digits = plain.translate(meant)
        if len(digits) == CODE_LENGTH and digits.isdecimal() and not set(plain) & set(_DIGITS):
            return digits
    return ""


def _no_code(plain: str, digits: str) -> NotACode:
    if digits:
        return WrongLength(digits=len(digits), wanted=CODE_LENGTH)
    for name, meant in LAYOUTS:
        if qr.is_payload(_FRAME.sub("", plain).translate(meant)) and not qr.is_payload(plain):
            return ScannerLayout(layout=name)
    return NotACode()
