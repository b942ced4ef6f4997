"""The process that draws. Started by `kernel/paper/press.py` as a script: it knows nothing of the shop.

It reads requests from its standard input and writes answers to its standard output, each behind
its length in four bytes; a request is JSON, an answer one letter and what it stands for:

    D  drawn: the file        L  drawn, and the last one of this process: the file
    F  not drawn: why, in UTF-8

After the first page it gives up the right to open a file or a connection (no descriptor is left to
it), so that nothing in a sheet can read the machine or the network. It ends with its parent, when
nobody has asked for a while, and when a page takes too long or too much memory.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import signal
import struct
import sys
import unicodedata
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont, TTLibError
from noto_cjk import otc_path

FAMILY = "Noto Sans CJK SC"
COMMON_FAMILY = f"{FAMILY} Common"
COMMON = Path(__file__).parent / "common" / "typeface.otf"
"""The characters that nearly all text is made of, cut out of the typeface by `kernel/paper/typeface.py`: typst
goes through all glyphs of a font for each PDF, and the whole typeface has 65,535. Where it is not there, or is
of another release, the whole one draws everything, which looks the same and takes longer."""
UNIQUE_ID = 3
"""The name of a font that says which one it is; that of the common one begins with where it comes from."""
STAND_IN = "〓"
"""The geta mark: what Chinese and Japanese printers set where a sort is missing."""
LENGTH = struct.Struct(">I")

IDLE_SECONDS = 600
PAGE_SECONDS = 25
MOST_SHEETS = 5000
MOST_BYTES = 384 * 1024 * 1024
"""Grown past this, it makes way for a fresh process; past twice of it, the page fails."""

LARGE = 16 * 1024
"""Of a drawing in characters, a photograph mostly. Typst reads each file as markup, whatever it is, and
whatever was an input makes it start from nothing: the one is right for small ones, the other for large ones."""

_WARM_UP = "#set page(width: 9pt, height: auto)\n"
_JOINER = "\u200d"
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")


class Face:
    """The one typeface: which characters it can draw, and what stands for the others."""

    def __init__(self, path: Path) -> None:
        # Every face of the collection draws the same characters; only their forms differ.
        with TTFont(path, fontNumber=0, lazy=True) as font:
            self._covered = frozenset(font.getBestCmap())

        self._origin = origin_of(path)

    def families(self, common: Path) -> list[str]:
        """What typst looks for a glyph in, one after the other."""
        told = unique_id_of(common)
        return [COMMON_FAMILY, FAMILY] if told.startswith(self._origin) else [FAMILY]

    def printable(self, text: str) -> tuple[str, bool]:
        """``text`` as it can be drawn, and whether a stand-in had to be set.

        One stand-in for what a reader sees as one sign, be it one character or a family of emoji.
        What has no shape of its own (joiners, marks of direction) is left out.
        """
        if text.isascii() and text.isprintable():
            return text, False
        drawn: list[str] = []
        open_sign = joined = flag = missing = False
        for char in unicodedata.normalize("NFC", text):
            kind = unicodedata.category(char)
            if kind in {"Cc", "Zs", "Zl", "Zp"}:
                drawn.append(char if kind == "Zs" and ord(char) in self._covered else " ")
                open_sign = joined = flag = False
            elif kind == "Cf" or "\ufe00" <= char <= "\ufe0f" or char >= "\U000e0000":
                joined = open_sign and char == _JOINER
            elif open_sign and (
                joined or kind in {"Mn", "Me"} or _SKIN.match(char) or (flag and _FLAG.match(char))
            ):
                joined = flag = False
            elif ord(char) in self._covered and kind not in {"Cs", "Co"}:
                drawn.append(char)
                open_sign = False
            else:
                drawn.append(STAND_IN)
                open_sign = missing = True
                flag = bool(_FLAG.match(char))
        return "".join(drawn), missing

    def printable_data(self, value: Any) -> tuple[Any, bool]:
        """Every text in ``value`` as it can be drawn."""
        if isinstance(value, str):
            return self.printable(value)
        if isinstance(value, list):
            rows = [self.printable_data(item) for item in value]
            return [row for row, _missing in rows], any(missing for _row, missing in rows)
        if isinstance(value, dict):
            parts = {key: self.printable_data(item) for key, item in value.items()}
            return (
                {key: part for key, (part, _missing) in parts.items()},
                any(missing for _part, missing in parts.values()),
            )
        return value, False


def origin_of(path: Path) -> str:
    """Which release of the typeface lies there: its length, and the checksum that it carries."""
    with TTFont(path, fontNumber=0, lazy=True) as font:
        return f"{path.stat().st_size}-{font['head'].checkSumAdjustment:08x} "


def unique_id_of(path: Path) -> str:
    """What the font there says it is; "" where there is none, or half of one."""
    try:
        with path.open("rb") as file, TTFont(file, lazy=True) as font:
            return font["name"].getDebugName(UNIQUE_ID) or ""
    except (OSError, TTLibError):
        return ""


class Drawer:
    """typst with the one typeface, for one sheet after the other."""

    def __init__(self) -> None:
        path = Path(otc_path("sans"))
        self._face = Face(path)
        self._families = self._face.families(COMMON)
        common = [str(COMMON.parent)] if COMMON_FAMILY in self._families else []
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[*common, str(path.parent)],
        )
        # The root is the folder of this file; nothing in it is opened either.
        self._compiler = typst.Compiler(
            root=str(Path(__file__).parent), font_paths=fonts, ignore_system_fonts=True
        )
        # A font is opened by the first word that is set in it, and soon none can be.
        words = (f'#text(font: "{name}")[A券{STAND_IN}]' for name in self._families)
        self._compiler.compile(f"{_WARM_UP}{' '.join(words)}".encode(), format="pdf")
        self._large: dict[str, str] | None = None
        """What typst has as inputs, where that is known."""

    def draw(self, request: dict[str, Any]) -> bytes:
        """The file. Raises typst.TypstError."""
        data, missing = self._face.printable_data(request["data"])
        look = request["look"] | {
            "families": self._families,
            "missing": STAND_IN if missing else "",
        }
        files = {
            "main.typ": request["source"],
            "style.typ": request["style"],
            "data.json": json.dumps(data),
            "look.json": json.dumps(look),
        }
        large: dict[str, str] = {}
        for name, drawing in request["drawings"].items():
            (large if len(drawing) > LARGE else files)[name] = drawing
        inputs, self._large = ... if large == self._large else large, None
        given: Any = {name: text.encode() for name, text in files.items()}  # typed for one file
        drawn = self._compiler.compile(
            given,
            format=request["format"],
            ppi=float(request["pixels_per_inch"]),
            sys_inputs=inputs,
        )
        self._large = large
        if not isinstance(drawn, bytes):
            raise ValueError("a picture of more than one page")
        return drawn


def main() -> None:
    """Draw until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal is for the parent
    drawer, memory = Drawer(), _Memory()
    _give_up_rights()
    sheets = 0
    while (body := _read()) is not None:
        signal.alarm(
            PAGE_SECONDS
        )  # kills, whatever typst is doing, and whether or not a parent lives
        try:
            drawn, sheets = drawer.draw(json.loads(body)), sheets + 1
        except Exception as error:
            _write(b"F" + str(error).encode("utf-8", "replace"))
        else:
            last = sheets >= MOST_SHEETS or memory() > MOST_BYTES
            _write((b"L" if last else b"D") + drawn)
            if last:
                return
        signal.alarm(0)


def _give_up_rights() -> None:
    """No file, socket or process can be opened from here on; what is open (the font) stays."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = 2 * MOST_BYTES + pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


class _Memory:
    """How many bytes this process holds.

    Not `ru_maxrss` where there is another way: Linux hands on the most of who started the process,
    so that below a large parent each sheet would be the last one. The file is opened while it may be.
    """

    def __init__(self) -> None:
        self._pages = os.open("/proc/self/statm", os.O_RDONLY) if sys.platform == "linux" else None

    def __call__(self) -> int:
        if self._pages is None:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(os.pread(self._pages, 100, 0).split()[1]) * resource.getpagesize()


def _read() -> bytes | None:
    """The next request; None when the parent is gone or has not asked for IDLE_SECONDS."""
    if not select.select([0], [], [], IDLE_SECONDS)[0]:
        return None
    head = _exactly(LENGTH.size)
    return None if head is None else _exactly(LENGTH.unpack(head)[0])


def _exactly(count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = os.read(0, count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _write(body: bytes) -> None:
    rest = memoryview(LENGTH.pack(len(body)) + body)
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    main()
