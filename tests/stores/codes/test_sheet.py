"""Codes on paper: each sheet's codes lead where the code leads, in both languages, whatever it is called."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image
from rest_framework.test import APIClient

from catalog.services.pictures import add_picture
from members.services.accounts import issue_token
from stores.codes.errors import CodeClosed
from stores.codes.models import Code
from stores.codes.paper.sheet import Form, draw_sheet
from stores.codes.services import CodeAsked, address_of_code, close_code, make_code
from tests.factories import Cast, cast, make_product, owner_of
from tests.pdf import Read, read_pdf

pytestmark = pytest.mark.django_db

COPIES = {Form.POSTER: 1, Form.TENT: 2, Form.STICKERS: 24, Form.TAGS: 10}
CALLS = {"en": "Scan to see this deal", "zh-hans": "扫码看这个优惠"}


@pytest.fixture
def people() -> Cast:
    return cast()


def photograph(colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), colour).save(out, "JPEG")
    return out.getvalue()


def code_of(people: Cast, *, title: str = "Noodles for two", picture: bool = True) -> Code:
    """A poster of a deal, the deal with a picture."""
    product = make_product(stores=[people.store], title_en=title, title_zh=title)
    if picture:
        add_picture(product=product, content=photograph())
    asked = CodeAsked(
        kind="poster", name="Window", store=people.store, target=f"/products/{product.pk}/"
    )
    return make_code(merchant=people.merchant, asked=asked, by=None)


def sheet(code: Code, form: Form, language: str = "en") -> Read:
    with translation.override(language):
        return read_pdf(draw_sheet(code, form=form, format="pdf", site="Linli"))


def caller(user: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=user)}")
    return client


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", CALLS)
@pytest.mark.parametrize("form", list(Form))
def test_every_code_on_the_page_says_the_address(people: Cast, form: Form, language: str) -> None:
    code = code_of(people)
    read = sheet(code, form, language)
    assert len(read.pages) == 1
    assert read.codes == [address_of_code(code)] * COPIES[form]
    words = squeezed(read.text)
    assert words.count(squeezed("Noodles for two")) == COPIES[form]
    assert words.count(squeezed(CALLS[language])) == COPIES[form]
    assert words.count(f"/q/{code.code}") == COPIES[form]
    assert read.title == "Noodles for two · Linli"


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("picture", [True, False])
@pytest.mark.parametrize("title", ["招牌手工牛肉拉面🍜" * 13, "W" * 120, "An endless menu of " * 6])
def test_a_long_name_stays_on_one_page_with_a_whole_code(
    people: Cast, form: Form, picture: bool, title: str
) -> None:
    code = code_of(people, title=title, picture=picture)
    read = sheet(code, form)
    assert len(read.pages) == 1 and "…" in read.text
    assert all(not _inked_at_the_edges(page) for page in read.pictures)
    assert read.codes == [address_of_code(code)] * COPIES[form]
    assert ("does not have" in read.text) is ("🍜" in title)


def _inked_at_the_edges(page: Image.Image) -> bool:
    """Whether words run over the right edge: what is printed there is at most a picture's or a line's."""
    edge = page.crop((page.width - 12, 0, page.width - 4, page.height))
    return any(edge.histogram()[:90])


def test_the_picture_of_the_deal_is_on_it_cut_by_our_own_hand(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = code_of(people)
    teal, read = (0, 128, 128), Image.open

    def in_the_middle_of_the_picture() -> Any:
        png = draw_sheet(code, form=Form.POSTER, format="png", site="Linli")
        image = read(io.BytesIO(png)).convert("RGB")
        assert image.size == (595, 842)
        return image.getpixel((298, 100))

    assert all(
        abs(one - other) < 6
        for one, other in zip(in_the_middle_of_the_picture(), teal, strict=True)
    )
    monkeypatch.setattr(Image, "open", _damaged)
    assert in_the_middle_of_the_picture() != pytest.approx(teal, abs=6), "a street of arches"


def _damaged(*_args: Any, **_more: Any) -> None:
    raise OSError("damaged")


def test_a_picture_whose_file_is_gone_is_left_out(people: Cast) -> None:
    people.merchant.mark.save("mark.webp", ContentFile(b"no picture"), save=True)
    code = code_of(people)
    picture = people.merchant.products.latest("pk").pictures.get()
    picture.image.storage.delete(str(picture.image.name))
    assert sheet(code, Form.POSTER).codes == [address_of_code(code)]


def test_a_code_without_a_page_of_its_own_says_the_store_and_the_business(people: Cast) -> None:
    asked = CodeAsked(kind="poster", name="Door", store=people.store)
    code = make_code(merchant=people.merchant, asked=asked, by=None)
    words = squeezed(sheet(code, Form.POSTER).text)
    assert squeezed(people.store.name) in words and squeezed(people.merchant.name) in words
    assert squeezed("Scan to see our deals") in words
    asked = CodeAsked(kind="campaign", name="Spring", target="/")
    code = make_code(merchant=None, asked=asked, by=None)
    assert sheet(code, Form.TENT).codes == [address_of_code(code)] * 2


def test_a_closed_code_is_not_printed(people: Cast) -> None:
    code = close_code(code=code_of(people), by=None)
    with pytest.raises(CodeClosed):
        draw_sheet(code, form=Form.POSTER, format="pdf", site="Linli")


def test_the_office_shows_every_form_and_gives_its_pdf(people: Cast) -> None:
    code, client = code_of(people), Client()
    client.force_login(owner_of(people.merchant))
    address = reverse("admin:codes_code_print_here", args=[code.pk])
    page = client.get(address)
    assert page.status_code == 200
    for form in Form:
        assert f'src="?form={form.value}&amp;as=png"' in page.content.decode()
        preview = client.get(address, {"form": form.value, "as": "png"})
        assert preview["Content-Type"] == "image/png"
        assert preview.content.startswith(b"\x89PNG")
        printed = client.get(address, {"form": form.value, "lang": "zh-hans"})
        assert printed["Content-Type"] == "application/pdf"
        assert "no-store" in printed["Cache-Control"]
        assert f"{code.code}-{form.value}.pdf" in printed["Content-Disposition"]
        assert squeezed(CALLS["zh-hans"]) in squeezed(read_pdf(printed.content).text)
    change = reverse("admin:codes_code_change", args=[code.pk])
    assert address in client.get(change).content.decode()
    close_code(code=code, by=None)
    assert address not in client.get(change).content.decode()
    assert client.get(address).status_code == 409


def test_the_api_gives_the_pdf_that_was_asked_for(people: Cast) -> None:
    code, owner = code_of(people), caller(owner_of(people.merchant))
    address = f"/api/v1/codes/{code.pk}/sheet.pdf"
    assert APIClient().get(address).status_code == 401
    for asked, copies in (("", 1), ("?form=tent", 2), ("?form=stickers", 24), ("?form=tags", 10)):
        answer = owner.get(f"{address}{asked}", headers={"accept-language": "en"})
        assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
        assert read_pdf(answer.content).codes == [address_of_code(code)] * copies
    assert owner.get(f"{address}?form=billboard").status_code == 400
    assert caller(people.buyer).get(address).status_code == 404
    close_code(code=code, by=None)
    assert owner.get(address).json()["code"] == "code_closed"


def test_the_business_is_named_once(people: Cast) -> None:
    people.merchant.name_en = "Slack Tide"
    people.merchant.save()
    people.store.name_en = "Slack Tide, Net Shed"
    people.store.save()
    code = code_of(people)
    with translation.override("en"):
        text = read_pdf(draw_sheet(code, form=Form.POSTER, format="pdf", site="Linli")).text
    assert text.count("Slack Tide") == 1
