"""Codes in photographs: read on the server, with limits."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageFilter

from vouchers import errors, pictures, qr
from vouchers.models import Voucher

VOUCHER = Voucher(pk=77, qr_version=1)


def photograph(
    *, angle: int = 0, size: tuple[int, int] = (2400, 1800), blur: float = 1.2, kind: str = "JPEG"
) -> SimpleUploadedFile:
    """The QR on a grey table, turned, a little out of focus."""
    table = Image.new("RGB", size, (128, 120, 110))
    code = Image.open(io.BytesIO(qr.png(VOUCHER, scale=14))).convert("RGB")
    code = code.rotate(angle, expand=True, fillcolor=(128, 120, 110))
    table.paste(code, ((size[0] - code.width) // 2, (size[1] - code.height) // 3))
    out = io.BytesIO()
    table.filter(ImageFilter.GaussianBlur(blur)).save(out, kind)
    return SimpleUploadedFile(f"photo.{kind.lower()}", out.getvalue())


@pytest.mark.parametrize("angle", [0, 17, 90, 180])
def test_a_photograph_is_read_from_any_angle(angle: int) -> None:
    assert pictures.read_picture(photograph(angle=angle)) == qr.payload(VOUCHER)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_usual_kinds_of_pictures_are_read(kind: str) -> None:
    assert pictures.read_picture(photograph(kind=kind)) == qr.payload(VOUCHER)


def test_a_small_code_in_a_large_picture_is_found() -> None:
    assert pictures.read_picture(photograph(size=(5000, 5000), blur=0.5)) == qr.payload(VOUCHER)


def test_a_picture_without_a_code_says_so() -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")
    with pytest.raises(errors.NoCodeInPicture):
        pictures.read_picture(SimpleUploadedFile("white.png", out.getvalue()))


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(errors.PictureUnreadable):
        pictures.read_picture(SimpleUploadedFile("x.png", content))


def test_a_large_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_BYTES", 1000)
    with pytest.raises(errors.PictureTooLarge):
        pictures.read_picture(photograph())


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    Image.new("1", (8_000, 7_000)).save(out, "PNG")
    assert len(out.getvalue()) < pictures.MAX_BYTES
    with pytest.raises(errors.PictureTooLarge):
        pictures.read_picture(SimpleUploadedFile("bomb.png", out.getvalue()))
