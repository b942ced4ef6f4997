"""Cut a few glyphs out of a large CID-keyed CFF font, for embedding in a PDF.

reportlab embeds TrueType outlines only; the Noto CJK fonts have PostScript ones (CFF, Adobe
Technical Notes 5176 and 5177). `subset` writes a new CFF table with the asked glyphs alone,
numbered 1, 2, 3 … in the given order; 0 stays ".notdef". Subroutines are written out in
place, so that none of the font's many thousands travels along.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

_CALL_LOCAL, _RETURN, _ESCAPE, _END, _CALL_GLOBAL = 10, 11, 12, 14, 29
_STEMS: Final = {1, 3, 18, 23}
_MASKS: Final = {19, 20}
_MOST_DEPTH: Final = 10

_CHARSTRINGS, _PRIVATE, _LOCAL_SUBRS = (17,), (18,), (19,)
_FD_ARRAY, _FD_SELECT, _BBOX = (12, 36), (12, 37), (5,)
_FIRST_OWN_STRING: Final = 391


class FontDamaged(ValueError):
    """The font is not of the kind this module cuts."""


class Index:
    """A CFF INDEX: numbered byte strings, cut out only when asked for."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._count = int.from_bytes(data[start : start + 2], "big")
        self._size = data[start + 2] if self._count else 0
        self._offsets = start + 3
        self._base = self._offsets + (self._count + 1) * self._size - 1
        self.end = self._base + self._offset(self._count) if self._count else start + 2

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> bytes:
        if not 0 <= number < self._count:
            raise FontDamaged(f"no entry {number}")
        return self._data[self._base + self._offset(number) : self._base + self._offset(number + 1)]

    def _offset(self, number: int) -> int:
        at = self._offsets + number * self._size
        return int.from_bytes(self._data[at : at + self._size], "big")


class CFF:
    """The CFF table of a CID-keyed font."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        names = Index(data, data[2])
        tops = Index(data, names.end)
        strings = Index(data, tops.end)
        self._global = Index(data, strings.end)
        top = dict(_dictionary(tops[0]))
        if _FD_ARRAY not in top:
            raise FontDamaged("not a CID-keyed font")
        self._bbox = top.get(_BBOX, b"")
        self._glyphs = Index(data, _number(top[_CHARSTRINGS]))
        fonts = Index(data, _number(top[_FD_ARRAY]))
        self._privates = [self._private(fonts[number]) for number in range(len(fonts))]
        self._firsts, self._fonts = self._read_select(_number(top[_FD_SELECT]))

    def subset(self, glyphs: Sequence[int], *, name: str) -> bytes:
        """Return a CFF table of ``.notdef`` and ``glyphs``; glyph i of the list has CID i + 1."""
        kept = [0, *glyphs]
        fonts = [self._font_of(glyph) for glyph in kept]
        used = sorted(set(fonts))
        return _write(
            name=name,
            bbox=self._bbox,
            charstrings=[
                self._flat(glyph, self._privates[font][1])
                for glyph, font in zip(kept, fonts, strict=True)
            ],
            fonts=[used.index(font) for font in fonts],
            privates=[self._privates[font][0] for font in used],
        )

    def _private(self, font: bytes) -> tuple[bytes, Index]:
        """The private dictionary of a font without its subroutines, and those."""
        size, offset = _numbers(dict(_dictionary(font))[_PRIVATE])
        raw = self._data[offset : offset + size]
        entries = list(_dictionary(raw))
        subrs = dict(entries).get(_LOCAL_SUBRS)
        kept = b"".join(
            operands + bytes(operator) for operator, operands in entries if operator != _LOCAL_SUBRS
        )
        return kept, Index(self._data, offset + _number(subrs)) if subrs else Index(b"\0\0", 0)

    def _read_select(self, start: int) -> tuple[list[int], bytes]:
        """First glyphs of the runs, and the font of each run."""
        data = self._data
        if data[start] == 0:
            return list(range(len(self._glyphs))), data[start + 1 : start + 1 + len(self._glyphs)]
        if data[start] != 3:
            raise FontDamaged("an FDSelect of another kind")
        count = int.from_bytes(data[start + 1 : start + 3], "big")
        runs = list(struct.iter_unpack(">HB", data[start + 3 : start + 3 + 3 * count]))
        return [first for first, _font in runs], bytes(font for _first, font in runs)

    def _font_of(self, glyph: int) -> int:
        return self._fonts[bisect_right(self._firsts, glyph) - 1]

    def _flat(self, glyph: int, local: Index) -> bytes:
        """The glyph's charstring with every subroutine in its place."""
        flattener = _Flattener(local, self._global)
        flattener.run(self._glyphs[glyph], 0)
        return b"".join(flattener.tokens)


