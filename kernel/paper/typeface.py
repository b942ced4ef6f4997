"""The common part of the typeface: `python -m kernel.paper.typeface` makes `common/typeface.otf` where there is none.

It is made at install, in some seconds, and not kept in the repository; the drawing process takes it where it is of
the release that is installed (`child.py`). The licence of the typeface, the SIL Open Font License, allows parts under
any name, as it reserves none; a part may be handed on under that licence alone, which its names go on saying.
"""

import hashlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from noto_cjk import otc_path

from kernel.paper.child import COMMON, COMMON_FAMILY, UNIQUE_ID, origin_of, unique_id_of

_FAMILY_NAMES = (1, 16)
_SIMPLIFIED_CHINESE = 2
"""The face within the collection."""

_RANGES = (
    (0x0020, 0x024F),  # Latin
    (0x0370, 0x052F),  # Greek, Cyrillic
    (0x2000, 0x206F),  # punctuation
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x22FF),  # letter-like signs, numbers, arrows, mathematics
    (0x2460, 0x26FF),  # numbers in circles, boxes, shapes, signs
    (0x3000, 0x30FF),  # Chinese punctuation, Japanese syllables
    (0xFF00, 0xFFEF),  # full-width letters
)
# What typst asks for unless told otherwise, as far as a line from left to right needs it. Forms of other regions
# are not among them: sheets are in English or Simplified Chinese, whose forms this face has to begin with.
_FEATURES = ("calt", "ccmp", "clig", "kern", "liga", "mark", "mkmk", "rlig")
_UPRIGHT_TABLES = ("VORG", "vhea", "vmtx")


def common_characters() -> set[int]:
    """The 6,763 characters of GB 2312, which all Chinese of every day is written with, and what stands beside them."""
    found = set(_gb2312())
    for first, last in _RANGES:
        found.update(range(first, last + 1))
    return found


def make_common(target: Path, characters: set[int] | None = None) -> bool:
    """Cut ``characters`` (the common ones) out of the typeface; False where ``target`` has been made of just these."""
    wanted = common_characters() if characters is None else characters
    source = Path(otc_path("sans"))
    recipe = repr((sorted(wanted), _FEATURES, _UPRIGHT_TABLES)).encode()
    unique_id = f"{origin_of(source)}{hashlib.sha256(recipe).hexdigest()[:16]}"
    if unique_id_of(target) == unique_id:
        return False
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every glyph, several times
    options = subset.Options(
        layout_features=list(_FEATURES), name_IDs=["*"], notdef_outline=True, glyph_names=False
    )
    options.drop_tables += _UPRIGHT_TABLES
    with TTFont(source, fontNumber=_SIMPLIFIED_CHINESE, lazy=True) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=wanted)
        cutter.subset(font)
        for record in font["name"].names:
            if record.nameID in _FAMILY_NAMES:
                record.string = COMMON_FAMILY
            if record.nameID == UNIQUE_ID:
                record.string = unique_id
        target.parent.mkdir(exist_ok=True)
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        font.save(draft)
    draft.replace(target)
    return True


def _gb2312() -> Iterator[int]:
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:  # five cells are empty
                continue


def main() -> int:
    """Make it, and say so; 1 when it cannot be written."""
    try:
        if make_common(COMMON):
            sys.stdout.write(f"made {COMMON} ({COMMON.stat().st_size // 1024} KiB)\n")
    except OSError as error:
        sys.stderr.write(f"The common part of the typeface could not be made: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
