"""Pictures: made small enough for a phone, freed of the camera's private data."""

from __future__ import annotations

import io
import secrets
from typing import Any

from django.core.files.base import ContentFile, File
from PIL import Image, ImageOps, UnidentifiedImageError

from catalog.errors import BadPicture
from catalog.models import Picture, Product

LARGE_PIXELS = (1200, 1200)
SMALL_PIXELS = (480, 480)
MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


def add_picture(
    *,
    product: Product,
    content: bytes | File[Any],
    alt_en: str = "",
    alt_zh: str = "",
    position: int = 0,
) -> Picture:
    """Store a picture of the product in two sizes; the lowest ``position`` is the cover.

    The file is decoded and written anew as WebP: turned upright, at most 1200 pixels, without
    position or camera data. Raises BadPicture when it is no JPEG, PNG or WebP, or too large.
    """
    data = content if isinstance(content, bytes) else content.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadPicture
    large, small, pixels = _renditions(data)
    name = secrets.token_hex(8)
    picture = Picture(product=product, alt_en=alt_en, alt_zh=alt_zh, position=position)
    picture.image.save(f"{name}.webp", ContentFile(large), save=False)
    picture.small.save(f"{name}-s.webp", ContentFile(small), save=False)
    picture.width, picture.height = pixels  # Django cannot measure every WebP
    picture.save()
    return picture


def _renditions(data: bytes) -> tuple[bytes, bytes, tuple[int, int]]:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise BadPicture
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise BadPicture from None
    large, small = _shrunk(upright, LARGE_PIXELS), _shrunk(upright, SMALL_PIXELS)
    return _webp(large), _webp(small), large.size


def _shrunk(image: Image.Image, pixels: tuple[int, int]) -> Image.Image:
    copy = image.copy()
    copy.thumbnail(pixels)
    return copy


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82, method=2)
    return out.getvalue()
