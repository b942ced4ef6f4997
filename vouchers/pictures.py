"""Read a QR code out of a photograph or a camera frame."""

from __future__ import annotations

import io
from typing import IO, Any

import zxingcpp
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, UnidentifiedImageError

from vouchers.errors import NoCodeInPicture, PictureTooLarge, PictureUnreadable

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 50_000_000
_WORKING_EDGE = 1600
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


def read_picture(upload: UploadedFile) -> str:
    """Return the text of the QR code in an uploaded picture.

    The picture is measured before it is unpacked, and read at a small size first. Raises
    PictureTooLarge (over MAX_BYTES or MAX_PIXELS), PictureUnreadable (not a picture we
    know) or NoCodeInPicture.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise PictureTooLarge(max_megabytes=MAX_BYTES // (1024 * 1024))
    image = _open(upload)
    small = image.copy()
    small.thumbnail((_WORKING_EDGE, _WORKING_EDGE))
    text = _decode(small) or (_decode(image) if small.size != image.size else "")
    if not text:
        raise NoCodeInPicture
    return text


def decode_bytes(content: bytes) -> str:
    """The text of the QR code in a picture we made ourselves; "" without one."""
    return _decode(Image.open(io.BytesIO(content), formats=_FORMATS).convert("L"))


def _open(upload: IO[bytes] | UploadedFile) -> Image.Image:
    try:
        image = Image.open(upload, formats=_FORMATS)  # type: ignore[arg-type]
        if image.width * image.height > MAX_PIXELS:
            raise PictureTooLarge(max_megabytes=MAX_BYTES // (1024 * 1024))
        return image.convert("L")
    except PictureTooLarge:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureUnreadable from error
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(max_megabytes=MAX_BYTES // (1024 * 1024)) from error


def _decode(image: Image.Image) -> str:
    kinds: Any = zxingcpp.BarcodeFormat.QRCode
    for barcode in zxingcpp.read_barcodes(image, formats=kinds):
        if barcode.text:
            return str(barcode.text)
    return ""
