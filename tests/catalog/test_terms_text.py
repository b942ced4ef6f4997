"""What a merchant types in lines of text is read whole, or refused with the line and the reason."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from catalog.blackout_text import format_blackout, parse_blackout
from catalog.terms_text import format_included, parse_included

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


def line(name_en: str = "", name_zh: str = "", quantity: int = 1, value_fen: int = 0) -> dict:
    return {"name_en": name_en, "name_zh": name_zh, "quantity": quantity, "value_fen": value_fen}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3 × Tea | 茶 | 12.50", line("Tea", "茶", 3, 1250)),
        ("3 x Tea", line("Tea", "", 3)),
        ("3x Tea", line("Tea", "", 3)),
        ("3 x 茶", line("茶", "", 3)),
        ("3x茶", line("茶", "", 3)),
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
        "Tea | 茶 | 1.234",
        " | | 5",
    ],
)
def test_a_quantity_or_price_inside_a_name_is_never_worth_nothing(text) -> None:
    with pytest.raises(ValidationError) as refusal:
        parse_included(f"Tea\n{text}")
    assert all(message.startswith("Line 2:") for message in refusal.value.messages)
