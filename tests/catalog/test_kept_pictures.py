"""A picture that was chosen stays chosen while another field of the form is being mended."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from catalog.kept_models import KeptPicture
from catalog.models import Picture
from catalog.services.kept_pictures import (
    KEPT_FOR,
    find_kept,
    keep_picture,
    sweep_kept_pictures,
    token_of,
    use_kept,
)
from o2o import clock
from tests.backoffice import shown
from tests.factories import cast, make_product

pytestmark = pytest.mark.django_db


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (600, 400), "teal").save(file, "PNG")
    return file.getvalue()


def test_a_refused_product_keeps_its_picture_and_saves_it_the_second_time(client) -> None:
    people = cast()
    product = make_product(stores=[people.store])
    client.force_login(people.owner)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    typed = shown(client.get(page)) | {"pictures-TOTAL_FORMS": "1", "pictures-0-position": "0"}
    upload = SimpleUploadedFile("dish.png", png(), "image/png")
    answer = client.post(page, typed | {"title_en": "", "title_zh": "", "pictures-0-image": upload})
    assert answer.status_code == 200
    assert not product.pictures.exists()
    kept = KeptPicture.objects.get()
    html = answer.content.decode()
    assert kept.small.url in html
    assert f'name="pictures-0-image-kept" value="{token_of(kept)}"' in html

    again = typed | {"title_en": "", "title_zh": "", "pictures-0-image-kept": token_of(kept)}
    assert token_of(kept) in client.post(page, again).content.decode()
    again["title_en"] = "Teal soup"
    assert client.post(page, again).status_code == 302
    picture = product.pictures.get()
    assert (picture.image.name, picture.width, picture.height) == (kept.image.name, 600, 400)
    assert picture.small.storage.exists(picture.small.name)
    assert not KeptPicture.objects.exists()


def test_a_picture_chosen_later_replaces_the_kept_one(client) -> None:
    people = cast()
    product = make_product(stores=[people.store])
    client.force_login(people.owner)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    kept = keep_picture(png())
    typed = shown(client.get(page)) | {
        "pictures-TOTAL_FORMS": "1",
        "pictures-0-position": "0",
        "pictures-0-image-kept": token_of(kept),
        "pictures-0-image": SimpleUploadedFile("other.png", png(), "image/png"),
    }
    assert client.post(page, typed).status_code == 302
    assert product.pictures.get().image.name != kept.image.name


@pytest.mark.parametrize("token", ["", "1", "nonsense:1:2", "\x00"])
def test_a_token_that_we_did_not_write_is_no_picture(token) -> None:
    keep_picture(png())
    assert find_kept(token) is None


def test_a_kept_picture_ends_after_an_hour_and_its_files_are_swept() -> None:
    kept, start = keep_picture(png()), clock.now()
    token = token_of(kept)
    with clock.at(start + KEPT_FOR - dt.timedelta(seconds=5)):
        assert find_kept(token) is not None
        assert sweep_kept_pictures() == 0
    with clock.at(start + KEPT_FOR + dt.timedelta(seconds=5)):
        assert find_kept(token) is None
        assert sweep_kept_pictures() == 0
    names = [kept.image.name, kept.small.name, kept.card.name]
    storage = kept.image.storage
    assert all(storage.exists(name) for name in names)
    with clock.at(start + 2 * KEPT_FOR + dt.timedelta(seconds=5)):
        assert sweep_kept_pictures() == 1
        assert sweep_kept_pictures() == 0
    assert not any(storage.exists(name) for name in names)


def test_the_sweep_leaves_the_files_of_saved_pictures() -> None:
    product = make_product()
    kept = keep_picture(png())
    picture = Picture(product=product)
    use_kept(kept=kept, picture=picture)
    picture.save()
    with clock.at(clock.now() + 3 * KEPT_FOR):
        assert sweep_kept_pictures() == 0
    assert picture.image.storage.exists(picture.image.name)
