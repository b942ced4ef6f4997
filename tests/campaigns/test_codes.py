"""Codes of coupons: made by a worker, typed in basket, checkout, "My coupons" and the API, each good once."""

from __future__ import annotations

import datetime as dt
import itertools
import resource
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.access import GUESSES
from campaigns.code_list import codes_file
from campaigns.codes import is_mistyped, read_coupon_code, write_coupon_code
from campaigns.errors import (
    CampaignNotBegun,
    CampaignOver,
    CampaignPaused,
    CodeMistyped,
    CodeRevoked,
    CodeSpent,
    CodeTaken,
    CodeUnknown,
    CouponLimitReached,
    NotClaimable,
)
from campaigns.models import Batch, Campaign, Coupon, CouponCode
from campaigns.services.campaigns import end_campaign, pause_campaign
from campaigns.services.codes import AT_ONCE, claim_code, make_codes
from campaigns.services.coupons import claim_coupon
from kernel.clock import now
from kernel.errors import NotFound
from kernel.ids import COUPON_LENGTH, new_coupon_codes
from kernel.outbox.models import OutboxEvent
from orders.models import Order
from orders.pricing.rules import Ask
from orders.services.basket import add_line, basket_of
from orders.services.place import place_order
from orders.services.quotes import make_quote
from tests.campaigns.made import TENTH, make_campaign, over
from tests.factories import cast, make_product, make_user, offer_of
from tests.forms import LONG
from tests.races.books import broken

pytestmark = pytest.mark.django_db
_keys = itertools.count(1)


def coded(product: Any, *conditions: Any, **more: Any) -> tuple[Campaign, list[str]]:
    """A campaign whose coupons come with codes, and the codes."""
    row = make_campaign(product.merchant, *conditions, claiming="code", **({"coupons": 3} | more))
    make_codes(campaign_id=row.pk)
    return row, list(row.codes.order_by("pk").values_list("code", flat=True))


@pytest.fixture
def product() -> Any:
    return make_product(price_fen=6000)


def answers(buyer: Any, product: Any, *texts: str, coupons: Any = None) -> dict[str, str]:
    quote = make_quote(
        buyer_id=buyer.pk if buyer else None,
        lines=[(offer_of(product).pk, 1)],
        ask=Ask(coupon_codes=texts, coupons=coupons),
    )
    return {answer.source: answer.code for answer in quote.answers}


# What a code is ------------------------------------------------------------------------


