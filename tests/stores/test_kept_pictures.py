"""A picture that was chosen stays chosen while another field of the form is being mended."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from kernel import clock
from stores.models import KeptPicture
from stores.services.kept_pictures import (
    KEPT_FOR,
    find_kept,
    keep_picture,
    sweep_kept_pictures,
    token_of,
)
from tests.backoffice import shown
from tests.factories import cast, make_product

pytestmark = pytest.mark.django_db


def png(colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (600, 400), colour).save(file, "PNG")
    return file.getvalue()


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("dish.png", png(), "image/png")


def page_of(kind: str, people: Any) -> tuple[str, str, dict[str, str], Any]:
    """Address, field, what else to send, and how to read the stored picture."""
    if kind == "product":
        product = make_product(stores=[people.store], merchant=people.merchant)
        more = {"pictures-TOTAL_FORMS": "1", "pictures-0-position": "0"}
        address = reverse("admin:catalog_product_change", args=[product.pk])
        return address, "pictures-0-image", more, lambda: [p.image for p in product.pictures.all()]
    row, name = {"store": (people.store, "picture"), "merchant": (people.merchant, "mark")}[kind]
    address = reverse(f"admin:stores_{kind}_change", args=[row.pk])

    def stored() -> list[Any]:
        row.refresh_from_db()
        return [getattr(row, name)] if getattr(row, name) else []

    return address, name, {}, stored


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("product", {"title_en": "", "title_zh": ""}),
        ("store", {"name_en": "", "name_zh": ""}),
        ("merchant", {"name_en": "", "name_zh": ""}),
    ],
)
def test_a_refused_form_keeps_its_picture_and_saves_it_the_second_time(
    client: Client, kind: str, spoil: dict[str, str]
) -> None:
    people = cast()
    client.force_login(people.owner)
    address, field, more, stored = page_of(kind, people)
    typed = shown(client.get(address)) | more
    answer = client.post(address, typed | spoil | {field: upload()})
    assert answer.status_code == 200
    assert not stored()
    token = token_of(KeptPicture.objects.get())
    html = answer.content.decode()
    assert f'name="{field}-kept" value="{token}"' in html
    assert '<img src="data:image/webp;base64,' in html

    again = typed | {f"{field}-kept": token}
    assert token in client.post(address, again | spoil).content.decode()
    assert client.post(address, again).status_code == 302
    (image,) = stored()
    with image.open() as file, Image.open(file) as picture:
        assert picture.size == (600, 400)


@pytest.mark.parametrize("kind", ["product", "store", "merchant"])
def test_a_picture_chosen_later_replaces_the_kept_one(client: Client, kind: str) -> None:
    people = cast()
    client.force_login(people.owner)
    address, field, more, stored = page_of(kind, people)
    token = token_of(keep_picture(png("red")))
    typed = shown(client.get(address)) | more | {f"{field}-kept": token, field: upload()}
    assert client.post(address, typed).status_code == 302
    (image,) = stored()
    with image.open() as file, Image.open(file) as picture:
        colour = picture.convert("RGB").getpixel((300, 200))
    assert isinstance(colour, tuple)
    assert colour[0] < 60


@pytest.mark.parametrize("token", ["", "1", "nonsense:1:2", "\x00"])
def test_a_token_that_we_did_not_write_is_no_picture(token: str) -> None:
    keep_picture(png())
    assert find_kept(token) is None


def test_a_kept_picture_ends_after_an_hour() -> None:
    kept, start = keep_picture(png()), clock.now()
    token = token_of(kept)
    with clock.at(start + KEPT_FOR - dt.timedelta(seconds=5)):
        assert find_kept(token) is not None
        assert sweep_kept_pictures() == 0
    with clock.at(start + KEPT_FOR + dt.timedelta(seconds=5)):
        assert find_kept(token) is None
        assert sweep_kept_pictures() == 1
        assert sweep_kept_pictures() == 0
