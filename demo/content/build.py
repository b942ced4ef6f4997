"""Short words the trade files are written in: opening hours, included lines, and rules many deals share."""

from __future__ import annotations

from demo.content.types import Blackout, Included, OpenSpan, Refund, Text

T = Text
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def hours(spec: str) -> tuple[OpenSpan, ...]:
    """Read "Mo-Fr 11:00-14:00,17:00-22:00; Sa-Su 11:00-02:00" into spans; a day not named is closed."""
    spans: list[OpenSpan] = []
    for part in spec.split(";"):
        days, times = part.strip().split(" ")
        for weekday in _weekdays(days):
            for window in times.split(","):
                opens, closes = window.split("-")
                spans.append(OpenSpan(weekday, opens, closes))
    return tuple(sorted(spans, key=lambda span: (span.weekday, span.opens)))


def _weekdays(days: str) -> range:
    first, _, last = days.partition("-")
    return range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)


def item(quantity: int, en: str, zh: str, value_fen: int) -> Included:
    """One included line: `quantity` of it, each worth `value_fen` at the counter."""
    return Included(Text(en, zh), quantity, value_fen)


# Refund promises other than the default, "anytime until used".
WITHIN_3_DAYS = Refund("within_days", 3, auto_on_expiry=False)
WITHIN_7_DAYS = Refund("within_days", 7, auto_on_expiry=False)
NO_REFUND = Refund("none", auto_on_expiry=False)

# When vouchers do not count.
NATIONAL_DAY = Blackout(dates=(((10, 1), (10, 7)),))
LABOUR_DAY = Blackout(dates=(((5, 1), (5, 5)),))
NEW_YEAR = Blackout(dates=(((12, 31), (1, 1)),))
VALENTINES = Blackout(dates=(((2, 14), (2, 14)),))
WEEKENDS = Blackout(weekdays=(5, 6))
FRIDAY_SATURDAY = Blackout(weekdays=(4, 5))
LUNCH_RUSH = Blackout(weekdays=(0, 1, 2, 3, 4), windows=(("11:45", "13:15"),))
WEEKEND_EVENINGS = Blackout(weekdays=(4, 5, 6), windows=(("18:00", "20:30"),))
WEEKDAY_PEAK = Blackout(weekdays=(0, 1, 2, 3, 4), windows=(("18:00", "20:00"),))

# Small print that several merchants share.
BOOK_2_HOURS = T(
    "Please phone two hours ahead so a table is kept for you.", "请提前 2 小时致电门店订位。"
)
BOOK_1_DAY = T("Book at least one day ahead by phone.", "请至少提前 1 天电话预约。")
ONE_PER_TABLE = T("One voucher per table and visit.", "每桌每次限用 1 张。")
ONE_PER_PERSON = T("One voucher per person and visit.", "每人每次限用 1 张。")
NO_OTHER_OFFERS = T("Not combinable with other in-store offers.", "不与店内其他优惠同享。")
DINE_IN_ONLY = T("Dine in only.", "仅限堂食。")
EAT_IN_OR_TAKE_AWAY = T("Eat in or take away.", "堂食、外带均可。")
NEW_GUESTS_ONLY = T("For guests who have not been here before.", "仅限到店新客。")
PICK_UP_BEFORE_CLOSE = T(
    "Ready at the counter from the next day's opening; bring a bag if you can.",
    "下单次日开店起可到柜台自取，建议自带购物袋。",
)
