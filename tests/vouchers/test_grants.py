"""Gifts: given, told, shown, redeemed, taken back and expired, and no fen moves."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from catalog.models import Stock
from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound, TooManyAttempts
from kernel.outbox.models import OutboxEvent
from kernel.outbox.services import drain
from members.services.accounts import issue_token
from messages.models import Notification
from payments.models import LedgerEntry
from reviews.errors import NotRedeemedYet
from reviews.services.reviews import write_review
from stores.errors import NotTrading, RightMissing
from stores.models import Merchant
from tests.factories import Cast, make_product, make_staff, make_store, make_user, variant_of
from tests.vouchers.counter import sell_one
from vouchers import errors, qr
from vouchers.models import Grant, Voucher
from vouchers.services import grants
from vouchers.services.expire import expire_due
from vouchers.services.grants import GrantAsked, grant_voucher, revoke_grant
from vouchers.services.hold import open_voucher
from vouchers.services.redeem import preview_voucher, redeem_voucher, undo_redemption
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.services.release import release_due
from vouchers.services.remind import remind_due

DAY = dt.timedelta(days=1)


def asked(people: Cast, **changed: Any) -> GrantAsked:
    facts: dict[str, Any] = {
        "person": people.buyer.email,
        "reason": "apology",
        "valid_until": (now() + 30 * DAY).date(),
        "title_en": "A dessert of your choice",
        "title_zh": "任选甜品一份",
        "note": "Waited an hour.",
        **changed,
    }
    return GrantAsked(**facts)


def give(people: Cast, *, issuer: Any = None, held_for: str = "", **changed: Any) -> Voucher:
    return grant_voucher(
        merchant=people.merchant,
        issuer=issuer or people.owner,
        asked=asked(people, **changed),
        held_for=held_for,
    )


def redeem(people: Cast, voucher: Voucher, uses: int = 1) -> Any:
    return redeem_voucher(
        staff=people.clerk, store_id=people.store.pk, code=voucher.code, uses=uses
    )


def test_a_gift_is_a_voucher_without_order_payment_and_price(people: Cast) -> None:
    voucher = give(people, uses=3)
    voucher.refresh_from_db()
    assert (voucher.state, voucher.kind, voucher.uses_total) == ("active", "times_card", 3)
    assert (voucher.paid_fen, voucher.value_fen, voucher.order_number) == (0, 0, "")
    assert voucher.product is None and not voucher.components.exists()
    assert voucher.owner == people.buyer and voucher.last_day == asked(people).valid_until
    assert (voucher.grant.issuer, voucher.grant.reason) == (people.owner, "apology")


def test_it_is_redeemed_released_and_undone_and_no_money_moves(people: Cast) -> None:
    voucher = give(people, uses=2)
    first = redeem(people, voucher)
    undo_redemption(staff=people.clerk, redemption_id=first.pk)
    second = redeem(people, voucher, uses=2)
    with at(second.undo_until):
        assert release_due() == 1
    voucher.refresh_from_db()
    assert (voucher.state, second.value_fen) == ("used", 0)
    with pytest.raises(errors.NothingToReturn):
        return_redeemed(redemption_id=second.pk, uses=1, requested_by=people.operator)
    assert not LedgerEntry.objects.exists()


def test_a_gift_ends_with_its_last_day_where_that_ends_last(people: Cast) -> None:
    make_store(merchant=people.merchant, time_zone="America/Los_Angeles")
    voucher = give(people)
    assert (voucher.time_zone, voucher.last_day) == (
        "America/Los_Angeles",
        asked(people).valid_until,
    )
    night = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)  # still the first of March over there
    with at(night):
        assert give(people, valid_until=dt.date(2026, 3, 1)).last_day == dt.date(2026, 3, 1)


def test_a_product_is_given_with_its_terms_and_takes_no_stock(people: Cast) -> None:
    product = make_product(merchant=people.merchant, stock=4, stores=[people.other_store])
    voucher = give(people, product=product, title_en="", title_zh="")
    assert voucher.product == product and voucher.title == product.title
    with pytest.raises(errors.WrongStore):
        redeem(people, voucher)
    assert Stock.objects.get(variant=variant_of(product)).available == 4
    revoke_grant(grant_id=voucher.grant_id, by=people.teammate)
    assert Stock.objects.get(variant=variant_of(product)).available == 4


def test_its_words_count_at_the_stores_that_were_named(people: Cast) -> None:
    voucher = give(people, stores=[people.other_store])
    with pytest.raises(errors.WrongStore):
        redeem(people, voucher)
    assert preview_voucher(
        staff=people.owner, store_id=people.other_store.pk, code=qr.payload(voucher)
    )


def test_the_guest_is_told_who_gives_what(people: Cast) -> None:
    voucher = give(people)
    drain()
    told = Notification.objects.get(user=people.buyer, kind="voucher_granted")
    assert told.params["merchant_en"] == people.merchant.name_en
    assert told.params["until_on"] == voucher.last_day.isoformat()
    revoke_grant(grant_id=voucher.grant_id, by=people.owner)
    drain()
    assert Notification.objects.filter(user=people.buyer, kind="voucher_revoked").count() == 1


def test_who_does_not_run_the_business_gives_nothing(people: Cast) -> None:
    for person in (people.stranger, people.buyer):
        with pytest.raises(NotFound):
            give(people, issuer=person)
    with pytest.raises(RightMissing):
        give(people, issuer=people.clerk)
    assert give(people, issuer=people.teammate) and give(people, issuer=people.operator)
    Merchant.objects.filter(pk=people.merchant.pk).update(state="suspended")
    with pytest.raises(NotTrading):
        give(people)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"person": "nobody@example.com"}, "person"),
        ({"person": " "}, "person"),
        ({"uses": 0}, "uses"),
        ({"uses": 51}, "uses"),
        ({"title_en": " ", "title_zh": ""}, "title_en"),
        ({"title_zh": "字" * 161}, "title_en"),
        ({"reason": "bribe"}, "reason"),
        ({"note": "x" * 501}, "note"),
        ({"valid_until": dt.date(2020, 1, 1)}, "valid_until"),
        ({"valid_until": dt.date(2190, 1, 1)}, "valid_until"),
    ],
)
def test_what_cannot_be_given_is_named_by_its_field(
    people: Cast, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        give(people, **changed)
    assert set(refused.value.extra["fields"]) == {field}
    assert not Grant.objects.exists()


def test_goods_and_stores_of_others_are_not_given(people: Cast) -> None:
    foreign = make_store(merchant=people.other_merchant)
    with pytest.raises(InvalidInput):
        give(people, stores=[foreign])
    with pytest.raises(InvalidInput):
        give(people, product=make_product(merchant=people.other_merchant), title_en="", title_zh="")


def test_a_business_gives_so_much_in_a_day_and_no_more(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(grants.TO_ONE_PERSON_A_DAY):
        give(people)
    with pytest.raises(errors.GrantLimit) as refused:
        give(people)
    assert refused.value.extra == {"limit": "person"}
    monkeypatch.setattr(grants, "A_DAY", grants.TO_ONE_PERSON_A_DAY + 1)
    give(people, person=make_user().email)
    with pytest.raises(errors.GrantLimit) as refused:
        give(people, person=make_user().email)
    assert refused.value.extra == {"limit": "merchant"}
    with at(now() + DAY + dt.timedelta(seconds=1)):
        assert give(people)


def test_nobody_finds_out_by_gifts_who_is_a_member(people: Cast, settings: Any) -> None:
    settings.RATE_LIMITS = True
    assert give(people) and give(people)  # who is found is no guess
    for number in range(grants.UNKNOWN_A_DAY):
        with pytest.raises(InvalidInput):
            give(people, person=f"nobody{number}@example.com")
    with pytest.raises(TooManyAttempts):
        give(people)


def test_only_what_nobody_used_is_taken_back(people: Cast) -> None:
    voucher, used = give(people), give(people, uses=2)
    redeem(people, used)
    with pytest.raises(errors.GrantUsed):
        revoke_grant(grant_id=used.grant_id, by=people.owner)
    with pytest.raises(NotFound):
        revoke_grant(grant_id=voucher.grant_id, by=people.stranger)
    with pytest.raises(RightMissing):
        revoke_grant(grant_id=voucher.grant_id, by=people.clerk)
    revoke_grant(grant_id=voucher.grant_id, by=people.owner)
    with pytest.raises(errors.GrantUsed):
        revoke_grant(grant_id=voucher.grant_id, by=people.owner)
    with pytest.raises(errors.Revoked):
        redeem(people, voucher)
    assert Grant.objects.get(pk=voucher.grant_id).revoked_by == people.owner


def test_who_only_reads_takes_no_gift_back_and_neither_does_a_suspended_business(
    people: Cast,
) -> None:
    voucher = give(people)
    reader = make_staff(people.store, role="reader")
    with pytest.raises(RightMissing):
        revoke_grant(grant_id=voucher.grant_id, by=reader)
    Merchant.objects.filter(pk=people.merchant.pk).update(state="suspended")
    with pytest.raises(NotTrading):
        revoke_grant(grant_id=voucher.grant_id, by=people.owner)
    voucher.refresh_from_db()
    assert voucher.state == "active"


def test_a_gift_that_still_waits_is_taken_back(people: Cast) -> None:
    voucher = give(people, held_for="group")
    revoke_grant(grant_id=voucher.grant_id, by=people.owner)
    voucher.refresh_from_db()
    assert voucher.state == "revoked"


def test_it_expires_without_a_refund_and_its_owner_is_reminded(people: Cast) -> None:
    voucher = give(people, valid_until=(now() + 10 * DAY).date())
    with at(voucher.valid_until - DAY):
        assert remind_due() == 1
        assert remind_due() == 0
    with at(voucher.valid_until):
        assert expire_due() == 1
    # What is due then is not due on the database's clock.
    OutboxEvent.objects.update(due_at=now())
    drain()
    voucher.refresh_from_db()
    assert voucher.state == "expired"
    told = Notification.objects.filter(user=people.buyer).values_list("kind", flat=True)
    assert set(told) == {"voucher_granted", "voucher_lapsing", "gift_lapsed"}
    assert not LedgerEntry.objects.exists()


def test_it_is_not_exchanged_for_money(people: Cast) -> None:
    voucher = give(people)
    with pytest.raises(errors.NotRefundable):
        refund_voucher(owner=people.buyer, voucher_id=voucher.pk)


def test_a_held_gift_waits_and_is_usable_once_it_is_opened(people: Cast) -> None:
    voucher = give(people, held_for="booking")
    with pytest.raises(errors.Held) as refused:
        redeem(people, voucher)
    assert refused.value.extra == {"waits_for": "booking"}
    assert "booking is confirmed" in str(refused.value)
    assert open_voucher(voucher_id=voucher.pk) and not open_voucher(voucher_id=voucher.pk)
    assert redeem(people, voucher).pk


def test_a_voucher_whose_balance_is_missing_is_opened_by_the_balance_alone(
    people: Cast, loose_books: None
) -> None:
    voucher = sell_one(make_product(merchant=people.merchant), buyer=people.buyer)
    Voucher.objects.update(state="held", held_for="balance", received_fen=0)
    assert not open_voucher(voucher_id=voucher.pk)
    Voucher.objects.update(received_fen=F("paid_fen"))
    assert open_voucher(voucher_id=voucher.pk)


def test_a_gift_of_a_product_is_reviewed_and_one_in_words_is_not(people: Cast) -> None:
    words = give(people)
    product = give(people, product=make_product(merchant=people.merchant), title_en="", title_zh="")
    for voucher in (words, product):
        redeem(people, voucher)
    with pytest.raises(NotRedeemedYet):
        write_review(author=people.buyer, voucher_id=words.pk, rating=5)
    write_review(author=people.buyer, voucher_id=product.pk, rating=5, text="Kind people.")
    page = Client().get(f"/products/{product.product_id}/")
    assert "as a gift" in page.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_the_wallet_shows_a_gift(people: Cast, language: str) -> None:
    given, held = give(people, uses=2), give(people, held_for="group")
    bought = sell_one(make_product(merchant=people.merchant), buyer=people.buyer)
    client = Client(headers={"accept-language": language})
    client.force_login(people.buyer)
    token = {"authorization": f"Bearer {issue_token(user=people.buyer)}"}
    with translation.override(language):
        listed = client.get("/vouchers/").content.decode()
        assert given.title in listed and people.merchant.name in listed
        assert client.get("/vouchers/?tab=held").content.decode().count(held.title) == 1
        assert client.get(f"/vouchers/?q={given.title[:9]}").status_code == 200
        for voucher in (given, held, bought):
            page = client.get(f"/vouchers/{voucher.pk}/")
            assert page.status_code == 200
            assert ("¥" in page.content.decode()) == (voucher == bought)
            shape = client.get(f"/api/v1/vouchers/{voucher.pk}", headers=token).json()
            assert (shape["gift"], shape["waits_for"]) == (voucher.is_gift, voucher.held_for)
        for path in ("calendar.ics", "voucher.png", "voucher.pdf", "qr.svg"):
            assert client.get(f"/vouchers/{given.pk}/{path}").status_code == 200, path
        assert client.get(f"/vouchers/{held.pk}/voucher.pdf").status_code == 409
        assert client.get(f"/vouchers/{given.pk}/refund/").status_code == 302
    assert "X-Keep-Offline" in client.get(f"/vouchers/{given.pk}/")
    assert "X-Keep-Offline" not in client.get(f"/vouchers/{held.pk}/")


@pytest.mark.parametrize(
    ("language", "tab", "until"),
    [("en", "Taken back on", "Valid until"), ("zh-hans", "已收回", "有效期至")],
)
def test_what_was_taken_back_is_called_so_and_has_no_last_day(
    people: Cast, language: str, tab: str, until: str
) -> None:
    voucher = give(people)
    client = Client(headers={"accept-language": language})
    client.force_login(people.buyer)
    assert until in client.get("/vouchers/").content.decode()
    assert "tab=revoked" not in client.get("/vouchers/").content.decode()
    revoke_grant(grant_id=voucher.grant_id, by=people.owner)
    assert voucher.title not in client.get("/vouchers/?tab=expired").content.decode()
    for path in ("/vouchers/?tab=revoked", f"/vouchers/{voucher.pk}/"):
        page = client.get(path).content.decode()
        assert voucher.title in page and until not in page
    assert tab in client.get("/vouchers/?tab=revoked").content.decode()
    page = client.get(f"/vouchers/{voucher.pk}/").content.decode()
    assert ">从<" not in page and "购买须知" not in page


def test_the_giver_sees_what_became_of_a_gift(people: Cast) -> None:
    """In the back office and by API: not used, used in part with when and where, ended, taken back."""
    api = APIClient()
    api.force_authenticate(people.owner)
    office = Client()
    office.force_login(people.owner)
    voucher = give(people, uses=2)

    def shown() -> tuple[dict[str, Any], str]:
        page = office.get(f"/admin/vouchers/grant/{voucher.grant_id}/change/").content.decode()
        return api.get(f"/api/v1/grants/{voucher.grant_id}").json(), page

    told, page = shown()
    assert (told["standing"], told["uses_used"], told["redemptions"]) == ("active", 0, [])
    assert "Not used yet." in page
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    told, page = shown()
    assert (told["uses_used"], told["uses_left"]) == (1, 1)
    assert told["redemptions"][0]["store"] == people.store.name
    assert f"{people.store.name} · 1 use" in page
    with at(voucher.valid_until + DAY):
        told, page = shown()
        assert told["standing"] == "expired" and "expired" in page
    other = give(people)
    revoke_grant(grant_id=other.grant_id or 0, by=people.owner)
    gone = api.get(f"/api/v1/grants/{other.grant_id}").json()
    assert (gone["standing"], gone["revoked_by"]) == ("revoked", people.owner.display_name)


def test_the_api_gives_lists_and_takes_back(people: Cast) -> None:
    client = Client(headers={"authorization": f"Bearer {issue_token(user=people.owner)}"})
    body = {
        "person": people.buyer.email,
        "title_en": "A dessert",
        "uses": 2,
        "valid_until": (now() + 9 * DAY).date().isoformat(),
        "reason": "thanks",
    }

    def post(path: str, data: Any, key: str) -> Any:
        return client.post(
            f"/api/v1/{path}", data, "application/json", headers={"idempotency-key": key}
        )

    made = post("grants", body, "gift-0001")
    assert made.status_code == 201 and post("grants", body, "gift-0001").json() == made.json()
    shape = made.json()
    assert (shape["title"], shape["state"], shape["uses_left"]) == ("A dessert", "active", 2)
    assert "code" not in shape and Grant.objects.count() == 1
    assert [row["id"] for row in client.get("/api/v1/grants").json()["results"]] == [shape["id"]]
    (listed,) = client.get("/api/v1/grants").json()["results"]
    assert client.get(f"/api/v1/grants/{shape['id']}").json() == listed
    for somebody, status in ((people.clerk, 403), (people.buyer, 404), (people.stranger, 404)):
        other = APIClient()
        other.force_authenticate(somebody)
        assert other.get(f"/api/v1/grants/{shape['id']}").status_code == status
    assert post("grants", body | {"uses": 99}, "gift-0002").status_code == 400
    gone = post(f"grants/{shape['id']}/revoke", {}, "gift-0003")
    assert gone.status_code == 200 and gone.json()["state"] == "revoked"
    assert post(f"grants/{shape['id']}/revoke", {}, "gift-0004").json()["code"] == "grant_used"


def test_a_gift_is_looked_at_before_it_is_given(people: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(people.owner)
    url = "/admin/vouchers/grant/add/"
    page = client.get(url).content.decode()
    assert "Show what the guest gets" in page and "For whom" in page
    typed = {
        "person": people.buyer.email,
        "title_en": "A dessert of your choice",
        "uses": "2",
        "valid_until": (now() + 30 * DAY).date().isoformat(),
        "reason": "apology",
    }
    seen = client.post(url, {**typed, "_preview": "1"})
    shown = seen.content.decode()
    assert seen.status_code == 200 and not Grant.objects.exists()
    assert f"{people.buyer.email}\u2069 gets" in shown or f"{people.buyer.email} gets" in shown
    assert "A dessert of your choice" in shown and "Nothing was given yet" in shown
    assert people.buyer.display_name not in shown, "who has an address is not told"
    assert 'class="errornote' not in shown
    wrong = client.post(url, {**typed, "person": "nobody@example.com", "_preview": "1"})
    assert "Ask which e-mail or phone number they use here." in wrong.content.decode()
    assert client.post(url, {**typed, "_save": "1"}).status_code == 302
    given = Grant.objects.get()
    read = client.get(f"/admin/vouchers/grant/{given.pk}/change/").content.decode()
    assert "Show what the guest gets" not in read


def test_the_form_of_a_gift_has_boxes_of_the_back_office_and_says_what_it_is(people: Cast) -> None:
    """A list without its dress hangs over the edge of a phone."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(people.owner)
    page = client.get("/admin/vouchers/grant/add/").content.decode()
    for name in ("product", "stores"):
        box = re.search(rf'<select name="{name}"[^>]*>', page)
        assert box is not None and "w-full" in box[0], name
    heading = re.search(r"<h1.*?</h1>", page, re.DOTALL)
    assert heading is not None and ">Add<" in heading[0]
