"""Every upload that is a picture, or says it is one: measured first, and never an error of ours."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from kernel.media.pictures import PictureError, PictureTooBigError, card_jpeg, opened, webp_sizes
from tests.factories import cast, make_product

SIZE = (1200, 1200)


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def plain(kind: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB") -> bytes:
    return written(Image.new(mode, size, 1), kind)


def png_of(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises ``width`` × ``height`` points."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


DAMAGED_EXIF = [
    b"Exif\x00\x00II*\x00\xff\xff\xff\x7f",
    b"Exif\x00\x00" + b"\xff" * 40,
    b"MM",
    b"\x00",
]
NO_PICTURES = {
    "empty": b"",
    "text": b"hello",
    "svg": b"<svg onload=alert(1)>",
    "pdf": b"%PDF-1.7",
    "cut JPEG": plain("JPEG")[:200],
    "cut PNG": plain("PNG", (900, 900))[:120],
    "cut WebP": plain("WEBP")[:30],
    "a line": plain("PNG", (65_536, 1)),
    "a column": plain("PNG", (1, 30_000)),
    "no width": png_of(0, 5),
    "promised": png_of(4_000, 4_000),
    "endless": png_of(2**31 - 1, 2**31 - 1),
    "WebP of nothing": b"RIFF\x04\x00\x00\x00WEBP",
    "JPEG of nothing": b"\xff\xd8\xff\xd9",
    "PNG with a bad length": b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR",
}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_refused_in_one_way(name: str) -> None:
    for read in (
        lambda: webp_sizes(NO_PICTURES[name], SIZE),
        lambda: card_jpeg(NO_PICTURES[name], SIZE),
    ):
        with pytest.raises(PictureError):
            read()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("exif", DAMAGED_EXIF)
def test_a_picture_with_damaged_camera_data_is_a_picture(kind: str, exif: bytes) -> None:
    data = written(Image.new("RGB", (300, 200), "red"), kind, exif=exif)
    assert webp_sizes(data, SIZE)[1] == (300, 200)


def test_a_picture_that_lies_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    for kind in ("JPEG", "PNG", "WEBP"):
        data = written(Image.new("RGB", (2000, 1000), "red"), kind, exif=exif)
        assert webp_sizes(data, SIZE)[1] == (600, 1200)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_way_to_write_colours_is_read(mode: str) -> None:
    data = plain("JPEG" if mode == "CMYK" else "PNG", (300, 200), mode)
    assert webp_sizes(data, SIZE)[1] == (300, 200)
    assert card_jpeg(data, SIZE)[:2] == b"\xff\xd8"


def test_sixteen_bits_are_divided_and_not_cut_off() -> None:
    grey = Image.new("I;16", (50, 50), 128 * 256)
    image = opened(io.BytesIO(written(grey, "PNG")), edge=100)
    assert abs(image.getpixel((25, 25))[0] - 128) <= 1


def test_of_a_film_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("red", "blue", "green")]
    for kind in ("PNG", "WEBP"):
        data = written(frames[0], kind, save_all=True, append_images=frames[1:])
        red, _green, blue = opened(io.BytesIO(data), edge=300).getpixel((5, 5))
        assert red > 200 > 50 > blue


@pytest.mark.parametrize(
    ("kind", "size"), [("PNG", (5_001, 5_000)), ("WEBP", (4_000, 3_001)), ("PNG", (30_000, 2_000))]
)
def test_too_many_points_are_refused_by_the_header(kind: str, size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooBigError):
        opened(io.BytesIO(plain(kind, size, "L")), edge=300)


def test_a_progressive_picture_is_unpacked_whole_and_so_bounded_lower() -> None:
    image = Image.new("L", (6_000, 4_000))
    with pytest.raises(PictureTooBigError):
        opened(io.BytesIO(written(image, "JPEG", progressive=True)), edge=300)
    assert opened(io.BytesIO(written(image, "JPEG")), edge=300).size == (300, 200)


COST = """
import io, resource, sys
from PIL import Image
from kernel.media.pictures import webp_sizes
data = sys.stdin.buffer.read()
webp_sizes(written_small := data[:0] or open(sys.argv[1], "rb").read(), (1200, 1200))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
webp_sizes(data, (1200, 1200), (480, 480))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(
    ("kind", "size"),
    [("JPEG", (8_660, 5_774)), ("PNG", (5_000, 5_000)), ("WEBP", (4_000, 3_000))],
)
def test_the_largest_picture_costs_a_bounded_amount_of_memory(
    kind: str, size: tuple[int, int], tmp_path
) -> None:
    """50 megapixels of a phone fit into some 100 KiB of JPEG; unpacked they would take 200 MiB."""
    small = tmp_path / "small"
    small.write_bytes(plain("JPEG"))
    image = Image.new("RGBA" if kind == "PNG" else "RGB", size, 1)
    done = subprocess.run(
        [sys.executable, "-c", COST, str(small)],
        input=written(image, kind),
        capture_output=True,
        check=True,
    )
    assert int(done.stdout) < 130, done.stdout


@pytest.mark.django_db
@pytest.mark.parametrize("name", NO_PICTURES)
def test_the_counter_says_what_is_wrong_with_a_picture(client: Client, name: str) -> None:
    people = cast()
    client.force_login(people.clerk)
    upload = SimpleUploadedFile("code.png", NO_PICTURES[name])
    address = reverse("console_preview", args=[people.store.pk])
    answer = client.post(address, {"picture": upload})
    assert 400 <= answer.status_code < 500
    assert b"picture" in answer.content
    frame = SimpleUploadedFile("code.png", NO_PICTURES[name])
    address = reverse("console_decode", args=[people.store.pk])
    assert client.post(address, {"picture": frame}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", NO_PICTURES)
def test_a_merchant_reads_it_at_the_field_and_keeps_the_rest(client: Client, name: str) -> None:
    people = cast()
    product = make_product(stores=[people.store])
    client.force_login(people.owner)
    address = reverse("admin:catalog_product_change", args=[product.pk])
    fields = client.get(address).context["adminform"].form
    assert fields is not None
    prefix = "pictures"
    data = {
        f"{prefix}-TOTAL_FORMS": "1",
        f"{prefix}-INITIAL_FORMS": "0",
        f"{prefix}-0-image": SimpleUploadedFile("dish.png", NO_PICTURES[name]),
        f"{prefix}-0-alt_en": "The alternative text stays",
        "title_en": "The title stays",
    }
    answer = client.post(address, data)
    assert answer.status_code == 200
    assert b"The title stays" in answer.content
    assert not product.pictures.exists()
