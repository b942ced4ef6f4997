"""A voucher to take along: calendar entry, picture, sheet."""

from __future__ import annotations

import datetime as dt
import io
import time
from typing import Any

import pytest
import zxingcpp
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from PIL import Image

from kernel.clock import at
from kernel.paper import sheets
from kernel.paper.press import Press
from tests.factories import Cast, make_product, make_store
from tests.pdf import read_pdf
from tests.vouchers.counter import moved, sell_one
from vouchers import qr
from vouchers.models import Voucher
from vouchers.paper import calendar, drawn
from vouchers.paper.keepsake import Keepsake, Place, keepsake
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
        title="Tea\r\nBEGIN:VALARM", merchant="M\nATTACH:http://x", code="", qr="",
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


def picture_words(monkeypatch: pytest.MonkeyPatch, taken: Keepsake) -> str:
    """The text of a picture: the same template, drawn as a PDF."""
    monkeypatch.setattr(
        drawn, "draw", lambda name, data, _format, **more: sheets.draw(name, data, "pdf", **more)
    )
    return read_pdf(drawn.draw_picture(taken)).text


@pytest.mark.parametrize(("language", "site"), [("en", "Linli"), ("zh-hans", "邻里")])
def test_how_far_it_is_takes_no_room_from_the_brand_nor_an_address_from_its_name(
    people: Cast, monkeypatch: pytest.MonkeyPatch, language: str, site: str
) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3)
    with translation.override(language):
        taken = keepsake(voucher, [people.store], site=site, url="", language=language)
    taken = taken._replace(
        uses="已取 1/3 件 · 其余在围炉小馆（盐场里店）"
        if language != "en"
        else "1 of 3 collected · the rest is at Ember & Broth, Salt Works",
        places=[Place("Salt Works", "Warehouse 4, 23 Salt Road", "")],
    )
    lines = [line.strip() for line in picture_words(monkeypatch, taken).splitlines()]
    assert site in lines
    assert "Salt Works" in lines
    assert "Warehouse 4, 23 Salt Road" in lines


# The sheet -----------------------------------------------------------------------------


def test_the_sheet_has_as_many_lines_for_a_title_as_there_is_room(
    people: Cast, buyer: Client
) -> None:
    title = f"{'A long name for a hot pot of the harbour ' * 3}with the last word Tamarind"
    for chinese in ("", "蒸饺套餐节假日通用" * 17 + "末"):
        voucher = voucher_of(people, title_en=title[:160], title_zh=chinese)
        content = fetch(buyer, "voucher_sheet", voucher, "zh-hans" if chinese else "en").content
        read = read_pdf(content)
        assert len(read.pages) == 1
        assert ("末" if chinese else "Tamarind") in read.text
        assert read.codes == [qr.payload(voucher)]


def test_the_sheet_says_what_the_page_says(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(
        people,
        title_en="Facial (60 minutes)",
        blackout=[{"weekdays": [6]}],
        notes=[{"en": "Please book \\ a day ahead.", "zh": "请提前一天预约。"}],
    )
    answer = fetch(buyer, "voucher_sheet", voucher)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    read = read_pdf(answer.content)
    assert len(read.pages) == 1 and read.title.startswith("Facial (60 minutes) · ")
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
    assert read.codes == [qr.payload(voucher)]


def test_the_sheet_in_chinese_embeds_what_it_writes(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people, title_en="Dumplings", title_zh="双人蒸饺套餐（节假日通用）")
    content = fetch(buyer, "voucher_sheet", voucher, "zh-hans").content
    assert b"/Lang(zh" in content
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
    read = read_pdf(content)
    assert len(read.pages) == 1
    text = read.text
    assert "Dish number 15" in text and "More stores are on the voucher's page." in text


def test_a_voucher_that_starts_later_says_from_when(people: Cast, buyer: Client) -> None:
    voucher = voucher_of(people)
    later = moved(voucher, valid_from=voucher.created_at + dt.timedelta(days=3))
    assert "Valid from" in read_pdf(fetch(buyer, "voucher_sheet", later).content).text


def test_a_title_with_emoji_is_drawn_with_stand_ins_and_says_so(
    people: Cast, buyer: Client
) -> None:
    voucher = voucher_of(people, title_en="🔥 Ramen 🍜", title_zh="🔥拉面")
    text = " ".join(read_pdf(fetch(buyer, "voucher_sheet", voucher).content).text.split())
    assert (
        "〓 Ramen 〓" in text and "〓 stands for a sign that this typeface does not have." in text
    )


@pytest.mark.parametrize("name", ["voucher_picture", "voucher_sheet"])
def test_a_busy_press_is_a_page_that_says_when_to_come_back(
    people: Cast, buyer: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = voucher_of(people)
    press = Press(wait_seconds=0.05)
    monkeypatch.setattr(sheets, "press", press)
    with press._turn:
        answer = fetch(buyer, name, voucher)
    assert answer.status_code == 503 and answer["Retry-After"]
    assert "Too many sheets are being drawn" in answer.content.decode()
    assert fetch(buyer, name, voucher).status_code == 200
    press.stop()


def test_the_time_on_a_picture_says_that_it_was_saved_then(people: Cast) -> None:
    voucher = voucher_of(people)
    paper = keepsake(voucher, [], site="Linli", url="/", language="en")
    assert paper.drawn.startswith("Saved on ")
