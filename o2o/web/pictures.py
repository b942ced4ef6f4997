"""Uploaded pictures, made small enough for a phone and freed of the camera's private data."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
Pixels = tuple[int, int]


class PictureError(ValueError):
    """What was uploaded is no JPEG, PNG or WebP, or is too large."""


def webp_sizes(data: bytes, *sizes: Pixels) -> tuple[list[bytes], Pixels]:
    """Return the picture as WebP, once within each of ``sizes``, and the pixels of the first.

    It is decoded and written anew: turned upright, without position or camera data, without
    what might hide behind the picture. Raises PictureError.
    """
    if len(data) > MAX_BYTES:
        raise PictureError
    upright = _upright(data)
    copies = [_within(upright, size) for size in sizes]
    return [_webp(copy) for copy in copies], copies[0].size


def card_jpeg(data: bytes, size: Pixels) -> bytes:
    """Return the middle of the picture, exactly ``size``, as JPEG: what link previews show.

    JPEG because messengers fetch it, and not all of them know WebP. Raises PictureError.
    """
    if len(data) > MAX_BYTES:
        raise PictureError
    upright = _upright(data)
    ground = Image.new("RGB", upright.size, "white")
    ground.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    out = io.BytesIO()
    cut = ImageOps.fit(ground, size, Image.Resampling.LANCZOS)
    cut.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def _upright(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PictureError
            turned = ImageOps.exif_transpose(opened)
            return turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    except PictureError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise PictureError from None


def _within(image: Image.Image, size: Pixels) -> Image.Image:
    copy = image.copy()
    copy.thumbnail(size)
    return copy


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82, method=2)
    return out.getvalue()
