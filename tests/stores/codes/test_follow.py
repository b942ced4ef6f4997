"""/q/XXXXXXX: leads on, counts people, tells everybody else nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kernel.clock import at, now
from kernel.db.months import kept_months, month_after, month_of
from kernel.facts.models import Fact
from kernel.facts.services import flush_facts
from kernel.ids import new_short_code, read_short_code
from stores.codes.models import Code, CodeDay, Touch
from stores.codes.services import CodeAsked, close_code, make_code
from stores.codes.sources import WINDOW
from stores.codes.touches import flush_touches, forget_old_touches, keep_months
from tests.factories import make_merchant, make_product, make_store

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Mobile Safari/537.36"


def make_poster(**asked: Any) -> Code:
    store = asked.pop("store", None) or make_store()
    wanted = CodeAsked(kind="poster", name="Window", store=store, **asked)
    return make_code(merchant=store.merchant, asked=wanted, by=None)


def phone(**headers: str) -> Client:
    return Client(headers={"User-Agent": PHONE, **headers})


def scan(code: Code, client: Client | None = None, method: str = "get", **headers: str) -> Any:
    return getattr(client or phone(), method)(reverse("code", args=[code.code]), headers=headers)


def touches() -> list[Touch]:
    flush_touches()
    return list(Touch.objects.order_by("id"))


def test_a_scan_leads_to_the_stores_page_and_is_kept(django_assert_num_queries: Any) -> None:
    code = make_poster()
    with django_assert_num_queries(1):
        answer = scan(code, Referer="https://social.example/a?b=c")
    assert (answer.status_code, answer["Location"]) == (302, f"/stores/{code.store_id}/")
    assert "no-store" in answer["Cache-Control"]
    (touch,) = touches()
    assert (touch.code_id, touch.device, touch.referrer) == (code.pk, "phone", "social.example")
    assert touch.visit
    assert touch.visitor
    assert touch.subject == ""
    assert CodeDay.objects.get().scans == 1
    flush_facts()
    fact = Fact.objects.get()
    assert (fact.kind, fact.code_id, fact.store_id) == ("code_touch", code.pk, code.store_id)
    assert fact.visit == "", "of a stranger no visit is kept among facts"


def test_a_product_is_led_to_and_named() -> None:
    store = make_store()
    product = make_product(stores=[store])
    code = make_poster(store=store, target=f"/products/{product.pk}/?utm=x")
    assert (code.target, code.product_id) == (f"/products/{product.pk}/", product.pk)
    assert scan(code)["Location"] == f"/products/{product.pk}/"
    product.state = "archived"
    product.save(update_fields=["state"])
    assert scan(code)["Location"] == f"/stores/{store.pk}/", "what is gone is not led to"


def test_what_a_person_types_is_read_kindly() -> None:
    code = make_poster()
    assert phone().get(f"/q/{code.code.lower()}").status_code == 302
    assert phone().get(f"/q/{code.code}/").status_code == 302
    assert phone().get(f"/q/{code.code[:3]}-{code.code[3:]}").status_code == 302


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("head", {}),
        ("get", {"Sec-Purpose": "prefetch;prerender"}),
        ("get", {"Purpose": "prefetch"}),
        ("get", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
        ("get", {"User-Agent": "WhatsApp/2.23 preview"}),
        ("get", {"User-Agent": "WhatsApp/2.0"}),
        ("get", {"User-Agent": "TelegramBot (like TwitterBot)"}),
        ("get", {"User-Agent": "Slackbot-LinkExpanding 1.0"}),
        ("get", {"User-Agent": "Mozilla/5.0 (compatible; Discordbot/2.0)"}),
        ("get", {"User-Agent": "facebookexternalhit/1.1;line-poker/1.0"}),
        ("get", {"Sec-Purpose": "PREFETCH"}),
        ("get", {"User-Agent": "curl/8.5.0"}),
    ],
)
def test_what_is_no_person_is_led_on_and_not_counted(method: str, headers: dict[str, str]) -> None:
    code = make_poster()
    answer = scan(code, method=method, **headers)
    assert answer.status_code == 302
    assert not answer.cookies
    assert touches() == []
    assert flush_facts() == 0


def test_a_second_scan_of_the_same_visit_is_another_touch_of_the_same_visitor() -> None:
    code, client = make_poster(), phone()
    scan(code, client)
    scan(code, client)
    scan(code, phone())
    first, again, other = touches()
    assert first.visit == again.visit != other.visit
    assert first.visitor == other.visitor, "one address, one browser, one day"
    assert CodeDay.objects.get().scans == 3


def test_without_consent_the_cookie_ends_with_the_visit_and_with_it_stays() -> None:
    code = make_poster()
    answer = scan(code)
    assert set(answer.cookies) == {"visit"}
    assert answer.cookies["visit"]["max-age"] == ""
    agreed = phone()
    agreed.cookies["consent"] = "yes"
    answer = scan(code, agreed)
    assert answer.cookies["visitor"]["max-age"] > 0
    with at(now() + dt.timedelta(days=2)):
        scan(code, agreed)
    visitors = {touch.visitor for touch in touches()}
    assert len(visitors) == 2, "the browser that agreed is known again, the other is another"


def test_a_browser_that_asks_not_to_be_followed_has_said_no() -> None:
    code = make_poster()
    agreed = phone(**{"Sec-GPC": "1"})
    agreed.cookies["consent"] = "yes"
    for name in ("visit", "stay", "visitor"):
        agreed.cookies[name] = "k" * 43
    assert {cookie.value for cookie in scan(code, agreed).cookies.values()} == {""}
    assert not scan(code, phone(**{"Sec-GPC": "1"})).cookies
    assert [touch.visit for touch in touches()] == ["", ""]


def test_closed_unknown_and_mistyped_codes_lead_to_a_friendly_page() -> None:
    code = make_poster()
    close_code(code=code, by=None)
    wrong = "".join("0" if letter != "0" else "1" for letter in code.code)
    for text, status in ((code.code, 410), (new_short_code(), 404), (wrong, 404), ("x", 404)):
        answer = phone().get(f"/q/{text}")
        assert answer.status_code == status
        assert b"See the deals" in answer.content
    assert touches() == []


def test_a_code_of_a_business_that_is_suspended_leads_nowhere() -> None:
    merchant = make_merchant(state="suspended")
    store = make_store(merchant=merchant)
    assert scan(make_poster(store=store)).status_code == 410


def test_one_wrong_letter_or_two_that_changed_places_are_found() -> None:
    for _ in range(50):
        code = new_short_code()
        assert read_short_code(code) == code
        for place in range(7):
            for letter in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
                other = code[:place] + letter + code[place + 1 :]
                assert (read_short_code(other) == other) == (letter == code[place])
        for place in range(6):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert swapped == code or read_short_code(swapped) == ""


def test_old_months_are_dropped_and_their_counts_stay() -> None:
    code = make_poster()
    old = month_after(month_of(now()), -14)
    with at(dt.datetime(old.year, old.month, 9, tzinfo=dt.UTC)):
        scan(code)
        flush_touches()
        keep_months()
    scan(code)
    assert len(touches()) == 2
    assert old in kept_months("codes_touch")
    assert old in forget_old_touches()
    assert len(touches()) == 1
    assert sum(CodeDay.objects.values_list("scans", flat=True)) == 2


def test_a_visit_is_forgotten_when_no_order_can_come_of_it_any_more() -> None:
    code = make_poster()
    scan(code)
    assert [touch.visit for touch in touches()] != [""]
    with at(now() + WINDOW - dt.timedelta(minutes=1)):
        forget_old_touches()
        assert [touch.visit for touch in touches()] != [""]
    with at(now() + WINDOW + dt.timedelta(minutes=1)):
        forget_old_touches()
        assert [touch.visit for touch in touches()] == [""]