class _Flattener:
    """Reads a Type 2 charstring as far as needed to find its calls: numbers, stems and masks."""

    def __init__(self, local: Index, shared: Index) -> None:
        self.tokens: list[bytes] = []
        self._local, self._global = local, shared
        self._depth = 0  # numbers on the stack
        self._stems = 0

    def run(self, code: bytes, depth: int) -> bool:
        """Write out ``code``; True when the glyph ends in it."""
        if depth > _MOST_DEPTH:
            raise FontDamaged("subroutines call too deep")
        at = 0
        while at < len(code):
            byte = code[at]
            if byte >= 32 or byte == 28:
                size = 3 if byte == 28 else 1 if byte < 247 else 2 if byte < 255 else 5
                self.tokens.append(code[at : at + size])
                self._depth += 1
                at += size
                continue
            if byte in {_CALL_LOCAL, _CALL_GLOBAL}:
                index = self._local if byte == _CALL_LOCAL else self._global
                self._depth -= 1
                if self.run(index[_value(self.tokens.pop()) + _bias(index)], depth + 1):
                    return True
                at += 1
                continue
            if byte == _RETURN:
                return False
            size = self._operator(byte)
            self.tokens.append(code[at : at + size])
            if byte == _END:
                return True
            at += size
        return False

    def _operator(self, byte: int) -> int:
        """Count stems, clear the stack; the operator's length."""
        if byte in _STEMS or byte in _MASKS:
            self._stems += self._depth // 2
        self._depth = 0
        if byte in _MASKS:
            return 1 + (self._stems + 7) // 8
        return 2 if byte == _ESCAPE else 1


def _bias(index: Index) -> int:
    return 107 if len(index) < 1240 else 1131 if len(index) < 33900 else 32768


def _value(token: bytes) -> int:
    """The whole number of a charstring's token."""
    first = token[0]
    if first == 28:
        return int.from_bytes(token[1:3], "big", signed=True)
    if first < 247:
        return first - 139
    if first < 251:
        return (first - 247) * 256 + token[1] + 108
    if first < 255:
        return -(first - 251) * 256 - token[1] - 108
    raise FontDamaged("a subroutine with a fraction for a number")


def _dictionary(data: bytes) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Operator and raw operands of each entry of a DICT."""
    at = start = 0
    while at < len(data):
        byte = data[at]
        if byte <= 21:
            size = 2 if byte == _ESCAPE else 1
            yield tuple(data[at : at + size]), data[start:at]
            at += size
            start = at
        elif byte == 30:  # a real number: two digits a byte, up to a nibble f
            at += 1
            while data[at] & 15 != 15 and data[at] >> 4 != 15:
                at += 1
            at += 1
        else:
            at += 3 if byte == 28 else 5 if byte == 29 else 1 if byte < 247 else 2


def _numbers(operands: bytes) -> list[int]:
    """The whole numbers among a DICT entry's operands."""
    numbers, at = [], 0
    while at < len(operands):
        byte = operands[at]
        size = 3 if byte == 28 else 5 if byte == 29 else 1 if byte < 247 else 2
        token = operands[at : at + size]
        numbers.append(
            int.from_bytes(token[1:], "big", signed=True) if byte in {28, 29} else _value(token)
        )
        at += size
    return numbers


def _number(operands: bytes) -> int:
    return _numbers(operands)[-1]


# Writing -------------------------------------------------------------------------------


def _write(
    *,
    name: str,
    bbox: bytes,
    charstrings: Sequence[bytes],
    fonts: Sequence[int],
    privates: Sequence[bytes],
) -> bytes:
    head = b"\x01\x00\x04\x04" + _index([name.encode("ascii")])
    between = _index([b"Adobe", b"Identity"]) + _index([])
    top_size = len(_index([_top(bbox, len(fonts), 0, 0, 0, 0)]))
    charset_at = len(head) + top_size + len(between)
    charset = struct.pack(">BHH", 2, 1, len(fonts) - 2)
    select_at = charset_at + len(charset)
    select = b"\x00" + bytes(fonts)
    glyphs_at = select_at + len(select)
    glyphs = _index(charstrings)
    private_at = glyphs_at + len(glyphs)
    entries = []
    for private in privates:
        entries.append(_long(len(private)) + _long(private_at) + bytes(_PRIVATE))
        private_at += len(private)
    top = _index([_top(bbox, len(fonts), charset_at, select_at, glyphs_at, private_at)])
    body = charset + select + glyphs + b"".join(privates) + _index(entries)
    return head + top + between + body


def _top(bbox: bytes, count: int, charset: int, select: int, glyphs: int, fonts: int) -> bytes:
    registry = _long(_FIRST_OWN_STRING) + _long(_FIRST_OWN_STRING + 1) + _long(0)
    return b"".join(
        (
            registry + bytes((12, 30)),
            bbox + bytes(_BBOX) if bbox else b"",
            _long(count) + bytes((12, 34)),
            _long(charset) + bytes((15,)),
            _long(select) + bytes(_FD_SELECT),
            _long(glyphs) + bytes(_CHARSTRINGS),
            _long(fonts) + bytes(_FD_ARRAY),
        )
    )


def _long(number: int) -> bytes:
    """A number in five bytes whatever its value, so that offsets keep their place."""
    return b"\x1d" + struct.pack(">i", number)


def _index(items: Sequence[bytes]) -> bytes:
    if not items:
        return b"\0\0"
    offsets = [1]
    for item in items:
        offsets.append(offsets[-1] + len(item))
    return struct.pack(f">HB{len(offsets)}I", len(items), 4, *offsets) + b"".join(items)
