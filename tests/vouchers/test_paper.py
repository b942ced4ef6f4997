"""A voucher to take along: calendar entry, picture, sheet."""

from __future__ import annotations

import datetime as dt
import io
import time
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from noto_cjk import otc_path
from PIL import Image

from kernel.clock import at
from tests.factories import Cast, make_product, make_store
from tests.vouchers.counter import moved, sell_one
from tests.vouchers.pdf import draw_boxes, read_pdf
from vouchers import qr
from vouchers.models import Voucher
from vouchers.paper import calendar
from vouchers.paper.cff import CFF
from vouchers.paper.fonts import Face, clean
from vouchers.paper.keepsake import Keepsake, Place, keepsake
from vouchers.paper.wrap import wrap
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import refund_voucher

FILES = ("voucher_calendar", "voucher_picture", "voucher_sheet")


@pytest.fixture
def buyer(people: Cast) -> Client:
    client = Client()
    client.force_login(people.buyer)
    return client


def voucher_of(people: Cast, **fields: Any) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def fetch(client: Client, name: str, voucher: Voucher, language: str = "en") -> Any:
    return client.get(reverse(name, args=[voucher.pk]), headers={"accept-language": language})


def decoded(image: Image.Image) -> str:
    return zxingcpp.read_barcodes(image)[0].text


# Who and when --------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_only_the_owner_gets_the_file_and_no_cache_keeps_it(
    people: Cast, buyer: Client, name: str
) -> None:
    voucher = voucher_of(people)
    answer = fetch(buyer, name, voucher)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    stranger = Client()
    stranger.force_login(people.stranger)
    assert fetch(stranger, name, voucher).status_code == 404
    assert fetch(Client(), name, voucher)["Location"].startswith(reverse("login"))
    assert buyer.post(reverse(name, args=[voucher.pk])).status_code == 405


@pytest.mark.parametrize("name", FILES)
def test_a_spent_voucher_gives_no_file_but_a_page_that_says_so(
    people: Cast, buyer: Client, name: str
) -> None:
    used, back, over = (voucher_of(people) for _each in range(3))
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=used.code)
    refund_voucher(owner=people.buyer, voucher_id=back.pk)
    with at(over.valid_until + dt.timedelta(seconds=1)):
        answers = [fetch(buyer, name, voucher) for voucher in (used, back, over)]
        page = buyer.get(reverse("voucher_detail", args=[over.pk])).content.decode()
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert all("nothing to save" in answer.content.decode() for answer in answers)
    assert reverse(name, args=[over.pk]) not in page


def test_the_page_of_a_usable_voucher_offers_all_three(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people)
    page = buyer.get(reverse("voucher_detail", args=[voucher.pk])).content.decode()
    assert all(reverse(name, args=[voucher.pk]) in page for name in FILES)
    assert "Turn the brightness up" in page


@pytest.mark.parametrize("name", FILES)
def test_a_file_costs_few_queries_and_little_time(people: Cast, buyer: Client, name: str) -> None:
    voucher = voucher_of(people)
    for _store in range(9):
        make_store(merchant=people.merchant)
    fetch(buyer, name, voucher)
    with CaptureQueriesContext(connection) as queries:
        before = time.process_time()
        fetch(buyer, name, voucher)
        spent = time.process_time() - before
    assert len(queries) <= 6
    assert spent < 0.3, "100 ms on a quiet machine; three times that is a mistake"


# The calendar --------------------------------------------------------------------------