def test_a_code_has_sixty_random_bits_and_a_letter_that_finds_every_slip() -> None:
    codes = new_coupon_codes(500)
    assert len(set(codes)) == 500
    assert {len(code) for code in codes} == {COUPON_LENGTH}
    assert not set("".join(codes)) & set("ILOU")
    code = codes[0]
    assert read_coupon_code(write_coupon_code(code).lower()) == code
    assert read_coupon_code(code.replace("0", "o").replace("1", "l")) == code
    for place in range(COUPON_LENGTH):
        other = "A" if code[place] != "A" else "B"
        assert is_mistyped(code[:place] + other + code[place + 1 :])
    for place in range(COUPON_LENGTH - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert is_mistyped(swapped) == (swapped != code)
    assert read_coupon_code("SPRING") == read_coupon_code("-" * 100) == ""


def test_a_started_campaign_has_its_codes_made_by_a_worker_once(product: Any) -> None:
    draft = make_campaign(product.merchant, claiming="code", coupons=25, start=False)
    assert make_codes(campaign_id=draft.pk) == 0
    row = make_campaign(product.merchant, claiming="code", coupons=25)
    assert OutboxEvent.objects.filter(topic="campaign.started").count() == 1
    assert make_codes(campaign_id=row.pk) == 25
    assert make_codes(campaign_id=row.pk) == 0
    assert (row.codes.count(), Batch.objects.get(campaign=row).made) == (25, 25)
    assert make_codes(campaign_id=make_campaign(product.merchant).pk) == 0


def test_a_million_codes_are_made_and_sent_in_a_minute_and_little_memory(product: Any) -> None:
    count = 1_000_000 if LONG else AT_ONCE + 1000
    row = make_campaign(product.merchant, claiming="code", coupons=count)
    began, before = time.perf_counter(), peak_mib()
    assert make_codes(campaign_id=row.pk) == count
    assert time.perf_counter() - began <= (60 if LONG else 10)
    answer: Any = codes_file(row)
    lines = sum(part.count(b"\n") for part in answer.streaming_content)
    assert lines == count + 1
    assert peak_mib() - before <= 100


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# Claiming ------------------------------------------------------------------------------


def test_a_code_becomes_the_coupon_of_who_types_it_first(product: Any) -> None:
    row, codes = coded(product)
    guest, other = make_user(), make_user()
    claim = claim_code(owner=guest, text=write_coupon_code(codes[0]).lower())
    assert (claim.is_new, claim.coupon.owner, claim.coupon.campaign) == (True, guest, row)
    again = claim_code(owner=guest, text=codes[0])
    assert (again.is_new, again.coupon) == (False, claim.coupon)
    assert Batch.objects.get(campaign=row).claimed == 1
    with pytest.raises(CodeTaken):
        claim_code(owner=other, text=codes[0])
    with pytest.raises(CouponLimitReached):
        claim_code(owner=guest, text=codes[1])
    Coupon.objects.filter(pk=claim.coupon.pk).update(state="used")
    with pytest.raises(CodeSpent):
        claim_code(owner=guest, text=codes[0])
    with pytest.raises(NotClaimable):
        claim_coupon(owner=other, campaign_id=row.pk)
    assert Coupon.objects.count() == 1


def test_a_code_that_brings_nothing_says_why(product: Any) -> None:
    guest, later = make_user(), now() + dt.timedelta(hours=1)
    _row, (spare, gone, _last) = coded(product)
    CouponCode.objects.filter(code=gone).update(revoked_at=now())
    paused, ended = coded(product), coded(product)
    pause_campaign(campaign_id=paused[0].pk, by=None)
    end_campaign(campaign_id=ended[0].pk, by=None)
    slip = spare[:-1] + ("A" if spare[-1] != "A" else "B")
    refusals: dict[str, Any] = {
        "SPRING": CodeUnknown,
        new_coupon_codes(1)[0]: CodeUnknown,
        slip: CodeMistyped,
        gone: CodeRevoked,
        coded(product, begins_at=later)[1][0]: CampaignNotBegun,
        paused[1][0]: CampaignPaused,
        ended[1][0]: CampaignOver,
    }
    for text, refusal in refusals.items():
        with pytest.raises(refusal):
            claim_code(owner=guest, text=text)
    assert list(answers(guest, product, *refusals).values()) == [
        *("code_revoked", "not_started", "campaign_paused", "ended"),
        *("unknown_code", "unknown_code", "code_mistyped"),
    ]
    assert not Coupon.objects.exists()


# In the price --------------------------------------------------------------------------


def test_a_typed_code_lowers_the_quote_and_becomes_a_coupon_with_the_order(product: Any) -> None:
    row, codes = coded(product)
    guest = make_user()
    source = f"code:{codes[0]}"
    assert answers(guest, product, codes[0]) == {source: "applied"}
    assert answers(None, product, codes[0]) == {source: "sign_in_first"}
    assert not Coupon.objects.exists()
    order = place_order(
        buyer=guest, lines=[(offer_of(product).pk, 1)], ask=Ask(coupon_codes=(codes[0],))
    )
    coupon = Coupon.objects.get()
    assert (order.total_fen, coupon.state, coupon.owner) == (4000, "reserved", guest)
    assert answers(guest, product, codes[0]) == {f"coupon:{coupon.pk}": "coupon_reserved"}
    assert answers(make_user(), product, codes[0]) == {source: "code_taken"}
    assert answers(guest, product, codes[1]) == {f"code:{codes[1]}": "coupon_limit_reached"}
    assert row.codes.filter(coupon=coupon).exists()


def test_a_code_is_chosen_by_being_typed_and_the_best_one_counts(product: Any) -> None:
    guest = make_user()
    best = claim_coupon(
        owner=guest,
        campaign_id=make_campaign(product.merchant, gives=TENTH._replace(permille=900)).pk,
    )
    _row, codes = coded(product)
    source = f"code:{codes[0]}"
    assert answers(guest, product, codes[0]) == {
        f"coupon:{best.pk}": "applied",
        source: "better_one",
    }
    assert answers(guest, product, codes[0], coupons=()) == {
        f"coupon:{best.pk}": "not_chosen",
        source: "applied",
    }
    claim_code(owner=guest, text=codes[0])
    assert "applied" in answers(guest, product, codes[0], coupons=()).values()
    other = make_product(price_fen=5000)
    assert answers(guest, other, codes[0]).popitem()[1] == "other_items"


def test_an_order_with_a_code_that_brings_nothing_says_so_and_costs_the_full_price(
    product: Any,
) -> None:
    _row, codes = coded(product, over(100000))
    text = new_coupon_codes(1)[0]
    order = place_order(
        buyer=make_user(),
        lines=[(offer_of(product).pk, 1)],
        ask=Ask(coupon_codes=(codes[0], text, "nonsense")),
    )
    assert order.total_fen == 6000
    assert [answer.code for answer in order.answers] == [
        *("below_minimum", "unknown_code", "unknown_code")
    ]


# Pages ---------------------------------------------------------------------------------


def test_a_code_is_typed_in_basket_checkout_and_my_coupons(client: Client, product: Any) -> None:
    guest = make_user()
    client.force_login(guest)
    add_line(basket=basket_of(owner=guest), offer_id=offer_of(product).pk, quantity=1)
    for name in ("basket", "checkout", "coupon_list"):
        assert reverse("coupon_code") in client.get(reverse(name)).content.decode(), name
    _row, codes = coded(product)
    url, basket = reverse("coupon_code"), reverse("basket")
    page = client.post(url, {"code": codes[0], "next": basket}, follow=True)
    assert page.redirect_chain == [(basket, 302)]
    assert page.context["basket"].quote.total_fen == 4000
    slip = codes[1][:-1] + ("A" if codes[1][-1] != "A" else "B")
    page = client.post(url, {"code": slip}, follow=True)
    assert str(CodeMistyped.message) in page.content.decode()
    assert f'value="{slip}"' in page.content.decode()
    page = client.post(url, {"code": codes[1], "next": "https://elsewhere.example/"}, follow=True)
    assert page.redirect_chain[0][0].startswith("/coupons/")


def test_who_signs_in_first_finds_the_code_in_the_field(client: Client, product: Any) -> None:
    _row, codes = coded(product)
    led = client.post(reverse("coupon_code"), {"code": codes[0], "next": "/basket/"})
    assert led["Location"].startswith(reverse("login"))
    client.force_login(make_user())
    page = client.get("/coupons/", {"code": codes[0], "next": "/basket/"}).content.decode()
    assert f'value="{codes[0]}"' in page
    assert 'name="next" value="/basket/"' in page


def test_guesses_are_counted_and_right_codes_are_not(
    client: Client, product: Any, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    guest = make_user()
    client.force_login(guest)
    _row, codes = coded(product)
    url = reverse("coupon_code")
    for _ in range(GUESSES + 5):
        client.post(url, {"code": codes[0]})
        client.post(url, {"code": "no code at all"})
    for code in new_coupon_codes(GUESSES):
        client.post(url, {"code": code})
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    elsewhere.force_login(guest)
    page = elsewhere.post(url, {"code": new_coupon_codes(1)[0]}, follow=True).content.decode()
    assert "Too many attempts" in page
    stranger = Client()
    stranger.force_login(make_user())
    page = stranger.post(url, {"code": new_coupon_codes(1)[0]}, follow=True).content.decode()
    assert "Too many attempts" in page


# The API -------------------------------------------------------------------------------


def test_the_api_takes_codes(product: Any, settings: Any) -> None:
    api = APIClient()
    guest = make_user()
    api.force_authenticate(guest)

    def send(path: str, body: Any) -> Any:
        key = f"codes-key-{next(_keys):08d}"
        return api.post(f"/api/v1{path}", body, format="json", headers={"Idempotency-Key": key})

    _row, codes = coded(product)
    lines = [{"offer": offer_of(product).pk, "quantity": 1}]
    quote = send("/quotes", {"lines": lines, "coupon_codes": [codes[0]]}).json()
    assert (quote["total_fen"], quote["answers"][0]["code"]) == (4000, "applied")
    made = send("/coupons", {"code": write_coupon_code(codes[0])})
    assert (made.status_code, made.json()["usable"]) == (201, True)
    assert send("/coupons", {"code": codes[0]}).json()["id"] == made.json()["id"]
    refused = send("/coupons", {"code": "SPRING"})
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_code")
    order = send("/orders", {"lines": lines, "coupon_codes": [codes[0]], "quote": quote["digest"]})
    assert (order.status_code, order.json()["total_fen"]) == (201, 4000)
    assert Order.objects.get().buyer == guest
    settings.RATE_LIMITS = True
    for code in new_coupon_codes(GUESSES):
        assert send("/quotes", {"lines": lines, "coupon_codes": [code]}).status_code == 200
    guess = new_coupon_codes(1)[0]
    assert send("/quotes", {"lines": lines, "coupon_codes": [guess]}).status_code == 429
    assert send("/coupons", {"code": guess}).status_code == 429
    with pytest.raises(NotFound):
        claim_coupon(owner=guest, campaign_id=10**9)


# The business --------------------------------------------------------------------------


def test_the_business_downloads_its_codes_and_nobody_else_does(
    client: Client, product: Any
) -> None:
    people = cast()
    row, codes = coded(make_product(merchant=people.merchant))
    guest = make_user()
    claim_code(owner=guest, text=codes[0])
    url = reverse("admin:campaigns_campaign_codes_here", args=[row.pk])
    client.force_login(people.owner)
    page = client.get(reverse("admin:campaigns_campaign_change", args=[row.pk])).content.decode()
    assert url in page
    assert "3 of 3 are made" in page
    answer = client.get(url)
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1].startswith(f"{write_coupon_code(codes[0])},http")
    assert [line.rsplit(",", 1)[1] for line in lines[1:]] == ["claimed", "free", "free"]
    client.force_login(guest)
    assert client.get(url).status_code in (302, 403, 404)


@pytest.mark.django_db(transaction=True)
def test_the_audit_finds_a_code_too_many_and_one_without_its_coupon(product: Any) -> None:
    row, codes = coded(product)
    claim_code(owner=make_user(), text=codes[0])
    assert broken() == set()
    Batch.objects.filter(campaign=row).update(made=2)
    assert broken() == {"coupon_codes_made"}
    Batch.objects.filter(campaign=row).update(made=3)
    row.codes.update(coupon=None)
    assert broken() == {"coupon_codes_claimed"}
