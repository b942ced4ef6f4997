"""A product's pictures: stored in two sizes, and cut for link previews."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.files.base import ContentFile, File

from catalog.errors import BadPicture
from catalog.models import Picture, Product
from kernel.bounds import field_problems
from kernel.errors import InvalidInput
from kernel.media.pictures import MAX_BYTES, PictureError, card_jpeg, webp_sizes

LARGE_PIXELS = (1200, 1200)
SMALL_PIXELS = (480, 480)
CARD_PIXELS = (1200, 630)


def add_picture(
    *,
    product: Product,
    content: bytes | File[Any],
    alt_en: str = "",
    alt_zh: str = "",
    position: int = 0,
) -> Picture:
    """Store a picture of the product in its sizes; the lowest ``position`` is the cover.

    The file is decoded and encoded again as WebP: turned upright, at most 1200 pixels, without
    position or camera data. Raises BadPicture when it is no JPEG, PNG or WebP, or too large.
    """
    picture = Picture(product=product, alt_en=alt_en, alt_zh=alt_zh, position=position)
    _fill(picture, content)
    picture.save()
    return picture


def update_picture(
    *, picture: Picture, content: bytes | File[Any] | None = None, **fields: Any
) -> Picture:
    """Change what a picture says and where it stands (alt_en/zh, position), and what it shows.

    ``content`` None keeps the picture's files. Raises InvalidInput, BadPicture.
    """
    for name, value in fields.items():
        setattr(picture, name, value)
    if problems := field_problems(picture, exclude=["image"]):
        raise InvalidInput(fields=problems)
    if content is None:
        picture.save(update_fields=[*fields])
        return picture
    _fill(picture, content)
    picture.save()
    return picture


def remove_picture(*, picture: Picture) -> None:
    """Take a picture off its product; its files stay for pages that are shown meanwhile."""
    picture.delete()


def _fill(picture: Picture, content: bytes | File[Any]) -> None:
    """Give a picture its files and its pixels; the caller saves the row. Raises BadPicture."""
    data = content if isinstance(content, bytes) else content.read(MAX_BYTES + 1)
    try:
        (large, small), pixels = webp_sizes(data, LARGE_PIXELS, SMALL_PIXELS)
        card = card_jpeg(large, CARD_PIXELS)
    except PictureError:
        raise BadPicture from None
    name = secrets.token_hex(8)
    picture.image.save(f"{name}.webp", ContentFile(large), save=False)
    picture.small.save(f"{name}-s.webp", ContentFile(small), save=False)
    picture.card.save(f"{name}-c.jpg", ContentFile(card), save=False)
    picture.width, picture.height = pixels  # Django cannot measure every WebP