def unfolded(content: bytes) -> list[str]:
    assert content.endswith(b"\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    return content.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_the_calendar_entry_is_the_whole_last_day(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people, title_en="Tea; cakes, and\\or scones", validity_days=30)
    answer = fetch(buyer, "voucher_calendar", voucher)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    lines = unfolded(answer.content)
    following = voucher.last_day + dt.timedelta(days=1)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    assert f"DTSTART;VALUE=DATE:{voucher.last_day:%Y%m%d}" in lines
    assert f"DTEND;VALUE=DATE:{following:%Y%m%d}" in lines
    assert "SUMMARY:Last day: Tea\\; cakes\\, and\\\\or scones" in lines
    assert f"UID:voucher-{voucher.pk}@127.0.0.1" in lines
    assert voucher.code not in answer.content.decode(), "calendars are shared"
    assert any(line.startswith("TRIGGER:-P") for line in lines)


def test_long_chinese_lines_are_folded_between_characters(people: Cast, buyer: Client) -> None:
    title = "双人蒸饺套餐" * 20
    voucher = voucher_of(people, title_zh=title)
    lines = unfolded(fetch(buyer, "voucher_calendar", voucher, "zh-hans").content)
    assert any(line.startswith("SUMMARY:") and title in line for line in lines)


def test_a_line_break_in_a_name_starts_no_line_of_its_own() -> None:
    shown = Keepsake(
        voucher_id=1, site="Shop", url="https://shop.example/vouchers/1/", language="en",
        title="Tea\r\nBEGIN:VALARM", merchant="M\nATTACH:http://x", code="", qr=[],
        last_day=dt.date(2026, 2, 28), valid="", uses="", order="", price="", lines=[],
        places=[Place("Shop, Harbour", "1 Quay", "")], more_places="", drawn="", keep_private="",
    )  # fmt: skip
    lines = unfolded(calendar.entry(shown))
    assert lines.count("BEGIN:VALARM") == 1
    assert not [line for line in lines if line.startswith("ATTACH")]
    assert "LOCATION:Shop\\, Harbour\\, 1 Quay" in lines
    assert "DTEND;VALUE=DATE:20260301" in lines


# The picture ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_picture_carries_the_code_that_the_counter_reads(
    people: Cast, buyer: Client, language: str
) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3, title_zh="三次卡" * 20)
    answer = fetch(buyer, "voucher_picture", voucher, language)
    assert answer["Content-Type"] == "image/png"
    assert len(answer.content) < 200_000
    image = Image.open(io.BytesIO(answer.content))
    assert image.width == 1080 and image.height > image.width
    assert decoded(image.convert("L")) == qr.payload(voucher)
    small = image.convert("L").resize((image.width // 3, image.height // 3))
    assert decoded(small) == qr.payload(voucher), "a phone shows it this small"


def test_the_picture_speaks_the_language_of_the_reader(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people, title_en="Facial", title_zh="面部护理")
    pictures = {
        language: fetch(buyer, "voucher_picture", voucher, language).content
        for language in ("en", "zh-hans")
    }
    assert pictures["en"] != pictures["zh-hans"]


# The sheet -----------------------------------------------------------------------------


def test_the_sheet_says_what_the_page_says(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(
        people,
        title_en="Facial (60 minutes)",
        blackout=[{"weekdays": [6]}],
        notes=[{"en": "Please book \\ a day ahead.", "zh": "请提前一天预约。"}],
    )
    answer = fetch(buyer, "voucher_sheet", voucher)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-") and answer.content.count(b"/Type /Page\n") == 1
    read = read_pdf(answer.content)
    for text in (
        "Facial (60 minutes)",
        people.merchant.name,
        f"{voucher.code[:4]} {voucher.code[4:8]} {voucher.code[8:]}",
        "Not on Sunday.",
        "Please book \\ a day ahead.",
        people.store.name,
        people.other_store.name,
        f"Order {voucher.order_number}",
    ):
        assert text in read.text
    assert decoded(draw_boxes(read.boxes)) == qr.payload(voucher)


def test_the_sheet_in_chinese_embeds_what_it_writes(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people, title_en="Dumplings", title_zh="双人蒸饺套餐（节假日通用）")
    content = fetch(buyer, "voucher_sheet", voucher, "zh-hans").content
    assert b"/FontFile3" in content and b"/CIDFontType0C" in content
    assert b"/Lang (zh-hans)" in content
    assert len(content) < 100_000, "a subset, not sixteen megabytes of font"
    with translation.override("zh-hans"):
        expected = translation.gettext("Where it can be used")
    text = read_pdf(content).text
    assert "双人蒸饺套餐" in text and expected in text


def test_however_much_there_is_to_say_it_stays_one_page(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(
        people,
        title_en=("A very long title of a deal " * 6).strip()[:120],
        included=[{"name_en": f"Dish number {n}", "name_zh": "", "quantity": 2} for n in range(16)],
        blackout=[{"weekdays": [day]} for day in range(5)],
    )
    for _store in range(8):
        make_store(merchant=people.merchant, address_en="A rather long address, " * 4)
    content = fetch(buyer, "voucher_sheet", voucher).content
    assert content.count(b"/Type /Page\n") == 1
    text = read_pdf(content).text
    assert "Dish number 15" in text and "More stores are on the voucher's page." in text


# Type ----------------------------------------------------------------------------------


def test_a_subset_holds_the_outlines_of_the_font() -> None:
    face = Face(Path(otc_path("sans")), 2)
    glyphs = [face.glyph(ord(char)) for char in "券Q8¥。"]
    assert 0 not in glyphs
    subset = CFF(face.outlines.subset(glyphs, name="ABCDEF+Test"))
    again = CFF(subset.subset([1, 2, 3, 4, 5], name="ABCDEF+Test"))
    for number, glyph in enumerate(glyphs, 1):
        local = face.outlines._privates[face.outlines._font_of(glyph)][1]
        ours = subset._glyphs[number]
        assert ours == face.outlines._flat(glyph, local) == again._glyphs[number]
    assert face.glyph(0x10FFFF) == 0


def test_lines_break_as_typesetters_break_them() -> None:
    assert wrap("one two three", 8, len) == ["one two", "three"]
    assert wrap("双人蒸饺，套餐", 4, len) == ["双人蒸", "饺，套餐"]
    assert wrap("abcdefghij", 4, len) == ["abcd", "efgh", "ij"]
    assert wrap("one two three four", 9, len, most=1) == ["one two…"]
    assert wrap("", 9, len) == []


def test_a_voucher_that_starts_later_says_from_when(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people)
    later = moved(voucher, valid_from=voucher.created_at + dt.timedelta(days=3))
    assert "Valid from" in read_pdf(fetch(buyer, "voucher_sheet", later).content).text


# What the face lacks ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "drawn"),
    [
        ("🔥 Ramen 🍜 for two", "Ramen for two"),
        ("牛肉面🍜套餐", "牛肉面套餐"),
        ("👩\u200d🍳 Chef's menu \U0001f44d\U0001f3fd", "Chef's menu"),
        ("Café · 烧烤 ★", "Café · 烧烤 ★"),
    ],
)
def test_signs_that_the_face_lacks_are_left_out(title: str, drawn: str) -> None:
    assert clean(title) == drawn


def test_a_title_with_emoji_is_drawn_without_crossed_boxes(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people, title_en="🔥 Ramen 🍜", title_zh="🔥拉面")
    text = " ".join(read_pdf(fetch(buyer, "voucher_sheet", voucher).content).text.split())
    assert "Ramen" in text and "🔥" not in text and "🍜" not in text


def test_the_time_on_a_picture_says_that_it_was_saved_then(people: Cast) -> None:
    voucher = voucher_of(people)
    paper = keepsake(voucher, [], site="Linli", url="/", language="en")
    assert paper.drawn.startswith("Saved on ")
