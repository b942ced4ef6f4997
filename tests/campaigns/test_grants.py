"""Coupons that a business gives, at the counter, in the back office and by API; and what it takes back."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.errors import (
    CodeEnded,
    CodeRevoked,
    CouponKept,
    CouponLimitReached,
    CouponsGone,
    GrantsGone,
    NotGranted,
)
from campaigns.models import Batch, Coupon, CouponCode, CouponGrant
from campaigns.services import grants
from campaigns.services.codes import claim_code, make_codes
from campaigns.services.coupons import claim_coupon
from campaigns.services.grants import (
    SHOWN_MINUTES,
    CouponAsked,
    grant_coupon,
    revoke_code,
    revoke_coupon,
)
from campaigns.services.remind import remind_of_coupons
from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound
from messages.models import Notification
from messages.wording import word_notification
from orders.services.place import place_order
from stores.errors import RightMissing
from tests.campaigns.made import make_campaign
from tests.factories import Cast, cast, make_product, make_user, offer_of

pytestmark = pytest.mark.django_db
_keys = itertools.count(1)


@pytest.fixture
def people() -> Cast:
    return cast()


def granted(people: Cast, **more: Any) -> Any:
    return make_campaign(people.merchant, claiming="granted", **more)


def asking(person: str = "", **more: Any) -> CouponAsked:
    return CouponAsked(**{"reason": "apology", "person": person, "note": "Cold soup.", **more})


# Giving --------------------------------------------------------------------------------


def test_a_clerk_gives_a_coupon_to_an_account_and_the_guest_is_told(
    people: Cast, drain: Any
) -> None:
    row, guest = granted(people), make_user(email="mei@example.com")
    made = grant_coupon(
        campaign_id=row.pk, asked=asking("mei@example.com", store=people.store), issuer=people.clerk
    )
    coupon = made.coupon
    assert coupon is not None
    assert (coupon.owner, coupon.state, made.issuer, made.note) == (
        *(guest, "claimed", people.clerk),
        "Cold soup.",
    )
    assert Batch.objects.get(campaign=row).claimed == 1
    drain()
    told = word_notification(Notification.objects.get(user=guest))
    assert "Quiet Tuesday" in told.title
    with pytest.raises(CouponLimitReached):
        grant_coupon(campaign_id=row.pk, asked=asking("mei@example.com"), issuer=people.owner)
    with pytest.raises(InvalidInput):
        grant_coupon(campaign_id=row.pk, asked=asking("nobody@example.com"), issuer=people.owner)


def test_who_may_not_give_gives_nothing(people: Cast) -> None:
    row = granted(people)
    for asked in (asking(), asking(store=people.other_store)):
        with pytest.raises(RightMissing):
            grant_coupon(campaign_id=row.pk, asked=asked, issuer=people.clerk)
    for who in (people.stranger, make_user()):
        with pytest.raises(NotFound):
            grant_coupon(campaign_id=row.pk, asked=asking(), issuer=who)
    with pytest.raises(NotGranted):
        grant_coupon(
            campaign_id=make_campaign(people.merchant).pk, asked=asking(), issuer=people.owner
        )
    assert not CouponGrant.objects.exists()


def test_a_shown_code_is_claimed_by_who_scans_it_in_time(people: Cast) -> None:
    row = granted(people, coupons=1)
    made = grant_coupon(campaign_id=row.pk, asked=asking(store=people.store), issuer=people.clerk)
    assert made.code is not None
    with pytest.raises(CouponsGone):  # the one that there is was promised
        grant_coupon(campaign_id=row.pk, asked=asking(), issuer=people.owner)
    with at(now() + dt.timedelta(minutes=SHOWN_MINUTES)):
        with pytest.raises(CodeEnded):
            claim_code(owner=make_user(), text=made.code.code)
        again = grant_coupon(campaign_id=row.pk, asked=asking(), issuer=people.owner)
        assert again.code is not None
        assert claim_code(owner=make_user(), text=again.code.code).is_new


def test_one_person_gives_so_many_a_day(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = granted(people)
    monkeypatch.setattr(grants, "A_DAY", 2)
    for _ in range(2):
        grant_coupon(campaign_id=row.pk, asked=asking(store=people.store), issuer=people.clerk)
    with pytest.raises(GrantsGone):
        grant_coupon(campaign_id=row.pk, asked=asking(store=people.store), issuer=people.clerk)
    with at(now() + dt.timedelta(days=1, seconds=1)):
        grant_coupon(campaign_id=row.pk, asked=asking(store=people.store), issuer=people.clerk)


def test_the_counter_gives_and_shows_a_code(people: Cast, client: Client) -> None:
    client.force_login(people.clerk)
    url = reverse("console_coupons", args=[people.store.pk])
    assert "No coupons to give now" in client.get(url).content.decode()
    row = granted(people)
    page = client.get(url).content.decode()
    assert "¥20 off" in page
    assert url in client.get(reverse("console_store", args=[people.store.pk])).content.decode()

    def give(**more: Any) -> Any:
        key = client.get(url).content.decode().split('name="form_key" value="')[1].split('"')[0]
        data = {"campaign": row.pk, "reason": "thanks", "note": "", "form_key": key} | more
        return client.post(url, data, follow=True).content.decode()

    text = give()
    code = CouponCode.objects.get()
    assert "Let the guest scan this" in text
    assert f"{code.code[:4]}-{code.code[4:8]}-{code.code[8:]}" in text
    make_user(email="mei@example.com")
    assert "Given. The guest is told" in give(person="mei@example.com")
    assert "No guest signs in with this address." in give(person="nobody@example.com")
    assert "Choose a reason." in give(reason="because")


def test_the_api_and_the_back_office_give_and_take_back(people: Cast, client: Client) -> None:
    row, guest = granted(people), make_user(email="mei@example.com")
    api = APIClient()
    api.force_authenticate(people.clerk)

    def send(path: str, body: Any) -> Any:
        key = f"grants-key-{next(_keys):08d}"
        return api.post(f"/api/v1{path}", body, format="json", headers={"Idempotency-Key": key})

    shown = send(
        "/coupon-grants", {"campaign": row.pk, "store": people.store.pk, "reason": "other"}
    )
    assert (shown.status_code, shown.json()["coupon"]) == (201, None)
    assert shown.json()["url"].endswith(shown.json()["code"].replace("-", ""))
    api.force_authenticate(people.owner)
    body = {"number": shown.json()["code"].lower(), "reason": "Shown to the wrong one."}
    assert send("/coupon-revocations", body).json()["state"] == "revoked"
    assert send("/coupon-revocations", body).json()["code"] == "coupon_kept"
    codes = api.get(f"/api/v1/campaigns/{row.pk}/coupon-codes").json()["results"]
    assert [code["state"] for code in codes] == ["revoked"]

    client.force_login(people.owner)
    add = reverse("admin:campaigns_coupongrant_add")
    assert "Quiet Tuesday" in client.get(add).content.decode()
    data = {"campaign": row.pk, "person": "mei@example.com", "reason": "thanks", "note": ""}
    assert client.post(add, data).status_code == 302
    coupon = Coupon.objects.get(owner=guest)
    for name in ("coupon", "couponcode", "coupongrant"):
        listed = client.get(reverse(f"admin:campaigns_{name}_changelist"))
        assert listed.status_code == 200, name
    found = client.get(reverse("admin:campaigns_coupon_changelist"), {"q": coupon.number})
    assert coupon.number in found.content.decode()
    found = client.get(
        reverse("admin:campaigns_couponcode_changelist"), {"q": codes[0]["code"].lower()}
    )
    assert codes[0]["code"] in found.content.decode()
    act = {
        "action": "take_back",
        "_selected_action": [coupon.pk],
        "confirmed": "yes",
        f"note_{coupon.pk}": "Given twice.",
    }
    client.post(reverse("admin:campaigns_coupon_changelist"), act)
    coupon.refresh_from_db()
    assert (coupon.state, coupon.revocation.reason) == ("revoked", "Given twice.")


# Taking back ---------------------------------------------------------------------------


def test_a_coupon_is_taken_back_while_it_is_in_no_order(people: Cast, drain: Any) -> None:
    product = make_product(merchant=people.merchant, price_fen=6000)
    row, guest = make_campaign(people.merchant, per_person=2), make_user()
    first, second = (claim_coupon(owner=guest, campaign_id=row.pk) for _ in range(2))
    with pytest.raises(InvalidInput):
        revoke_coupon(coupon_id=first.pk, reason=" ", by=people.owner)
    with pytest.raises(RightMissing):
        revoke_coupon(coupon_id=first.pk, reason="No.", by=people.clerk)
    with pytest.raises(NotFound):
        revoke_coupon(coupon_id=first.pk, reason="No.", by=people.stranger)
    order = place_order(buyer=guest, lines=[(offer_of(product).pk, 1)])
    held = Coupon.objects.get(state="reserved")
    with pytest.raises(CouponKept):
        revoke_coupon(coupon_id=held.pk, reason="No.", by=people.owner)
    free = second if held == first else first
    revoke_coupon(coupon_id=free.pk, reason="Farmed.", by=people.owner)
    assert place_order(buyer=guest, lines=[(offer_of(product).pk, 1)]).total_fen == 6000
    assert order.total_fen == 4000
    drain()
    assert "Coupon taken back" in word_notification(Notification.objects.get(user=guest)).title


def test_a_code_that_was_taken_back_brings_nothing(people: Cast) -> None:
    row = make_campaign(people.merchant, claiming="code", coupons=2)
    make_codes(campaign_id=row.pk)
    lost, used = row.codes.order_by("pk")
    revoke_code(code_id=lost.pk, reason="Stolen.", by=people.operator)
    with pytest.raises(CodeRevoked):
        claim_code(owner=make_user(), text=lost.code)
    claim_code(owner=make_user(), text=used.code)
    with pytest.raises(CouponKept):
        revoke_code(code_id=used.pk, reason="Stolen.", by=people.operator)


# Reminders -----------------------------------------------------------------------------


def test_an_owner_is_reminded_once_before_a_coupon_ends(people: Cast) -> None:
    guest = make_user()
    ends = now() + dt.timedelta(days=5)
    coupon = claim_coupon(owner=guest, campaign_id=make_campaign(people.merchant, ends_at=ends).pk)
    used = claim_coupon(owner=guest, campaign_id=make_campaign(people.merchant, ends_at=ends).pk)
    Coupon.objects.filter(pk=used.pk).update(state="used")
    assert remind_of_coupons() == 0
    with at(ends - dt.timedelta(days=2)):
        assert remind_of_coupons() == 1
        assert remind_of_coupons() == 0
    told = Notification.objects.get(user=guest)
    assert told.dedupe_key == f"coupon_ending:{coupon.pk}"
    assert "Use your coupon by" in word_notification(told).title
    with at(ends):
        assert remind_of_coupons() == 0
    assert not mail.outbox
