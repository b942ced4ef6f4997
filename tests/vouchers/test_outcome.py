"""A voucher says what became of it: what was used, what came back, what is still on its way."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from kernel.clock import at
from members.services.accounts import issue_token
from payments.models import Refund
from payments.services.refunds import complete_refund
from reviews.errors import NotRedeemedYet
from reviews.services.reviews import write_review
from tests.factories import Cast, make_product
from tests.vouchers.counter import sell_one
from vouchers.errors import AlreadyRedeemed
from vouchers.models import Redemption, Voucher
from vouchers.outcome import VoucherState, reads_as, state_of, with_returned
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import finish_refund, refund_voucher, return_redeemed


def card_of(people: Cast, uses: int = 3) -> Voucher:
    kind = "times_card" if uses > 1 else "voucher"
    product = make_product(merchant=people.merchant, kind=kind, uses=uses, price_fen=1500)
    return sell_one(product, buyer=people.buyer)


def redeem(people: Cast, voucher: Voucher) -> Redemption:
    return redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)


def send_back(people: Cast, voucher: Voucher, *, arrived: bool = True) -> None:
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    if arrived:
        arrive()


def arrive() -> None:
    for refund in Refund.objects.exclude(state=Refund.State.SUCCEEDED):
        complete_refund(number=refund.number, gateway_number=f"G{refund.pk}")
        finish_refund(refund_id=refund.pk)


def text(person, path: str, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(person)
    page = client.get(path).content.decode().split("<main")[-1]
    return words_of(page)


def words_of(page: str) -> str:
    return " ".join(unescape(strip_tags(page.replace("><", "> <"))).split())


def own_page(people: Cast, voucher: Voucher, language: str = "en") -> str:
    return text(people.buyer, reverse("voucher_detail", args=[voucher.pk]), language)


def api(people: Cast, voucher: Voucher) -> dict:
    client = Client(headers={"authorization": f"Bearer {issue_token(user=people.buyer)}"})
    body = client.get(f"/api/v1/vouchers/{voucher.pk}").json()
    (listed,) = client.get("/api/v1/vouchers").json()["results"]
    assert listed == body
    return body


def at_the_counter(people: Cast, voucher: Voucher, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(people.clerk)
    url = reverse("console_preview", args=[people.store.pk])
    page = client.post(url, {"code": voucher.code}).content.decode()
    return words_of(page.split("<main")[-1])


def listed_by_owner(people: Cast, state: str = "") -> str:
    filters = f"?state__exact={state}" if state else ""
    return text(people.owner, f"/admin/vouchers/voucher/{filters}")


def test_a_partial_refund_does_not_read_as_a_full_one(people: Cast) -> None:
    voucher = card_of(people)
    redeem(people, voucher)
    send_back(people, voucher, arrived=False)
    on_its_way = at_the_counter(people, voucher)
    assert "1 of 3 uses of this voucher had been used. The customer asked for" in on_its_way
    arrive()
    counter = at_the_counter(people, voucher)
    assert "1 of 3 uses of this voucher had been used. What was left of it was refunded" in counter
    assert "共 3 次，已使用 1 次。剩余部分已退款" in at_the_counter(people, voucher, "zh-hans")
    page = own_page(people, voucher)
    assert "1 of 3 uses used" in page and "uses left" not in page
    assert "You paid ¥15" in page and "Came back to you ¥10" in page
    assert "剩余" not in own_page(people, voucher, "zh-hans")
    body = api(people, voucher)
    assert (body["uses_total"], body["uses_used"], body["uses_left"]) == (3, 1, 0)
    assert (body["paid_fen"], body["refunded_fen"]) == (1500, 1000)
    assert "¥15.00 ¥10.00" in listed_by_owner(people)


def test_a_whole_refund_says_nothing_of_uses_at_the_counter(people: Cast) -> None:
    voucher = card_of(people)
    send_back(people, voucher)
    assert "the customer has the money back" in at_the_counter(people, voucher)


def test_nothing_is_left_of_a_voucher_past_its_time(people: Cast) -> None:
    voucher = card_of(people)
    redeem(people, voucher)
    with at(voucher.valid_until):
        body, page = api(people, voucher), own_page(people, voucher)
    assert (body["standing"], body["uses_used"], body["uses_left"]) == ("expired", 1, 0)
    assert "1 of 3 uses used" in page and "uses left" not in page


def test_money_on_its_way_is_not_told_as_back(people: Cast) -> None:
    voucher = card_of(people)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    refund = Refund.objects.get()
    complete_refund(number=refund.number, gateway_number="G1")  # the voucher follows by and by
    page = own_page(people, voucher)
    assert "It goes back the way you paid." in page and "It went back" not in page
    assert "Goes back to you ¥15" in page and "Came back" not in page
    finish_refund(refund_id=refund.pk)
    page = own_page(people, voucher)
    assert "It went back the way you paid." in page and "Came back to you ¥15" in page


@pytest.mark.parametrize(("language", "word"), [("en", "Returned"), ("zh-hans", "已退回")])
def test_what_was_taken_back_after_sales_reads_as_returned(
    people: Cast, language: str, word: str
) -> None:
    voucher = card_of(people, uses=1)
    done = redeem(people, voucher)
    return_redeemed(redemption_id=done.pk, uses=1, requested_by=people.operator)
    arrive()
    pages = (
        own_page(people, voucher, language),
        text(people.buyer, f"{reverse('voucher_list')}?tab=used", language),
        text(people.owner, "/admin/vouchers/voucher/", language),
        text(people.owner, f"/admin/vouchers/voucher/{voucher.pk}/change/", language),
        text(people.owner, "/admin/vouchers/redemption/", language),
    )
    for page in pages:
        assert word.lower() in page.lower()
    assert "Write a review" not in pages[0] and "写评价" not in pages[0]
    body = api(people, voucher)
    assert (body["state"], body["standing"], body["refunded_fen"]) == ("used", "returned", 1500)
    with pytest.raises(NotRedeemedYet):
        write_review(author=people.buyer, voucher_id=voucher.pk, rating=5)


def test_what_was_returned_in_part_is_used_and_may_be_reviewed(people: Cast) -> None:
    voucher = card_of(people, uses=2)
    first, _second = redeem(people, voucher), redeem(people, voucher)
    return_redeemed(redemption_id=first.pk, uses=1, requested_by=people.operator)
    assert "Write a review" in own_page(people, voucher)
    assert api(people, voucher)["standing"] == "used"
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=2)


def test_a_review_that_was_written_outlives_a_return(people: Cast) -> None:
    voucher = card_of(people, uses=1)
    done = redeem(people, voucher)
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=1, text="Cold.")
    return_redeemed(redemption_id=done.pk, uses=1, requested_by=people.operator)
    assert "Cold." in own_page(people, voucher)


def test_the_filter_of_the_back_office_and_the_badge_agree(people: Cast) -> None:
    used, returned, back, open_one, late = (card_of(people, uses=1) for _ in range(5))
    redeem(people, used)
    done = redeem(people, returned)
    return_redeemed(redemption_id=done.pk, uses=1, requested_by=people.operator)
    send_back(people, back, arrived=False)
    soon = open_one.valid_until
    Voucher.objects.filter(pk=open_one.pk).update(valid_until=soon.replace(year=soon.year + 1))
    with at(late.valid_until):
        rows = list(with_returned(Voucher.objects.all()))
        assert {state_of(row) for row in rows} == {
            *(VoucherState.USED, VoucherState.RETURNED, VoucherState.REFUNDING),
            *(VoucherState.ACTIVE, VoucherState.EXPIRED),
        }
        client = Client()
        client.force_login(people.owner)
        for state in VoucherState:
            found = {row.pk for row in reads_as(Voucher.objects.all(), state)}
            assert found == {row.pk for row in rows if state_of(row) == state}, state
            answer = client.get(f"/admin/vouchers/voucher/?state__exact={state.value}")
            assert {row.pk for row in answer.context["cl"].result_list} == found, state


def test_the_wallet_says_how_much_of_a_refunded_card_had_been_used(people: Cast) -> None:
    part, whole = card_of(people), card_of(people)
    redeem(people, part)
    for voucher in (part, whole):
        send_back(people, voucher)
    wallet = text(people.buyer, f"{reverse('voucher_list')}?tab=refunding")
    assert wallet.count("1 of 3 uses had been used") == 1
    assert wallet.count("Valid until") == 1


def test_what_was_returned_is_told_so_at_the_counter_and_where_one_would_review_it(
    people: Cast,
) -> None:
    voucher = card_of(people, uses=1)
    redemption = redeem(people, voucher)
    return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.operator)
    with pytest.raises(AlreadyRedeemed) as refused:
        redeem(people, voucher)
    assert "taken back after that" in str(refused.value)
    page = text(people.buyer, reverse("review_write", args=[voucher.pk]))
    assert "nothing left to review" in page and "Come back after" not in page
