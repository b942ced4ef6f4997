"""At the counter: what is redeemed, and every reason why not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings

from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound
from kernel.outbox.models import OutboxEvent
from payments.models import Refund
from payments.services.refunds import complete_refund
from stores.errors import RightMissing
from tests.factories import Cast, make_product, make_staff, make_store, make_user
from tests.vouchers.counter import credit, moved, sell_one
from vouchers import errors, qr
from vouchers.access import UNKNOWN_LIMIT
from vouchers.explain import explain
from vouchers.models import Redemption, Voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.redeem import mask_name, preview_voucher, redeem_voucher
from vouchers.services.refund import finish_refund, refund_voucher

SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def redeem(people: Cast, code: str, uses: int = 1) -> Redemption:
    return redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=code, uses=uses)


def voucher_of(people: Cast, **fields: object) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


# What works ----------------------------------------------------------------------------


def test_redeeming_takes_the_use_and_moves_the_money_to_pending(people: Cast) -> None:
    voucher = voucher_of(people, price_fen=12_800)
    redemption = redeem(people, voucher.code)
    voucher.refresh_from_db()
    assert voucher.state == "used" and voucher.uses_left == 0
    assert redemption.value_fen == 12_800
    assert redemption.store == people.store and redemption.staff == people.clerk
    window = dt.timedelta(minutes=settings.UNDO_WINDOW_MINUTES)
    assert redemption.undo_until - redemption.redeemed_at == window
    assert credit(voucher) == {"pending": 12_800}
    event = OutboxEvent.objects.get(topic="voucher.redeemed")
    assert event.payload == {"redemption_id": redemption.pk}


@pytest.mark.parametrize(
    "written",
    [
        "{0}{1}{2}",
        "{0} {1} {2}",
        "{0}-{1}-{2}",
        "  {0}{1}{2}\r\n",
    ],
)
def test_a_typed_code_may_have_spaces_and_dashes(people: Cast, written: str) -> None:
    voucher = voucher_of(people)
    code = written.format(voucher.code[:4], voucher.code[4:8], voucher.code[8:])
    assert redeem(people, code).voucher_id == voucher.pk


def test_full_width_digits_of_a_chinese_keyboard_are_digits(people: Cast) -> None:
    voucher = voucher_of(people)
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in voucher.code)
    assert redeem(people, wide).voucher_id == voucher.pk


def test_the_scanned_qr_is_redeemed_as_the_typed_code_is(people: Cast) -> None:
    voucher = voucher_of(people)
    assert redeem(people, qr.payload(voucher)).voucher_id == voucher.pk


def test_a_scanner_with_caps_lock_or_a_chinese_full_stop_still_works(people: Cast) -> None:
    voucher = voucher_of(people)
    scanned = qr.payload(voucher).lower().replace(".", "。")
    assert redeem(people, scanned).voucher_id == voucher.pk


def test_an_owner_may_redeem_at_every_store_of_the_merchant(people: Cast) -> None:
    voucher = voucher_of(people)
    redemption = redeem_voucher(
        staff=people.owner, store_id=people.other_store.pk, code=voucher.code
    )
    assert redemption.store_id == people.other_store.pk


def test_a_times_card_is_used_part_by_part_to_the_fen(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3, price_fen=10_000)
    values = [redeem(people, voucher.code).value_fen for _visit in range(3)]
    assert values == [3_333, 3_333, 3_334]
    voucher.refresh_from_db()
    assert voucher.state == "used"
    assert credit(voucher) == {"pending": 10_000}


def test_several_uses_at_once(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=10, price_fen=9_999)
    assert redeem(people, voucher.code, uses=4).value_fen == 3_999
    voucher.refresh_from_db()
    assert voucher.state == "active" and voucher.uses_left == 6


def test_goods_are_one_voucher_with_a_use_per_piece(people: Cast) -> None:
    product = make_product(merchant=people.merchant, kind="goods", price_fen=700)
    voucher = sell_one(product, buyer=people.buyer, quantity=5)
    assert (voucher.uses_total, voucher.units, voucher.paid_fen) == (5, 5, 3_500)
    assert redeem(people, voucher.code, uses=2).value_fen == 1_400
    voucher.refresh_from_db()
    assert voucher.uses_left == 3


def test_a_use_that_is_worth_nothing_books_nothing(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3, price_fen=2)
    assert [redeem(people, voucher.code).value_fen for _visit in range(3)] == [0, 1, 1]


# Every named answer --------------------------------------------------------------------


def test_second_scan_reports_first_redemption(people: Cast) -> None:
    voucher = voucher_of(people)
    first = redeem(people, voucher.code)
    with pytest.raises(errors.AlreadyRedeemed) as refused:
        redeem(people, voucher.code)
    assert refused.value.code == "already_redeemed"
    facts = refused.value.extra
    assert facts["redeemed_at"] == first.redeemed_at.isoformat()
    assert facts["store"] == {"id": people.store.pk, "name": people.store.name}
    assert facts["redeemed_by"] == "Clerk"
    assert people.store.name in str(refused.value) and "Clerk" in str(refused.value)
    assert credit(voucher) == {"pending": voucher.paid_fen}


def test_an_expired_voucher_is_refused_before_and_after_the_sweep(people: Cast) -> None:
    voucher = voucher_of(people, refund_on_expiry=False)
    with at(voucher.valid_until):
        with pytest.raises(errors.Expired) as refused:
            redeem(people, voucher.code)
        assert refused.value.extra["valid_until"] == voucher.valid_until.isoformat()
        expire_voucher(voucher_id=voucher.pk)
        with pytest.raises(errors.Expired):
            redeem(people, voucher.code)


def test_the_last_second_still_counts(people: Cast) -> None:
    voucher = voucher_of(people)
    with at(voucher.valid_until - dt.timedelta(seconds=1)):
        assert redeem(people, voucher.code)


def test_what_needs_preparation_is_not_yet_valid(people: Cast) -> None:
    voucher = voucher_of(people, usable_after_hours=24)
    with pytest.raises(errors.NotYetValid) as refused:
        redeem(people, voucher.code)
    assert refused.value.extra["valid_from"] == voucher.valid_from.isoformat()
    with at(voucher.valid_from):
        assert redeem(people, voucher.code)


def test_blackout_is_judged_in_the_time_of_the_store(people: Cast) -> None:
    rule = {"weekdays": [5, 6], "start": "11:00", "end": "14:00"}
    voucher = voucher_of(people, blackout=[rule])
    saturday = now().astimezone(SHANGHAI) + dt.timedelta(days=1)
    saturday += dt.timedelta(days=(5 - saturday.weekday()) % 7)
    noon = saturday.replace(hour=12, minute=0, second=0, microsecond=0)
    with at(noon), pytest.raises(errors.Blackout) as refused:
        redeem(people, voucher.code)
    assert refused.value.extra["usable_from"] == noon.replace(hour=14).isoformat()
    assert "Saturday and Sunday" in str(refused.value)
    with at(noon.replace(hour=14)):
        assert redeem(people, voucher.code)


def test_another_store_of_the_merchant_is_told_where_it_can_be_used(people: Cast) -> None:
    voucher = voucher_of(people, stores=[people.other_store])
    with pytest.raises(errors.WrongStore) as refused:
        redeem(people, voucher.code)
    name = people.other_store.name
    assert refused.value.extra["stores"] == [{"id": people.other_store.pk, "name": name}]
    assert name in str(refused.value)


def test_a_voucher_of_another_merchant_is_unknown(people: Cast) -> None:
    voucher = sell_one(make_product(merchant=people.other_merchant))
    for code in (voucher.code, qr.payload(voucher)):
        with pytest.raises(errors.Unknown):
            redeem(people, code)


def test_refunding_then_refunded(people: Cast) -> None:
    voucher = voucher_of(people)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    with pytest.raises(errors.Refunding):
        redeem(people, voucher.code)
    refund = Refund.objects.get(parts__voucher=voucher)
    complete_refund(number=refund.number, gateway_number="S1")
    finish_refund(refund_id=refund.pk)
    with pytest.raises(errors.Refunded):
        redeem(people, voucher.code)


def test_what_was_taken_back_by_who_gave_it(people: Cast, loose_books: None) -> None:
    voucher = moved(voucher_of(people), state="revoked")
    with pytest.raises(errors.Revoked):
        redeem(people, voucher.code)


def test_more_uses_than_are_left(people: Cast) -> None:
    voucher = voucher_of(people, kind="times_card", uses=3)
    redeem(people, voucher.code)
    with pytest.raises(errors.NoUsesLeft) as refused:
        redeem(people, voucher.code, uses=3)
    assert refused.value.extra == {"uses_left": 2, "uses_total": 3}
    voucher.refresh_from_db()
    assert voucher.uses_used == 1


@pytest.mark.parametrize("code", ["000000000000", "12345", "", "https://example.com/x", "O2O1.1"])
def test_what_is_no_code_of_ours_is_unknown(people: Cast, code: str) -> None:
    with pytest.raises(errors.Unknown) as refused:
        redeem(people, code)
    assert refused.value.status == 404


def test_an_altered_qr_is_unknown(people: Cast) -> None:
    # Not neighbours: a keyboard with Y and Z swapped may make one number of the other.
    voucher, _between, other = (voucher_of(people) for _piece in range(3))
    genuine = qr.payload(voucher)
    swapped = f"{qr.payload(other).rpartition('.')[0]}.{genuine.rpartition('.')[2]}"
    for code in (swapped, genuine[:-1] + ("A" if genuine[-1] != "A" else "B")):
        with pytest.raises(errors.Unknown):
            redeem(people, code)


def test_an_older_version_of_the_qr_is_unknown(people: Cast) -> None:
    voucher = voucher_of(people)
    old = qr.payload(voucher)
    moved(voucher, qr_version=2)
    with pytest.raises(errors.Unknown):
        redeem(people, old)
    assert redeem(people, qr.payload(voucher))


def test_guessing_codes_ends_in_try_later(people: Cast, settings: object) -> None:
    settings.RATE_LIMITS = True  # type: ignore[attr-defined]
    voucher = voucher_of(people)
    for guess in range(20):
        with pytest.raises(errors.Unknown):
            redeem(people, f"{guess:012d}")
    with pytest.raises(errors.TryLater) as refused:
        redeem(people, voucher.code)
    assert refused.value.status == 429
    assert refused.value.extra["retry_after_seconds"] > 0
    colleague = make_staff(people.store)
    assert redeem_voucher(staff=colleague, store_id=people.store.pk, code=voucher.code)


def test_good_codes_never_count_as_guesses(people: Cast, settings: object) -> None:
    settings.RATE_LIMITS = True  # type: ignore[attr-defined]
    voucher = voucher_of(people, kind="times_card", uses=30)
    for _visit in range(30):
        redeem(people, voucher.code)
    assert Redemption.objects.count() == 30 > UNKNOWN_LIMIT


def test_no_use_at_all_is_invalid(people: Cast) -> None:
    with pytest.raises(InvalidInput):
        redeem(people, voucher_of(people).code, uses=0)


# Who may -------------------------------------------------------------------------------


def test_staff_of_another_merchant_do_not_find_the_store(people: Cast) -> None:
    voucher = voucher_of(people)
    with pytest.raises(NotFound):
        redeem_voucher(staff=people.stranger, store_id=people.store.pk, code=voucher.code)


def test_a_clerk_does_not_find_another_store_of_the_merchant(people: Cast) -> None:
    voucher = voucher_of(people)
    with pytest.raises(NotFound):
        redeem_voucher(staff=people.clerk, store_id=people.other_store.pk, code=voucher.code)


def test_a_customer_and_the_operator_are_no_staff(people: Cast) -> None:
    voucher = voucher_of(people)
    for person, refusal in ((people.buyer, NotFound), (people.operator, RightMissing)):
        with pytest.raises(refusal):
            redeem_voucher(staff=person, store_id=people.store.pk, code=voucher.code)


def test_a_suspended_merchant_redeems_nothing(people: Cast) -> None:
    voucher = voucher_of(people)
    type(people.merchant).objects.filter(pk=people.merchant.pk).update(state="suspended")
    with pytest.raises(NotFound):
        redeem(people, voucher.code)


def test_a_refusal_leaves_the_callers_transaction_usable(people: Cast) -> None:
    with pytest.raises(errors.Unknown):
        redeem(people, "000000000000")
    assert voucher_of(people).pk  # the test itself runs in that transaction


# Preview -------------------------------------------------------------------------------


def test_preview_says_what_whose_and_how_many_and_changes_nothing(people: Cast) -> None:
    buyer = make_user(display_name="Alice Chen")
    product = make_product(merchant=people.merchant, kind="times_card", uses=5)
    voucher = sell_one(product, buyer=buyer)
    preview = preview_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    assert preview.voucher.title == product.title_en
    assert preview.owner_name == "A*** C***"
    assert preview.voucher.uses_left == 5
    assert any("5 times" in line.text for line in explain(preview.terms))
    voucher.refresh_from_db()
    assert voucher.uses_used == 0 and not Redemption.objects.exists()


def test_preview_refuses_as_the_redemption_would(people: Cast) -> None:
    voucher = voucher_of(people)
    redeem(people, voucher.code)
    with pytest.raises(errors.AlreadyRedeemed):
        preview_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)


@pytest.mark.parametrize(
    ("name", "masked"), [("王小明", "王**"), ("Al", "A*"), ("X", "X*"), ("Bo Li", "B* L*")]
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_store_in_another_zone_judges_by_its_own_day(people: Cast) -> None:
    seattle = make_store(merchant=people.merchant, time_zone="America/Los_Angeles")
    product = make_product(
        merchant=people.merchant, stores=[seattle], blackout=[{"weekdays": [6]}], validity_days=30
    )
    voucher = sell_one(product)
    sunday = now().astimezone(seattle.zone) + dt.timedelta(days=1)
    sunday += dt.timedelta(days=(6 - sunday.weekday()) % 7)
    with (
        at(sunday.replace(hour=20, minute=0)),  # Monday in Shanghai
        pytest.raises(errors.Blackout),
    ):
        redeem_voucher(staff=people.owner, store_id=seattle.pk, code=voucher.code)
