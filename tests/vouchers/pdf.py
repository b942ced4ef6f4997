"""Reads what our PDF says and shows, without a PDF library."""

from __future__ import annotations

import base64
import re
import zlib
from typing import NamedTuple

from PIL import Image, ImageDraw

_STREAM = re.compile(rb"<<(.*?)>>\s*stream\r?\n(.*?)endstream", re.DOTALL)
_TEXT = re.compile(rb"\((?:[^\\()]|\\.)*\) Tj", re.DOTALL)
_BOX = re.compile(rb"(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Read(NamedTuple):
    """Lines in the order in which they were written; the small dark boxes of the QR."""

    lines: list[str]
    boxes: list[tuple[float, float, float, float]]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def read_pdf(content: bytes) -> Read:
    """Text by way of the font's own map to characters, and every rectangle."""
    streams = [_unpacked(head, body) for head, body in _STREAM.findall(content)]
    reads = next(stream for stream in streams if b"beginbfchar" in stream)
    chars = {
        int(code, 16): bytes.fromhex(char.decode()).decode("utf-16-be")
        for code, char in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", reads + b"\n")
        if len(char) >= 4
    }
    page = next(stream for stream in streams if b" Tj" in stream)
    lines = [_read_line(match[0][1:-4], chars) for match in _TEXT.finditer(page)]
    boxes = [tuple(map(float, box)) for box in _BOX.findall(page)]
    return Read(lines, boxes)  # type: ignore[arg-type]


def draw_boxes(boxes: list[tuple[float, float, float, float]]) -> Image.Image:
    """The boxes of the commonest height as a picture, as a printer would put them on paper."""
    heights = [round(box[3], 2) for box in boxes]
    usual = max(set(heights), key=heights.count)
    squares = [box for box in boxes if round(box[3], 2) == usual]
    left, bottom = min(box[0] for box in squares), min(box[1] for box in squares)
    image = Image.new("L", (1200, 1200), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width, height in squares:
        across, down = 100 + (x - left) * 5, 1100 - (y - bottom) * 5
        pen.rectangle((across, down - height * 5, across + width * 5 - 1, down - 1), fill=0)
    return image


def _unpacked(head: bytes, body: bytes) -> bytes:
    body = body.strip(b"\r\n") if b"ASCII85" in head else body
    if b"ASCII85" in head:
        body = base64.a85decode(body.strip().removesuffix(b"~>"))
    return zlib.decompressobj().decompress(body) if b"FlateDecode" in head else body


def _read_line(raw: bytes, chars: dict[int, str]) -> str:
    codes = re.sub(rb"\\([0-7]{1,3}|.)", _unescaped, raw, flags=re.DOTALL)
    return "".join(
        chars[int.from_bytes(codes[at : at + 2], "big")] for at in range(0, len(codes), 2)
    )


def _unescaped(match: re.Match[bytes]) -> bytes:
    word = match[1]
    return bytes([int(word, 8)]) if word.isdigit() else _ESCAPES.get(word, word)
