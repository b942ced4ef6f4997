"""Texts that people type, made plain: what stays is what a reader sees.

Phones, chat programs and spreadsheets put characters into a text that nobody sees: zero-width
spaces, marks of direction, fillers that look like a blank. They make two spellings of one name,
names that are blank, and names that turn the sentence around them round. Every service that
stores a text of a person's own calls one of

    clean_line   one line: a title, a district, a search
    clean_text   several lines: a review, a description
    clean_name   one line that names somebody: never blank, no marks of direction

The characters are Unicode's "default ignorable" ones (https://www.unicode.org/reports/tr44/,
Default_Ignorable_Code_Point) and the blanks among the letters.
"""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"
"""Fillers of Hangul, the empty cell of Braille, the null notehead: letters that draw nothing."""
_DIRECTION = "\u202a-\u202e\u2066-\u2069"
_DIRECTION_MARK = re.compile(f"[{_DIRECTION}]")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "["
    r"\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters; line ends were read before
    r"\ud800-\udfff"  # halves of a character
    r"\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    rf"{_DIRECTION}"
    r"\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "]"
)
# Joiners, variation selectors and tags say how their neighbour is drawn; alone they draw nothing.
_EMOJI = "\u00a9\u00ae\u203c\u2049\u2100-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030-\u303d"
_EMOJI += "\u3297\u3299\U0001f000-\U0001fbff"
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua87f"
"""Scripts that write words with joiners: Arabic, Persian, those of India, Khmer, Mongolian."""
_HAN = "\u2e80-\u2fff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NEEDED = re.compile(
    f"(?<=[{_EMOJI}\ufe0f\U0001f3fb-\U0001f3ff\U000e007f])\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_JOINING}])[\u200c\u200d]"
    f"|(?<=[{_EMOJI}0-9#*])[\ufe0e\ufe0f]"
    f"|(?<=[{_HAN}])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    "|(?<=\U0001f3f4)[\U000e0020-\U000e007e]+\U000e007f"
)
_DRAWING = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e0fff]")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u00b4\u0060\uff40", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u301d\u301e", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63", "-"),
        "\u3002": ".",
        "\u3001": ",",
    }
)


def strip_invisible(text: str) -> str:
    """Return ``text`` without the characters that nobody sees, line ends aside.

    Joiners and variation selectors stay where they draw something: between emoji, in Arabic
    and Indic words, behind a Han character.
    """
    plain = _INVISIBLE.sub("", text)
    if not _DRAWING.search(plain):
        return plain
    kept, end = [], 0
    for needed in _NEEDED.finditer(plain):
        kept += [_DRAWING.sub("", plain[end : needed.start()]), needed[0]]
        end = needed.end()
    return "".join([*kept, _DRAWING.sub("", plain[end:])])


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing at all."""
    return not clean_text(text)


def turns_text(text: str) -> bool:
    """Whether ``text`` holds marks that turn the writing around them (U+202A–E, U+2066–9)."""
    return _DIRECTION_MARK.search(text) is not None


def clean_line(text: str) -> str:
    """Return one line in NFC: nothing invisible, runs of blanks as one space, none at the ends."""
    return " ".join(clean_text(text).split())


def clean_text(text: str) -> str:
    r"""Return lines in NFC: nothing invisible, every line end "\n", at most one empty line together.

    A browser counts a line end as one character, whatever it sends; so does what counts this.
    """
    plain = strip_invisible(_LINE_END.sub("\n", text))
    plain = unicodedata.normalize("NFC", plain)
    for blank in _BLANK_LETTERS:
        plain = plain.replace(blank, " ")
    lines = (_SPACES.sub(" ", line).strip() for line in plain.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_name(text: str) -> str:
    """Return what somebody is called, as one clean line.

    Raises ValidationError for a name that is blank to the eye, and for one with marks of
    direction: they would write "ecilA" as "Alice" and turn the sentences of other pages.
    """
    if turns_text(text):
        message = _(
            "Enter the name without invisible characters that change the writing direction."
        )
        raise ValidationError(message, code="direction")
    name = clean_line(text)
    if not name:
        raise ValidationError(_("Enter a name; a short one is fine."), code="blank")
    return name


def check_readable(text: str) -> None:
    """Raise ValidationError for a text that shows nothing, or whose marks turn the writing around it."""
    if turns_text(text):
        message = _("Enter this without invisible characters that change the writing direction.")
        raise ValidationError(message, code="direction")
    if text and is_blank(text):
        raise ValidationError(
            _("This text has nothing that can be seen. Write it again or leave it empty."),
            code="blank",
        )


def isolate(text: str) -> str:
    """Return a name as it stands in a sentence of another script.

    Hebrew and Arabic are written from the right and would carry the numbers and words beside them
    along; between these two marks (https://www.w3.org/International/questions/qa-bidi-unicode-controls)
    they stay a word of their own, in plain text, too. Names of other scripts come back as they are.
    """
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def fold_typography(text: str) -> str:
    """Return ``text`` as a plain keyboard would write it, for comparing and searching.

    Full-width and other compatible forms become plain (NFKC), curly quotes straight, every
    dash a hyphen; letter case and accents stay.
    """
    return unicodedata.normalize("NFKC", clean_line(text).translate(_TYPOGRAPHY)).translate(
        _TYPOGRAPHY
    )
