"""Where the money of a redemption stands, followed from the counter to the bank."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst

from insights.selectors import busiest_stores
from kernel.clock import at
from members.services.accounts import issue_token
from payments.models import Statement
from payments.services.payouts import return_payout, send_payout
from payments.services.settlement import settle_all
from tests.factories import Cast, make_product
from tests.vouchers.counter import sell_one
from vouchers.day import figures_of_day
from vouchers.models import Redemption
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import return_redeemed
from vouchers.services.release import release_due
from vouchers.states import RedemptionState, fresh_state, with_state

DAY = dt.timedelta(days=1)


def redeemed(people: Cast) -> Redemption:
    voucher = sell_one(make_product(merchant=people.merchant), buyer=people.buyer)
    return redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)


def standing(redemption: Redemption, client: Client) -> str:
    """The state by the function, after a look whether the admin's filter and badge agree."""
    state = with_state(Redemption.objects.filter(pk=redemption.pk)).get().standing
    for each in RedemptionState:
        page = client.get(f"/admin/vouchers/redemption/?outcome={each.value}")
        found = page.context["cl"].queryset.filter(pk=redemption.pk).exists()
        assert found == (each == state), each
        assert not found or str(each.label) in page.content.decode()
    return state


def test_a_redemption_is_followed_to_the_bank(people: Cast, client: Client) -> None:
    client.force_login(people.owner)
    redemption = redeemed(people)
    assert standing(redemption, client) == RedemptionState.UNDO_OPEN
    with at(redemption.undo_until):
        assert standing(redemption, client) == RedemptionState.PAYABLE, "by the clock, unswept"
        release_due()
        assert standing(redemption, client) == RedemptionState.PAYABLE
    with at(redemption.undo_until + 2 * DAY):
        client.force_login(people.owner)
        settle_all()
        assert standing(redemption, client) == RedemptionState.ON_STATEMENT
        statement = Statement.objects.get(merchant=people.merchant)
        payout = send_payout(statement_id=statement.pk, sent_by=None, bank_reference="T-1001")
        assert standing(redemption, client) == RedemptionState.PAID_OUT
        return_payout(payout_id=payout.pk, by=people.operator)
        assert standing(redemption, client) == RedemptionState.ON_STATEMENT
        return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.operator)
        assert standing(redemption, client) == RedemptionState.RETURNED


def said_at_the_counter(people: Cast, redemption: Redemption) -> str:
    """The state by the API's list, in the console's list and on the redemption's own page."""
    token = f"Bearer {issue_token(user=people.clerk)}"
    client = Client(headers={"authorization": token, "accept-language": "en"})
    client.force_login(people.clerk)
    day = people.store.local_day(redemption.redeemed_at)
    url = f"/api/v1/console/redemptions?store={people.store.pk}&date={day}"
    (row,) = client.get(url).json()["results"]
    listed = client.get(f"/console/{people.store.pk}/today/?date={day}").content.decode()
    assert row["uses"] - row["returned_uses"] == Redemption.objects.get(
        pk=redemption.pk
    ).kept_uses or (row["state"] == "undone")
    page = reverse("console_result", args=[people.store.pk, redemption.pk])
    own = client.get(page).content.decode()
    label = capfirst(str(RedemptionState(row["state"]).label))
    assert f'badge__word">{label}<' in listed
    assert f'badge__word">{label}<' in own or (row["state"] == "undone" and label in own)
    return row["state"]


def test_the_counter_reads_the_same_state_as_the_back_office(people: Cast) -> None:
    redemption = redeemed(people)
    assert said_at_the_counter(people, redemption) == "live"
    with at(redemption.undo_until):
        assert said_at_the_counter(people, redemption) == "released", "by the clock, unswept"
        release_due()
    with at(redemption.undo_until + 2 * DAY):
        settle_all()
        assert said_at_the_counter(people, redemption) == "settled"
        statement = Statement.objects.get(merchant=people.merchant)
        send_payout(statement_id=statement.pk, sent_by=None, bank_reference="T-1002")
        assert said_at_the_counter(people, redemption) == "paid_out"
        return_redeemed(redemption_id=redemption.pk, uses=1, requested_by=people.operator)
        assert said_at_the_counter(people, redemption) == "returned"


def test_a_redemption_returned_in_part_says_what_stands(people: Cast, client: Client) -> None:
    """A card of ten, five redeemed at once, and given back in two goes."""
    product = make_product(merchant=people.merchant, kind="times_card", uses=10, price_fen=10_000)
    redemption = redeem_voucher(
        staff=people.clerk,
        store_id=people.store.pk,
        code=sell_one(product, buyer=people.buyer).code,
        uses=5,
    )
    today = people.store.local_day(redemption.redeemed_at)

    def shown(language: str) -> list[str]:
        """The counter's list, the redemption's page, the buyer's voucher."""
        pages = []
        for person, url in (
            (people.clerk, f"/console/{people.store.pk}/today/"),
            (people.clerk, reverse("console_result", args=[people.store.pk, redemption.pk])),
            (people.buyer, f"/vouchers/{redemption.voucher_id}/"),
        ):
            visitor = Client(headers={"accept-language": language})
            visitor.force_login(person)
            pages.append(visitor.get(url).content.decode())
        return pages

    for uses, state, left in ((0, "live", 5), (2, "partly_returned", 3), (3, "returned", 0)):
        if uses:
            return_redeemed(redemption_id=redemption.pk, uses=uses, requested_by=people.operator)
        redemption.refresh_from_db()
        assert fresh_state(redemption) == state
        assert said_at_the_counter(people, redemption) == state
        total = figures_of_day(people.store, today).total
        assert (total.redemptions, total.kept_uses) == (1, left)
        client.force_login(people.owner)
        assert standing(redemption, client) == state
        busy = [row["redemptions"] for row in busiest_stores(merchants=[people.merchant.pk])]
        assert busy == ([1] if left else [])
        for page in shown("en"):
            assert ("3 of 5 uses still redeemed" in page) == (state == "partly_returned")
            assert ("Partly returned" in page) == (state == "partly_returned")
        for page in shown("zh-hans"):
            assert ("部分退回" in page) == (state == "partly_returned")


def test_what_was_undone_reads_so_at_the_counter(people: Cast) -> None:
    redemption = redeemed(people)
    assert fresh_state(redemption) == RedemptionState.UNDO_OPEN
    undone = undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    assert fresh_state(undone) == RedemptionState.UNDONE
    assert said_at_the_counter(people, redemption) == "undone"


def test_one_merchant_s_statement_says_nothing_of_another_redemption(
    people: Cast, client: Client
) -> None:
    client.force_login(people.owner)
    first, later = redeemed(people), redeemed(people)
    Redemption.objects.filter(pk=later.pk).update(undo_until=later.undo_until + 3 * DAY)
    with at(first.undo_until):
        release_due()
    with at(first.undo_until + 2 * DAY):
        client.force_login(people.owner)
        settle_all()
        assert standing(first, client) == RedemptionState.ON_STATEMENT
        assert standing(later, client) == RedemptionState.UNDO_OPEN


def test_an_undone_redemption_stays_undone(people: Cast, client: Client) -> None:
    client.force_login(people.owner)
    redemption = redeemed(people)
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    with at(redemption.undo_until + DAY):
        client.force_login(people.owner)
        assert standing(redemption, client) == RedemptionState.UNDONE
