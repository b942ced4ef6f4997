"""What a merchant types in lines of text is read whole, or refused with the line and the reason."""

from __future__ import annotations

import contextlib
import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from catalog.blackout_text import format_blackout, parse_blackout
from catalog.terms_text import (
    format_included,
    parse_included,
    parse_notes,
    parse_provenance,
)

WORKDAYS = [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("Tue-Thu 17:30-19:00", [{"weekdays": [1, 2, 3], "start": "17:30", "end": "19:00"}]),
        ("Mondays to Fridays", [{"weekdays": WORKDAYS}]),
        ("Fri–Mon", [{"weekdays": [0, 4, 5, 6]}]),
        ("Saturday and Sunday", [{"weekdays": [5, 6]}]),
        ("Mon,Tue；Weds", [{"weekdays": [0, 1, 2]}]),
        ("周二至周四", [{"weekdays": [1, 2, 3]}]),
        ("周一至五", [{"weekdays": WORKDAYS}]),
        ("星期五、六", [{"weekdays": [4, 5]}]),
        ("礼拜天", [{"weekdays": [6]}]),
        (
            "周三到周四、周日 ２２：００～０２：００",
            [{"weekdays": [2, 3, 6], "start": "22:00", "end": "02:00"}],
        ),
        ("周六日11:00-14:00", [{"weekdays": [5, 6], "start": "11:00", "end": "14:00"}]),
        ("周末 18:00-24:00", [{"weekdays": [5, 6], "start": "18:00", "end": "24:00"}]),
        (
            "Sat 11:00-14:00 17:00-21:00",
            [
                {"weekdays": [5], "start": "11:00", "end": "14:00"},
                {"weekdays": [5], "start": "17:00", "end": "21:00"},
            ],
        ),
        ("2027-02-06至2027-02-12", [{"from": "2027-02-06", "to": "2027-02-12"}]),
        ("2027年5月1日", [{"from": "2027-05-01", "to": "2027-05-01"}]),
        ("daily 12:00-13:00", [{"start": "12:00", "end": "13:00"}]),
        ("11:30-13:30, Mon and Tue", [{"weekdays": [0, 1], "start": "11:30", "end": "13:30"}]),
        ("Fri -09:00", [{"weekdays": [4], "end": "09:00"}]),
    ],
)
def test_a_blackout_line_is_read_whole(line, rules) -> None:
    assert parse_blackout(line) == rules
    assert parse_blackout(format_blackout(rules)) == rules


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Monsoon season", "monsoon"),
        ("Sunset hours", "sunset"),
        ("Wed-dings", "-dings"),
        ("Mon-Fri except Wed", "except"),
        ("Mon-Wed-Fri", "-fri"),
        ("Tue 12:00", "12:00"),
        ("11:00-13:00-15:00", "-15:00"),
        ("节假日", "节假日"),
        ("5月1日", "5月1日"),
        ("周八", "周八"),
        ("2027-02-29", "there is no day 2027-02-29"),
        ("2027-02-12..2027-02-06", "before the first"),
        ("Sat 25:00-26:00", "there is no time 25:00"),
        ("Sat 10:00-10:00", "ends at the time"),
        ("9999-12-31", "too far"),
        ("every day", "no weekday"),
        ("Tue-Thu 11:30-13:30 Sat 17:00-19:00", "line of their own"),
        ("周一至周四11:30-13:30周日17:00-20:00", "line of their own"),
        ("Mon-Fri 11:30-13:30; Sun", "line of their own"),
        ("11:30-13:30 Mon 17:00-19:00", "line of their own"),
        ("2027-02-06 18:00-21:00 2027-02-14", "line of their own"),
        ("Sat 18:00-21:00 2027-02-14..2027-02-15", "line of their own"),
    ],
)
def test_a_blackout_line_half_understood_is_refused_with_its_reason(line, reason) -> None:
    with pytest.raises(ValidationError) as refusal:
        parse_blackout(f"Mon\n{line}")
    (message,) = refusal.value.messages
    assert message.startswith("Line 2:")
    assert reason in message
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refusal:
        parse_blackout(line)
    assert refusal.value.messages[0].startswith("第1行")


def test_every_line_to_mend_is_named_at_once() -> None:
    with pytest.raises(ValidationError) as refusal:
        parse_blackout("Someday\nSat\nNoday")
    assert [message[:6] for message in refusal.value.messages] == ["Line 1", "Line 3"]


