"""Each kind of condition: met, or not, with its code, what is missing, and its sentence in both languages."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from campaigns.conditions.base import Said
from campaigns.conditions.moments import is_within, next_within
from campaigns.errors import DiscountEnded
from campaigns.models import Campaign, Condition
from campaigns.selectors import with_terms
from campaigns.terms import terms_of
from campaigns.wording import names_for, small_print
from catalog.models import Product
from catalog.services.by_store import keep_by_store
from kernel.clock import at, now
from kernel.db.months import month_of
from kernel.errors import InvalidInput
from kernel.facts.traces import NOBODY, Trace
from members.models import User
from orders.pricing.quotes import Answer
from orders.pricing.wording import CODES, word_answer
from orders.services.cancel import cancel_order
from orders.services.place import place_order
from orders.services.quotes import make_quote
from stores.codes.models import Code, Touch
from tests.campaigns.made import make_campaign
from tests.factories import make_product, make_user, offer_of, variant_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY_NOON = dt.datetime(2199, 4, 30, 12, tzinfo=SHANGHAI)
assert TUESDAY_NOON.isoweekday() == 2


@pytest.fixture
def soup() -> Product:
    return make_product(price_fen=6000, stock=50, title_en="Noodle soup", title_zh="汤面")


def automatic(product: Product, *conditions: Said, **more: Any) -> Campaign:
    facts: dict[str, Any] = {"way": "automatic", "coupons": 0} | more
    return make_campaign(product.merchant, *conditions, **facts)


def answer_to(
    product: Product,
    pieces: int = 1,
    *,
    buyer: User | None = None,
    trace: Trace = NOBODY,
    store: int | None = None,
) -> Answer:
    offer = offer_of(product)
    quote = make_quote(
        buyer_id=buyer.pk if buyer else None,
        lines=[(offer.pk, pieces)],
        stores={offer.pk: store} if store else {},
        trace=trace,
    )
    (answer,) = quote.answers
    return answer


def read(row: Campaign) -> str:
    terms = terms_of(with_terms(Campaign.objects.filter(pk=row.pk)).get())
    return small_print(terms, names_for([terms]))


def test_pieces(soup: Product) -> None:
    row = automatic(soup, Said("pieces", count=3))
    assert [answer_to(soup, n).code for n in (2, 3)] == ["too_few_pieces", "applied"]
    assert answer_to(soup, 1).missing_pieces == 2
    assert read(row) == "From 3 pieces on."


def test_a_minimum_before_other_discounts(soup: Product) -> None:
    row = automatic(soup, Said("minimum_before", amount_fen=10000))
    near = answer_to(soup, 1)
    assert (near.code, near.missing_fen) == ("below_minimum_before", 4000)
    assert answer_to(soup, 2).code == "applied"
    assert read(row) == "From ¥100 on, before other discounts."


def test_the_first_order_at_any_business(soup: Product) -> None:
    buyer, other = make_user(), make_product(price_fen=100)
    automatic(soup, Said("first_ever"))
    assert answer_to(soup).code == "sign_in_first"
    assert answer_to(soup, buyer=buyer).code == "applied"
    order = place_order(buyer=buyer, lines=[(offer_of(other).pk, 1)])
    assert answer_to(soup, buyer=buyer).code == "not_first_ever"
    cancel_order(buyer=buyer, number=order.number)
    assert place_order(buyer=buyer, lines=[(offer_of(soup).pk, 1)]).total_fen == 4000


def test_an_order_that_came_in_between_is_seen_when_it_is_placed(
    soup: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer, other = make_user(), make_product(price_fen=100)
    automatic(soup, Said("first_ever"))
    place_order(buyer=buyer, lines=[(offer_of(other).pk, 1)])
    monkeypatch.setattr("orders.pricing.facts.has_ordered", lambda buyer_id: False)
    with pytest.raises(DiscountEnded):
        place_order(buyer=buyer, lines=[(offer_of(soup).pk, 1)])


def test_a_code_that_was_followed_before(soup: Product) -> None:
    code = Code.objects.create(code="ABC2345", merchant=soup.merchant, kind="link", name="Weibo")
    automatic(soup, Said("codes", (code.pk,)))
    trace = NOBODY._replace(visit="v" * 32)
    assert [answer_to(soup).code, answer_to(soup, trace=trace).code] == ["other_code"] * 2
    moment = now()
    Touch.objects.create(
        month=month_of(moment), at=moment, day=moment.date(), code=code, visit=trace.visit
    )
    with at(moment + dt.timedelta(seconds=1)):
        assert answer_to(soup, trace=trace).code == "applied"
        offer = offer_of(soup)
        order = place_order(buyer=make_user(), lines=[(offer.pk, 1)], trace=trace)
    assert order.total_fen == 4000
    assert order.sources.get().last_id == code.pk


def test_weekday_and_hours_in_the_time_zone_of_the_store(soup: Product) -> None:
    store = soup.merchant.stores.get()
    store.time_zone = "Asia/Shanghai"
    store.save()
    said = Said("hours", (2, 3), from_minute=14 * 60, to_minute=17 * 60)
    row = automatic(soup, said, ends_at=TUESDAY_NOON + 30 * DAY)
    with at(TUESDAY_NOON):
        before = answer_to(soup)
    with at(TUESDAY_NOON + dt.timedelta(hours=2)):
        assert answer_to(soup).code == "applied"
    assert before.code == "other_hours"
    assert before.from_at == TUESDAY_NOON + dt.timedelta(hours=2)
    assert read(row) == "Tuesday, Wednesday 14:00–17:00."
    with override("zh-hans"):
        assert read(row) == "星期二、星期三 14:00–17:00。"
        assert "14:00" in word_answer(before)


@pytest.mark.parametrize(
    ("hours", "within"),
    [(-1, False), (0, True), (9, True), (12, True), (13.9, True), (14, False), (24, False)],
)
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(
    hours: float, within: bool
) -> None:
    said = Said("hours", (2,), from_minute=12 * 60, to_minute=2 * 60)
    moment = TUESDAY_NOON + dt.timedelta(hours=hours)
    assert is_within(said, moment, SHANGHAI) is within
    if not within:
        begins = next_within(said, moment, SHANGHAI)
        assert begins == TUESDAY_NOON + (7 * DAY if hours > 0 else 0 * DAY)


def test_a_period(soup: Product) -> None:
    moment = now()
    said = Said("period", from_at=moment + DAY, to_at=moment + 2 * DAY)
    automatic(soup, said)
    early = answer_to(soup)
    assert (early.code, early.from_at) == ("not_started", moment + DAY)
    with at(moment + DAY):
        assert answer_to(soup).code == "applied"
    with at(moment + 2 * DAY):
        assert answer_to(soup).code == "ended"


def test_a_city(soup: Product) -> None:
    here = soup.merchant.stores.get()
    goods = make_product(merchant=soup.merchant, kind="goods", price_fen=6000, stock=5)
    goods.stores.set([here])
    keep_by_store(variant_id=variant_of(goods).pk, by=None, store_id=here.pk)
    row = automatic(goods, Said("cities", (here.city_id,)))
    assert answer_to(goods, store=here.pk).code == "applied"
    assert answer_to(goods).code == "other_city"
    assert answer_to(soup).code == "other_city"
    assert read(row) == f"For what is collected in {here.city.name}."


@pytest.mark.parametrize(
    "said",
    [
        Said("pieces", count=0),
        Said("minimum_before", amount_fen=0),
        Said("hours", (), from_minute=0, to_minute=60),
        Said("hours", (8,), from_minute=0, to_minute=60),
        Said("hours", (1,), from_minute=60, to_minute=60),
        Said("hours", (1,), from_minute=0, to_minute=1441),
        Said("period", from_at=TUESDAY_NOON, to_at=TUESDAY_NOON),
        Said("period", from_at=TUESDAY_NOON),
        Said("codes", (999_999,)),
        Said("cities", (999_999,)),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_beside_its_field(soup: Product, said: Said) -> None:
    with pytest.raises(InvalidInput) as refused:
        automatic(soup, said)
    assert set(refused.value.by_field) == {said.kind}


def test_what_no_campaign_asks_is_not_read(soup: Product) -> None:
    buyer = make_user()

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            answer_to(soup, buyer=buyer)
        return len(asked)

    automatic(soup)
    plain = statements()
    Condition.objects.all().delete()
    Campaign.objects.update(state="paused")
    automatic(soup, Said("pieces", count=1))
    assert statements() == plain
    Campaign.objects.update(state="paused")
    automatic(soup, Said("first_order"), Said("first_ever"))
    assert statements() == plain + 2


# What is published ---------------------------------------------------------------------


def test_every_code_of_an_answer_is_published_and_has_a_sentence_in_both_languages() -> None:
    page = (Path(__file__).parents[2] / "docs/campaigns.md").read_text()
    table = page.split("## Every answer\n", 1)[1].split("\n## ", 1)[0]
    told = {
        code
        for line in table.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([a-z_]+)`", line.split("|")[1])
    }
    assert told == {"applied", *CODES}
    assert len(told) >= 25
    for code in CODES:
        answer = Answer(
            "r", False, code, missing_fen=1200, missing_pieces=2, target_en="Tea", target_zh="茶"
        )
        with override("en"):
            english = word_answer(answer)
        with override("zh-hans"):
            chinese = word_answer(answer)
        assert english
        assert chinese != english, code
