"""The one typeface of pictures and PDF: Noto Sans CJK in its Simplified Chinese forms.

Latin, digits and Chinese come from the same file, so every reader sees the same page whatever
fonts their device has. The package carries the regular weight; bold is the same shape with a
thin outline, as browsers make it.
"""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any

from noto_cjk import otc_path
from PIL import ImageFont
from reportlab.pdfbase import pdfdoc, pdfmetrics

from vouchers.paper.cff import CFF, FontDamaged

FAMILY = "Noto Sans CJK SC"
PDF_FONT = "NotoSansCJKsc"
UNITS = 1000
_ASCENT, _DESCENT, _CAP_HEIGHT = 880, -120, 733
_MOST_FACES = 16
_INVISIBLE = {0x200B, 0x200C, 0x200D, 0xFE0E, 0xFE0F, 0xFEFF}


@cache
def picture_font(size: int) -> ImageFont.FreeTypeFont:
    """The face for Pillow at ``size`` pixels."""
    return ImageFont.truetype(
        str(otc_path("sans")), size, index=_face_number(), layout_engine=ImageFont.Layout.BASIC
    )


@cache
def _face_number() -> int:
    path = str(otc_path("sans"))
    for number in range(_MOST_FACES):
        if ImageFont.truetype(path, 10, index=number).getname()[0] == FAMILY:
            return number
    raise FontDamaged(f"{path} holds no {FAMILY}")


class Face:
    """The outlines, widths and characters of one face of a font collection, read where they lie."""

    name = PDF_FONT

    def __init__(self, path: Path, number: int) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        (start,) = struct.unpack_from(">I", self._data, 12 + 4 * number)
        (count,) = struct.unpack_from(">H", self._data, start + 4)
        self._tables = {
            tag: (offset, size)
            for tag, _sum, offset, size in struct.iter_unpack(
                ">4sIII", self._data[start + 12 : start + 12 + 16 * count]
            )
        }
        (self._wide,) = struct.unpack_from(">H", self._data, self._tables[b"hhea"][0] + 34)
        self._starts, self._groups = self._read_characters()
        offset, size = self._tables[b"CFF "]
        self.outlines = CFF(self._data[offset : offset + size])

    def glyph(self, char: int) -> int:
        """The glyph of a character; 0 when the face has none."""
        place = bisect_right(self._starts, char) - 1
        if place < 0:
            return 0
        first, last, glyph = self._groups[place]
        return glyph + char - first if char <= last else 0

    def advance(self, glyph: int) -> int:
        """The glyph's width in thousandths of the size."""
        at = self._tables[b"hmtx"][0] + 4 * min(glyph, self._wide - 1)
        (width,) = struct.unpack_from(">H", self._data, at)
        return int(width)

    def _read_characters(self) -> tuple[list[int], list[tuple[int, int, int]]]:
        start, _size = self._tables[b"cmap"]
        (count,) = struct.unpack_from(">H", self._data, start + 2)
        for platform, encoding, offset in struct.iter_unpack(
            ">HHI", self._data[start + 4 : start + 4 + 8 * count]
        ):
            if (platform, encoding) == (3, 10):
                at = start + offset
                (groups,) = struct.unpack_from(">I", self._data, at + 12)
                rows = list(struct.iter_unpack(">III", self._data[at + 16 : at + 16 + 12 * groups]))
                return [first for first, _last, _glyph in rows], rows
        raise FontDamaged("no table of all characters")


