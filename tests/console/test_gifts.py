"""A gift at the counter, by page and by API: given, redeemed, held, taken back, limited."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from kernel.clock import at, now
from members.services.accounts import issue_token
from tests.console.test_pages import browser, look_up, redeem, voucher_of
from tests.factories import Cast
from vouchers.models import Redemption, Voucher
from vouchers.services.expire import expire_due
from vouchers.services.grants import GrantAsked, grant_voucher, revoke_grant

DAY = dt.timedelta(days=1)


def api(user: Any) -> Any:
    client = Client(headers={"authorization": f"Bearer {issue_token(user=user)}"})

    def post(path: str, key: str, body: dict[str, Any]) -> Any:
        return client.post(
            f"/api/v1/{path}", body, "application/json", headers={"idempotency-key": key}
        )

    return post


def given(people: Cast, **fields: Any) -> Voucher:
    return grant_voucher(
        merchant=people.merchant,
        issuer=people.owner,
        asked=GrantAsked(
            person=people.buyer.email,
            reason="apology",
            valid_until=(now() + 20 * DAY).date(),
            title_en="A dessert of your choice",
        ),
        **fields,
    )


def test_a_gift_is_redeemed_on_the_page_like_any_voucher(people: Cast) -> None:
    voucher, clerk = given(people), browser(people.clerk)
    assert "A dessert of your choice" in look_up(clerk, people, voucher.code).content.decode()
    page = clerk.get(redeem(clerk, people, voucher.code)["Location"]).content.decode()
    assert "A dessert of your choice" in page and "¥" not in page.split("<main")[1]
    assert "State of the money" not in page and "Undo window" not in page
    again = look_up(clerk, people, voucher.code).content.decode()
    assert "Already redeemed" in again
    today = clerk.get(f"/console/{people.store.pk}/today/").content.decode()
    assert "A dessert of your choice" in today and "ndo window open" not in today


def test_a_gift_is_given_redeemed_and_expires_by_api(people: Cast) -> None:
    owner, clerk = api(people.owner), api(people.clerk)
    asked = {
        "person": people.buyer.email,
        "title_en": "A dessert of your choice",
        "uses": 2,
        "valid_until": (now() + 9 * DAY).date().isoformat(),
        "reason": "thanks",
    }
    made = owner("grants", "gift-0001", asked).json()
    voucher = Voucher.objects.get(pk=made["voucher"])
    scan = {"store": people.store.pk, "code": voucher.code}
    shown = clerk("console/previews", "gift-0002", scan).json()
    assert (shown["title"], shown["uses_left"], shown["uses_now"]) == (asked["title_en"], 2, 2)
    done = clerk("console/redemptions", "gift-0003", scan)
    assert done.status_code == 201 and done.json()["uses_left"] == 1
    with at(voucher.valid_until):
        assert expire_due() == 1
        late = clerk("console/redemptions", "gift-0004", scan)
    assert (late.status_code, late.json()["code"]) == (409, "expired")


@pytest.mark.parametrize(
    ("state", "word", "code"),
    [("held", "Not usable yet", "held"), ("revoked", "Taken back", "revoked")],
)
def test_the_counter_says_why_a_gift_is_not_taken(
    people: Cast, state: str, word: str, code: str
) -> None:
    voucher = given(people, **({"held_for": "booking"} if state == "held" else {}))
    if state == "revoked":
        revoke_grant(grant_id=voucher.grant.pk, by=people.owner)
    assert word in look_up(browser(people.clerk), people, voucher.code).content.decode()
    scan = {"store": people.store.pk, "code": voucher.code}
    told = api(people.clerk)("console/redemptions", "gift-0005", scan)
    assert (told.status_code, told.json()["code"]) == (409, code)
    assert not Redemption.objects.exists()


def test_the_page_offers_no_more_uses_than_the_terms_allow_now(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5, uses_per_visit=2)
    clerk = browser(people.clerk)
    offered = look_up(clerk, people, voucher.code).content.decode()
    assert 'max="2"' in offered and "2 uses at the most can be redeemed now" in offered
    refused = redeem(clerk, people, voucher.code, uses="3").content.decode()
    assert "2 can be redeemed now" in refused and not Redemption.objects.exists()
    redeem(clerk, people, voucher.code, uses="2")
    assert "Enough for now" in look_up(clerk, people, voucher.code).content.decode()
    told = api(people.clerk)(
        "console/redemptions", "gift-0006", {"store": people.store.pk, "code": voucher.code}
    ).json()
    assert (told["code"], told["cap"], told["most"], told["left"]) == ("cap_reached", "visit", 2, 0)
    assert told["usable_from"]