def line(
    name_en: str = "", name_zh: str = "", quantity: int = 1, value_fen: int | None = None
) -> dict:
    return {"name_en": name_en, "name_zh": name_zh, "quantity": quantity, "value_fen": value_fen}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3 × Tea | 茶 | 12.50", line("Tea", "茶", 3, 1250)),
        ("3 x Tea", line("Tea", "", 3)),
        ("3x Tea", line("Tea", "", 3)),
        ("3 x 茶", line("茶", "", 3)),
        ("3 * Tea", line("Tea", "", 3)),
        ("3×茶", line("茶", "", 3)),
        ("２ｘ 茶", line("茶", "", 2)),
        ("2 × 500 ml Beer", line("500 ml Beer", "", 2)),
        ("1 × 4x4 tour | 越野车游", line("4x4 tour", "越野车游")),
        ("2XL shirt", line("2XL shirt")),
        ("5 Xylophones", line("5 Xylophones")),
        ("WD-40", line("WD-40")),
        ("Vitamin B12 | 维生素B12", line("Vitamin B12", "维生素B12")),
        ("Room 101 | 101号房 | 0", line("Room 101", "101号房", value_fen=0)),
        ("2 Xiaolongbao baskets | 小笼包 | 30", line("2 Xiaolongbao baskets", "小笼包", 1, 3000)),
        ("1 X-ray scan | 透视", line("1 X-ray scan", "透视")),
        ("２ ＊ 饺子｜水饺｜¥３６", line("饺子", "水饺", 2, 3600)),
        ("Tea | 12.50元", line("Tea", "", 1, 1250)),
        ("Beer 500 ml | 啤酒 500ml", line("Beer 500 ml", "啤酒 500ml")),
        ("7天无理由退换", line("7天无理由退换")),
    ],
)
def test_an_included_line_keeps_the_name_that_was_typed(text, read) -> None:
    assert parse_included(text) == [read]
    assert parse_included(format_included([read])) == [read]


@pytest.mark.parametrize(
    "text",
    [
        "红烧牛肉面 3份 45元",
        "红烧牛肉面 3份",
        "Noodles ¥45",
        "Noodles x2",
        "Noodles ×2 | 面",
        "面 | Noodles 45 yuan",
        "3 × Tea | 茶 | twelve",
        "Latte 28.50",
        "Latte 28",
        "豆浆8",
        "豆浆（8）",
        "Soy milk | 豆浆 8",
        "Soy milk 8 | 豆浆",
        "Latte28.50",
        "Latte $4",
        "1 × 36",
        "Tea | 茶 | 1.234",
        " | | 5",
    ],
)
def test_a_quantity_or_price_inside_a_name_is_never_worth_nothing(text) -> None:
    with pytest.raises(ValidationError) as refusal:
        parse_included(f"Tea\n{text}")
    assert all(message.startswith("Line 2:") for message in refusal.value.messages)


@pytest.mark.parametrize(
    ("text", "quantity", "name"),
    [
        ("6X望远镜", "6 × 望远镜", "1 × 6X望远镜"),
        ("6x望远镜", "6 × 望远镜", "1 × 6x望远镜"),
        ("５Ｘ望远镜", "５ × 望远镜", "1 × ５X望远镜"),
        ("4*海鲜自助", "4 × 海鲜自助", "1 × 4*海鲜自助"),
        ("5* hotel night", "5 × hotel night", "1 × 5* hotel night"),
        ("3 x 4 m tent", "3 × 4 m tent", "1 × 3 x 4 m tent"),
        ("4*4 puzzle", "4 × 4 puzzle", "1 × 4*4 puzzle"),
        ("4×4越野", "4 × 4越野", "1 × 4×4越野"),
        ("2x“Tea”", "2 × “Tea”", "1 × 2x“Tea”"),
    ],
)
def test_what_may_be_a_quantity_or_a_name_is_asked_back(text, quantity, name) -> None:
    with pytest.raises(ValidationError) as refusal:
        parse_included(f"Tea\n{text}")
    (message,) = refusal.value.messages
    assert message.startswith("Line 2 ")
    assert quantity in message
    assert name in message
    (read,) = parse_included(quantity)  # both ways out are read as they say
    assert read["quantity"] > 1
    (read,) = parse_included(name)
    assert (read["quantity"], read["name_en"]) == (1, name.removeprefix("1 × "))