class EmbeddedFont:
    """A font for reportlab whose used glyphs are embedded when the document is finished.

    reportlab calls such fonts dynamic (reportlab.pdfbase.ttfonts explains the protocol):
    `splitString` hands out codes while the page is drawn, `addObjects` writes the font.
    """

    _multiByte = 1  # noqa: N815
    _dynamicFont = 1  # noqa: N815
    shapable = False
    fontName = PDF_FONT  # noqa: N815

    def __init__(self, face: Face) -> None:
        self.face = face
        self._used: dict[Any, dict[int, int]] = {}

    def stringWidth(  # noqa: N802
        self, text: str, size: float, encoding: str = "utf-8"
    ) -> float:
        """The width of ``text`` in points."""
        face = self.face
        total = sum(face.advance(face.glyph(char)) for char in map(ord, clean(text)))
        return total * size / UNITS

    def splitString(  # noqa: N802
        self, text: str, doc: Any, encoding: str = "utf-8"
    ) -> list[tuple[int, bytes]]:
        """``text`` in codes of two bytes; one subset is enough for any page."""
        used = self._used.setdefault(doc, {})
        codes = [used.setdefault(char, len(used) + 1) for char in map(ord, clean(text))]
        return [(0, b"".join(code.to_bytes(2, "big") for code in codes))] if codes else []

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:  # noqa: N802
        """The font's name on the pages of ``doc``."""
        if self.fontName not in doc.fontMapping:
            doc.fontMapping[self.fontName] = f"/F{len(doc.fontMapping) + 1}"
            doc.delayedFonts.append(self)
        return str(doc.fontMapping[self.fontName])

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        """Write the used glyphs, their widths and what they read as."""
        chars = list(self._used.pop(doc))
        glyphs = [self.face.glyph(char) for char in chars]
        name = f"{_tag(chars)}+{self.fontName}"
        outlines = pdfdoc.PDFStream(
            pdfdoc.PDFDictionary({"Subtype": pdfdoc.PDFName("CIDFontType0C")}),
            self.face.outlines.subset(glyphs, name=name),
            [pdfdoc.PDFZCompress],
        )
        reads = pdfdoc.PDFStream(None, _reads_as(chars), [pdfdoc.PDFZCompress])
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("FontDescriptor"),
                "FontName": pdfdoc.PDFName(name),
                "Flags": 4,
                "FontBBox": pdfdoc.PDFArray([-1000, _DESCENT - 240, 2500, _ASCENT + 240]),
                "ItalicAngle": 0,
                "Ascent": _ASCENT,
                "Descent": _DESCENT,
                "CapHeight": _CAP_HEIGHT,
                "StemV": 80,
                "FontFile3": doc.Reference(outlines, f"outlines:{name}"),
            }
        )
        widths = pdfdoc.PDFArray([self.face.advance(glyph) for glyph in glyphs])
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("CIDFontType0"),
                "BaseFont": pdfdoc.PDFName(name),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": doc.Reference(descriptor, f"descriptor:{name}"),
                "DW": UNITS,
                "W": pdfdoc.PDFArray([1, widths]),
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("Type0"),
                "BaseFont": pdfdoc.PDFName(name),
                "Encoding": pdfdoc.PDFName("Identity-H"),
                "DescendantFonts": pdfdoc.PDFArray([doc.Reference(descendant, f"cid:{name}")]),
                "ToUnicode": doc.Reference(reads, f"reads:{name}"),
            }
        )
        internal = doc.fontMapping[self.fontName][1:]
        doc.idToObject["BasicFonts"].dict[internal] = doc.Reference(font, internal)


@cache
def _face() -> Face:
    return Face(Path(otc_path("sans")), _face_number())


@cache
def pdf_font() -> str:
    """Make the font known to reportlab; its name for ``setFont``."""
    pdfmetrics.registerFont(EmbeddedFont(_face()))
    return PDF_FONT


def clean(text: str) -> str:
    """``text`` as the face can draw it: the one place for picture, PDF and its facts.

    Characters without a shape are left out, and so are those the face lacks, such as emoji: a
    crossed box says less than nothing. The blank beside one that was left out goes with it.
    """
    plain = "".join(
        " " if char in "\n\r\t\xa0" else char
        for char in text
        if ord(char) not in _INVISIBLE and (char >= " " or char in "\n\r\t")
    )
    if plain.isascii():
        return plain
    face = _face()
    drawn = "".join(char for char in plain if char == " " or face.glyph(ord(char)))
    return plain if drawn == plain else " ".join(drawn.split())


def _tag(chars: list[int]) -> str:
    """Six letters that tell this subset from others of the same font."""
    number = hash(tuple(chars)) % 26**6
    letters = ""
    for _place in range(6):
        number, digit = divmod(number, 26)
        letters += chr(65 + digit)
    return letters


def _reads_as(chars: list[int]) -> bytes:
    """The map from codes to characters, so that text can be searched and copied."""
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    for start in range(0, len(chars), 100):
        block = chars[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        for place, char in enumerate(block, start + 1):
            lines.append(f"<{place:04X}> <{chr(char).encode('utf-16-be').hex().upper()}>")
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode("ascii")
