"""Read a QR code out of a photograph or a camera frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import zxingcpp
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageFilter

from kernel.media.pictures import PictureError, PictureTooBigError, opened
from vouchers import qr
from vouchers.errors import NoCodeInPicture, PictureTooLarge, PictureUnreadable

MAX_BYTES = 8 * 1024 * 1024
_WORKING_EDGE, _FULL_EDGE = 1600, 5000
_BLURS = (1, 2)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


def read_picture(upload: UploadedFile) -> str:
    """Return the text of the QR code in an uploaded picture; of several codes ours.

    The picture is measured before it is unpacked, and read at a small size first. What is
    transparent is read on white, then on black. Stripes of a photographed screen vanish at half
    the size or out of focus. Raises PictureTooLarge (over MAX_BYTES, or of too many pixels),
    PictureUnreadable (not a picture we know) or NoCodeInPicture.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise PictureTooLarge(max_megabytes=MAX_BYTES // (1024 * 1024))
    image = _open(upload)
    foreign = ""
    for view in _views(image):
        text = _decode(view)
        if qr.is_payload(text):
            return text
        foreign = foreign or text
    if not foreign:
        raise NoCodeInPicture
    return foreign


def _views(image: Image.Image) -> Iterator[Image.Image]:
    """The picture in shades of grey, as often as another look may show more."""
    for flat in _flat(image):
        small = flat.copy()
        small.thumbnail((_WORKING_EDGE, _WORKING_EDGE))
        yield small
        yield small.reduce(2)
        for radius in _BLURS:
            yield small.filter(ImageFilter.GaussianBlur(radius))
        if small.size != flat.size:
            yield flat
            yield flat.reduce(2)


def _flat(image: Image.Image) -> Iterator[Image.Image]:
    if not image.has_transparency_data:
        yield image.convert("L")
        return
    layered = image.convert("LA")
    for ground in (255, 0):
        flat = Image.new("L", image.size, ground)
        flat.paste(layered.getchannel("L"), mask=layered.getchannel("A"))
        yield flat


def _open(upload: UploadedFile) -> Image.Image:
    try:
        return opened(upload, edge=_FULL_EDGE, formats=_FORMATS)  # type: ignore[arg-type]
    except PictureTooBigError as error:
        raise PictureTooLarge(max_megabytes=MAX_BYTES // (1024 * 1024)) from error
    except PictureError as error:
        raise PictureUnreadable from error


def _decode(image: Image.Image) -> str:
    kinds: Any = zxingcpp.BarcodeFormat.QRCode
    texts = [barcode.text for barcode in zxingcpp.read_barcodes(image, formats=kinds)]
    return max(texts, key=qr.is_payload, default="")
