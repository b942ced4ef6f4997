"""Uploaded pictures, made small enough for a phone and freed of the camera's private data.

A small file can unpack to hundreds of megabytes, and damaged files make Pillow raise nearly
everything. So all uploads come through `opened`: it measures the picture by its header before it
unpacks it, lets JPEG unpack at the size that is needed, and has one error for whatever goes wrong.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from PIL import Image, ImageOps

logger = logging.getLogger(__name__)

MAX_BYTES = 12 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP")
WHOLE_PIXELS = {"JPEG": 20_000_000, "WEBP": 12_000_000, "GIF": 12_000_000}
USUAL_PIXELS = 25_000_000
"""What is unpacked whole: about 100 MiB each, by what the format's decoder needs."""
SCALED_PIXELS = 120_000_000
"""A plain JPEG is unpacked at an eighth, a quarter or half of its size: phones make these."""
MOST_STRETCHED = 40
"""How often the short edge may go into the long one; beyond, there is nothing to see."""
Pixels = tuple[int, int]


class PictureError(ValueError):
    """What was uploaded is no picture of the formats asked for, or cannot be unpacked."""


class PictureTooBigError(PictureError):
    """More pixels than we unpack."""


def opened(source: IO[bytes], *, edge: int, formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """Return the first frame upright, within ``edge`` pixels, as RGB, or RGBA where it is see-through.

    Raises PictureError.
    """
    with _blamed_on_the_file():
        image: Image.Image = Image.open(source, formats=formats)
        _measure(image)
        image.draft(None, (edge, edge))
        image.load()
        if image.mode.startswith("I"):  # 16 bits a point: Pillow would cut them off, not divide
            image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        elif image.mode == "P":
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        image.thumbnail((edge, edge))
        with suppress(Exception):  # damaged EXIF: the picture stays as it lies
            image = ImageOps.exif_transpose(image)
        return image.convert("RGBA" if image.has_transparency_data else "RGB")


def webp_sizes(data: bytes, *sizes: Pixels) -> tuple[list[bytes], Pixels]:
    """Return the picture as WebP, once within each of ``sizes``, and the pixels of the first.

    It is decoded and encoded again: turned upright, without position or camera data, without
    what might hide behind the picture. Raises PictureError.
    """
    upright = _upright(data, edge=max(max(size) for size in sizes))
    with _blamed_on_the_file():
        copies = [_within(upright, size) for size in sizes]
        return [_webp(copy) for copy in copies], copies[0].size


def card_jpeg(data: bytes, size: Pixels) -> bytes:
    """Return the middle of the picture, exactly ``size``, as JPEG: what link previews show.

    JPEG because messengers fetch it, and not all of them know WebP. Raises PictureError.
    """
    upright = _upright(data, edge=2 * max(size))
    with _blamed_on_the_file():
        ground = Image.new("RGB", upright.size, "white")
        ground.paste(upright, mask=upright if upright.mode == "RGBA" else None)
        out = io.BytesIO()
        cut = ImageOps.fit(ground, size, Image.Resampling.LANCZOS)
        cut.save(out, "JPEG", quality=82, optimize=True, progressive=True)
        return out.getvalue()


def _upright(data: bytes, *, edge: int) -> Image.Image:
    if len(data) > MAX_BYTES:
        raise PictureTooBigError
    return opened(io.BytesIO(data), edge=edge)


@contextmanager
def _blamed_on_the_file() -> Iterator[None]:
    """Pillow raises struct.error, SyntaxError, KeyError, ZeroDivisionError and more on bad files."""
    try:
        yield
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooBigError from error
    except Exception as error:
        logger.info("a picture could not be read: %r", error)
        raise PictureError from error


def _measure(image: Any) -> None:
    """Refuse by the header what would take too much memory."""
    scaled = image.format == "JPEG" and not image.info.get("progressive")
    most = SCALED_PIXELS if scaled else WHOLE_PIXELS.get(image.format, USUAL_PIXELS)
    if image.width * image.height > most:
        raise PictureTooBigError
    if max(image.size) > MOST_STRETCHED * min(image.size):
        raise PictureError


def _within(image: Image.Image, size: Pixels) -> Image.Image:
    copy = image.copy()
    copy.thumbnail(size)
    return copy


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82, method=2)
    return out.getvalue()