@pytest.mark.parametrize("digits", ["0", "12345", "9" * 30, "8" * 400])
@pytest.mark.parametrize("sign", [" × ", " x ", " * "])
def test_a_quantity_that_nobody_sells_is_refused_with_its_line(digits, sign) -> None:
    with pytest.raises(ValidationError) as refusal:
        parse_included(f"Tea\n{digits}{sign}Cake")
    assert refusal.value.messages == ["Line 2: the quantity must be between 1 and 10,000."]


@pytest.mark.parametrize("digits", ["9" * 41, "7" * 6000, "5" * 19])
def test_a_value_that_nobody_pays_is_refused_with_its_line(digits) -> None:
    for text in (f"Cake | 蛋糕 | {digits}", f"Cake | {digits}", f"Cake | 蛋糕 | ¥{digits}元"):
        with pytest.raises(ValidationError) as refusal:
            parse_included(f"Tea\n{text}")
        (message,) = refusal.value.messages
        assert message.startswith("Line 2:")


@pytest.mark.parametrize(
    "parse",
    [parse_included, parse_blackout, parse_notes, parse_provenance],
    ids=lambda f: f.__name__,
)
def test_no_length_of_digits_is_more_than_a_line_to_mend(parse) -> None:
    digits = "7" * 6000
    for shape in (
        "{0}",
        "{0}:{0}",
        "{0}-{0}-{0}",
        "2 × {0}",
        "{0}x {0}",
        "a | b | {0}.{0}",
        "周{0}",
    ):
        with contextlib.suppress(ValidationError):
            parse(shape.format(digits))


@pytest.mark.parametrize(
    "line",
    ["three × Tea | 茶", "1,5 × Soup | 汤 | 3", "1.5 × Soup", "½ × Cake", "两 × 拿铁", "半 × 西瓜", "1-2 × Tea"],
)  # fmt: skip
def test_a_quantity_that_is_no_whole_number_is_asked_back(line: str) -> None:
    with pytest.raises(ValidationError, match="Line 2: write the quantity as a whole number"):
        parse_included(f"2 × Tea | 茶 | 3\n{line}")


@pytest.mark.parametrize("name", ["Coffee × Milk", "Onetime × two", "三文鱼 × 米饭"])
def test_a_sign_between_two_names_is_part_of_the_name(name: str) -> None:
    assert parse_included(name)[0]["name_en"] == name


@pytest.mark.parametrize(
    "text",
    [
        f"1 +{' ' * 100_000}× A",
        f"Tea {'9' * 100_000}",
        f"{' ' * 5_000}Tea",
        f"1 × Tea {'¥ ' * 20_000}",
    ],
)
def test_a_line_longer_than_anything_it_may_say_is_refused_at_once(text) -> None:
    begun = time.process_time()
    for parse in (parse_included, parse_blackout, parse_notes, parse_provenance):
        with pytest.raises(ValidationError) as refused:
            parse(f"{text}")
        assert "characters; at most" in str(refused.value)
    assert time.process_time() - begun < 0.5


def test_a_weekday_that_is_named_twice_is_told() -> None:
    for text in ("Mon Tue Mon 11:00-13:00", "Mon-Fri Wed", "周一至周五、周三"):
        with pytest.raises(ValidationError, match="twice"):
            parse_blackout(text)


def test_all_that_is_wrong_with_a_line_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        parse_included("0 × Tea | 茶 | abc\n2 × Cake | 蛋糕 | 999999999\nthree × Soup | 汤 | 1.234")
    said = refused.value.messages
    assert [text.split(":")[0] for text in said] == [
        "Line 1",
        "Line 1",
        "Line 2",
        "Line 3",
        "Line 3",
    ]


def test_a_line_without_a_value_has_none() -> None:
    (read,) = parse_included("2 × Tea | 茶")
    assert read["value_fen"] is None
    assert format_included([read]) == "2 × Tea | 茶"
    (free,) = parse_included("2 × Tea | 茶 | 0")
    assert free["value_fen"] == 0
    (kept,) = parse_included(format_included([line("Cola 36", "可乐36")]))
    assert kept["name_en"] == "Cola 36", "what is stored can be saved again"
