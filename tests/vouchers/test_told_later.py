"""A redemption that is told twice, or later than it happened."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from kernel.clock import at, now
from kernel.errors import InvalidInput
from kernel.facts.models import Fact
from kernel.http.templatetags.fmt import datetime_local
from kernel.outbox.services import drain
from messages.models import Notification
from stores.models import Device
from tests.factories import Cast, make_product
from tests.vouchers.counter import sell_one
from vouchers import errors
from vouchers.day import figures_of_day, latest_of_day, redemptions_of_day
from vouchers.models import Redemption, Voucher
from vouchers.naming import name_redemption
from vouchers.notices import follow_redemption
from vouchers.services.redeem import redeem_voucher, undo_redemption


def redeem(people: Cast, code: str, **asked: Any) -> Redemption:
    asked = {"staff": people.clerk, "store_id": people.store.pk, **asked}
    return redeem_voucher(code=code, **asked)


def voucher_of(people: Cast, **fields: object) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def test_a_nonce_sent_again_answers_the_redemption_it_made(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3)
    first = redeem(people, voucher.code, nonce="till-1")
    again = redeem(people, voucher.code, nonce="till-1")
    other = redeem(people, voucher.code, nonce="till-2")
    assert (again.pk, again.first_use, other.first_use) == (first.pk, 0, 1)
    assert again.voucher.uses_left == 2
    voucher.refresh_from_db()
    assert voucher.uses_used == 2


def test_a_nonce_answers_even_when_the_voucher_is_used_up_or_it_was_undone(people: Cast) -> None:
    voucher = voucher_of(people)
    first = redeem(people, voucher.code, nonce="a")
    assert redeem(people, voucher.code, nonce="a").pk == first.pk
    undo_redemption(staff=people.clerk, redemption_id=first.pk)
    again = redeem(people, voucher.code, nonce="a")
    assert again.pk == first.pk and again.undone_at is not None
    assert redeem(people, voucher.code, nonce="b").pk != first.pk


def test_a_nonce_is_not_lent_to_another_redemption(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3)
    first = redeem(people, voucher.code, nonce="a")
    with pytest.raises(errors.NonceReused) as refused:
        redeem(people, voucher.code, nonce="a", uses=2)
    assert refused.value.extra == {"redemption": first.pk}
    with pytest.raises(errors.NonceReused):
        redeem(people, voucher.code, nonce="a", store_id=people.other_store.pk, staff=people.owner)
    assert redeem(people, voucher_of(people).code, nonce="a").pk != first.pk


def test_a_nonce_belongs_to_the_device_that_sent_it(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3)
    till, other = (
        Device.objects.create(merchant=people.merchant, store=people.store, name=name)
        for name in ("Till 1", "Till 2")
    )
    first = redeem(people, voucher.code, nonce="a", device=till)
    assert redeem(people, voucher.code, nonce="a", device=till).pk == first.pk
    for device in (other, None):
        with pytest.raises(errors.NonceReused):
            redeem(people, voucher.code, nonce="a", device=device)
    voucher.refresh_from_db()
    assert voucher.uses_used == 1


def test_a_nonce_is_not_lent_to_another_moment(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3)
    moment = now()
    with at(moment + dt.timedelta(hours=2)):
        told = redeem(people, voucher.code, nonce="a", occurred_at=moment)
        assert redeem(people, voucher.code, nonce="a", occurred_at=moment).pk == told.pk
        assert redeem(people, voucher.code, nonce="a").pk == told.pk
        with pytest.raises(errors.NonceReused):
            later = moment + dt.timedelta(hours=1)
            redeem(people, voucher.code, nonce="a", occurred_at=later)
        heard = redeem(people, voucher.code, nonce="b")  # the answer was lost, so it was kept
        assert redeem(people, voucher.code, nonce="b", occurred_at=moment).pk == heard.pk


@pytest.mark.parametrize("nonce", ["", "x" * 65, "two words", "日本"])
def test_a_nonce_is_short_and_printable(people: Cast, nonce: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        redeem(people, voucher_of(people).code, nonce=nonce)
    assert set(refused.value.extra["fields"]) == {"nonce"}


def test_what_happened_earlier_is_judged_at_its_moment(people: Cast) -> None:
    voucher = voucher_of(people, validity_days=1)
    happened = voucher.valid_until - dt.timedelta(hours=1)
    with at(voucher.valid_until + dt.timedelta(hours=2)):
        with pytest.raises(errors.Expired):
            redeem(people, voucher.code)
        redemption = redeem(people, voucher.code, occurred_at=happened)
    redemption.refresh_from_db()
    assert redemption.occurred_at == happened
    assert redemption.redeemed_at == voucher.valid_until + dt.timedelta(hours=2)
    assert redemption.undo_until > redemption.redeemed_at


def test_the_counter_counts_it_on_the_day_on_which_it_happened(people: Cast) -> None:
    store, voucher = people.store, voucher_of(people, kind="times_card", uses=3)
    today = store.local_day(now())
    yesterday = today - dt.timedelta(days=1)
    noon = dt.datetime.combine(yesterday, dt.time(12), store.zone)
    Voucher.objects.filter(pk=voucher.pk).update(valid_from=noon - dt.timedelta(days=1))
    told = redeem(people, voucher.code, occurred_at=max(noon, now() - dt.timedelta(hours=47)))
    once = redeem(people, voucher.code)
    for day, row in ((yesterday, told), (today, once)):
        assert figures_of_day(store, day).total.redemptions == 1
        assert [found.pk for found in redemptions_of_day(store, day)] == [row.pk]
        assert [found.pk for found in latest_of_day(store, day)] == [row.pk]


@pytest.mark.parametrize("hours", [-49, 0.1])
def test_a_moment_too_long_ago_or_to_come_is_refused(people: Cast, hours: float) -> None:
    voucher = voucher_of(people)
    with pytest.raises(InvalidInput) as refused:
        redeem(people, voucher.code, occurred_at=now() + dt.timedelta(hours=hours))
    assert set(refused.value.extra["fields"]) == {"occurred_at"}
    assert redeem(people, voucher.code).occurred_at is not None


def test_a_device_whose_clock_is_fast_redeems_nothing_in_the_future(people: Cast) -> None:
    soon = now() + dt.timedelta(minutes=1)
    redemption = redeem(people, voucher_of(people).code, occurred_at=soon)
    redemption.refresh_from_db()
    assert redemption.occurred_at == redemption.redeemed_at < soon


def test_a_redemption_told_at_once_happened_when_it_was_recorded(people: Cast) -> None:
    redemption = redeem(people, voucher_of(people).code)
    redemption.refresh_from_db()
    assert redemption.occurred_at == redemption.redeemed_at and redemption.nonce is None


def page(reader: Any, name: str, *args: int, language: str = "en", asked: str = "") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(reader)
    answer = client.get(reverse(name, args=args) + asked, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(("language", "recorded"), [("en", "Recorded on "), ("zh-hans", "记录于")])
def test_everybody_reads_when_it_happened_and_when_it_was_recorded(
    people: Cast, language: str, recorded: str
) -> None:
    for reader in (people.clerk, people.buyer, people.owner):
        type(reader).objects.filter(pk=reader.pk).update(language=language)
        reader.language = language
    voucher, plain = voucher_of(people), voucher_of(people)
    happened = now() - dt.timedelta(hours=3)
    Voucher.objects.filter(pk=voucher.pk).update(valid_from=happened - dt.timedelta(days=1))
    late = redeem(people, voucher.code, occurred_at=happened)
    at_once = redeem(people, plain.code)
    drain()
    zone = late.store.zone
    places = [
        (people.clerk, "console_result", (late.store_id, late.pk), (at_once.store_id, at_once.pk)),
        (people.buyer, "voucher_detail", (voucher.pk,), (plain.pk,)),
        (people.owner, "admin:vouchers_redemption_change", (late.pk,), (at_once.pk,)),
        (people.owner, "admin:vouchers_voucher_change", (voucher.pk,), (plain.pk,)),
    ]
    for reader, name, told, same in places:
        html = page(reader, name, *told, language=language)
        assert recorded in html, name
        assert recorded not in page(reader, name, *same, language=language), name
        with translation.override(language):
            assert datetime_local(happened, zone) in html, name
            assert datetime_local(late.redeemed_at, zone) in html, name
    # Shortly after midnight it happened yesterday: the day's list is that of the day it happened.
    day = f"?date={late.store.local_day(happened)}"
    assert recorded in page(
        people.clerk, "console_today", late.store_id, language=language, asked=day
    )
    with translation.override(language):
        assert datetime_local(happened, zone) in name_redemption(late)
    said = Notification.objects.get(dedupe_key=f"voucher_redeemed:{late.pk}")
    assert said.params["redeemed_at"] == happened.isoformat()


def test_a_visit_is_counted_once_by_who_hears_of_it_at_the_redemptions_moment(
    people: Cast,
) -> None:
    made = redeem(people, voucher_of(people, kind="times_card", uses=3).code, uses=2)
    visits = Fact.objects.filter(kind=Fact.Kind.REDEEMED)
    assert not visits.exists(), "the counter does not wait for figures"
    with at(now() + dt.timedelta(days=40)):
        drain()
        follow_redemption(redemption_id=made.pk)
    visit = visits.get()
    line = made.voucher.order_line_ref
    assert (visit.at, visit.key) == (made.redeemed_at, f"redeemed:{made.pk}")
    assert (visit.store_id, visit.count, visit.channel) == (people.store.pk, 2, "counter")
    assert visit.follows == f"checkout:{line}"
