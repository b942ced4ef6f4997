"""Files that nobody means: real pictures and real tables, damaged."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.nonsense.values import WORDS

KINDS = ("PNG", "JPEG", "WEBP")
NAMES = ("a.png", "a.jpg", "a.webp", "a.svg", "a.PNG.exe", "图.png", "..png", "x" * 300 + ".png")


def picture(kind: str) -> bytes:
    """A small real picture, with an EXIF block."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 48), "teal").save(out, kind, exif=exif.tobytes())
    return out.getvalue()


def huge(random: Random) -> bytes:
    """A PNG of some hundred bytes whose header promises more points than anybody may send."""
    width, height = random.choice([(65_536, 1), (50_000, 50_000), (2**31 - 1, 2**31 - 1), (0, 0)])

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    points = chunk(b"IDAT", zlib.compress(b"\0" * 500_000))
    return b"\x89PNG\r\n\x1a\n" + header + points + chunk(b"IEND", b"")


def damaged(random: Random, whole: bytes) -> bytes:
    """``whole`` with some bytes flipped, cut out, doubled or put in."""
    body = bytearray(whole)
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(body)) if body else 0
        match random.randrange(5):
            case 0:
                body[at : at + 1] = bytes([random.randrange(256)])
            case 1:
                del body[at:]
            case 2:
                del body[at : at + random.randint(1, 40)]
            case 3:
                body[at:at] = body[at : at + 200]
            case _:
                body[at:at] = random.choice(WORDS)[:200].encode("utf-8", "surrogatepass")
    return bytes(body)


def bad_picture(random: Random) -> SimpleUploadedFile:
    """An upload that says it is a picture."""
    whole = picture(random.choice(KINDS))
    body = random.choice([damaged(random, whole), damaged(random, whole), huge(random), b""])
    kind = random.choice(["image/png", "image/jpeg", "image/webp", "text/html", ""])
    return SimpleUploadedFile(random.choice(NAMES), body, content_type=kind)


def bad_table(random: Random, header: str, rows: list[str]) -> bytes:
    """A CSV file of ``rows``, damaged in its cells, its lines or its bytes."""
    kept = [header, *(random.choice(rows) for _ in range(4))]
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(kept))
        cells = kept[at].split(",")
        match random.randrange(4):
            case 0:
                cells[random.randrange(len(cells))] = random.choice(WORDS)
            case 1:
                cells[random.randrange(len(cells))] += '"'
            case 2:
                del cells[random.randrange(len(cells))]
            case _:
                cells *= 2
        kept[at] = ",".join(cells)
    encoding = random.choice(["utf-8", "utf-8-sig", "utf-16", "gb18030", "latin-1"])
    body = "\n".join(kept).encode(encoding, "replace")
    if random.random() < 0.4:
        body = damaged(random, body)
    return body


def packed(random: Random, body: bytes) -> bytes:
    """``body`` as .gz, now and then a damaged one."""
    whole = gzip.compress(body)
    return damaged(random, whole) if random.random() < 0.5 else whole
