"""Codes in photographs: read on the server, with limits."""

from __future__ import annotations

import io

import pytest
import qrcode
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


def upload(image: Image.Image, kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    image.save(out, kind)
    return SimpleUploadedFile(f"picture.{kind.lower()}", out.getvalue())


def foreign_code() -> Image.Image:
    code = qrcode.QRCode(box_size=8, border=4)
    code.add_data("https://pay.example/till/7")
    return code.make_image().get_image().convert("RGB")


@pytest.mark.parametrize("ours_first", [True, False])
def test_of_several_codes_in_a_picture_ours_is_taken(ours_first: bool) -> None:
    ours = Image.open(io.BytesIO(qr.png(VOUCHER))).convert("RGB")
    pair = [ours, foreign_code()] if ours_first else [foreign_code(), ours]
    table = Image.new("RGB", (1400, 700), "white")
    for place, code in enumerate(pair):
        table.paste(code, (60 + place * 700, 80))
    assert pictures.read_picture(upload(table)) == qr.payload(VOUCHER)


def test_a_foreign_code_alone_is_read_as_it_is() -> None:
    assert pictures.read_picture(upload(foreign_code())) == "https://pay.example/till/7"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("ink", ["black", "white"])
def test_a_code_on_transparency_is_read_on_white_and_on_black(kind: str, ink: str) -> None:
    dark = Image.open(io.BytesIO(qr.png(VOUCHER))).convert("L")
    if ink == "black":  # dark squares are drawn, light ones are holes
        alpha, colour = dark.point(lambda value: 255 - value), 0
    else:  # light squares are drawn, dark ones are holes
        alpha, colour = dark, 255
    picture = Image.merge("LA", (Image.new("L", dark.size, colour), alpha)).convert("RGBA")
    assert pictures.read_picture(upload(picture, kind)) == qr.payload(VOUCHER)


@pytest.mark.parametrize("every", [2, 3, 4])
@pytest.mark.parametrize("scale", [4, 6])
def test_a_picture_of_a_striped_screen_is_read(every: int, scale: int) -> None:
    code = Image.open(io.BytesIO(qr.png(VOUCHER, scale=scale))).convert("L")
    screen = Image.new("L", (code.width + 200, code.height + 200), 160)
    screen.paste(code, (100, 100))
    for row in range(0, screen.height, every):
        stripe = screen.crop((0, row, screen.width, row + 1)).point(lambda value: value // 2)
        screen.paste(stripe, (0, row))
    assert pictures.read_picture(upload(screen)) == qr.payload(VOUCHER)


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
