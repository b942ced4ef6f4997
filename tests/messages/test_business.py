"""Who of a business hears what: rights at the moment of sending, places, and what each chose."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from catalog.models import StockLevel
from catalog.services.by_store import keep_by_store
from catalog.services.shelves import count_level
from catalog.services.stock import set_low_stock, set_stock
from kernel import clock
from kernel.message_kinds import all_kinds, all_news
from members.models import User
from messages.models import Notification, Preference
from messages.selectors import preferences_of
from messages.wording import word_notification
from orders.models import Order
from orders.reactions import tell_business_of_sale
from payments.models import Statement
from payments.services.payouts import send_payout
from payments.services.settlement import settle_all
from reviews.services.reviews import write_review
from stores.models import StaffMembership, StoreGroup
from stores.rights import ROLE_RIGHTS, Right
from stores.services.invitations import accept_invitation, invite_by_link
from tests.factories import (
    Cast,
    cast,
    make_paid_order,
    make_product,
    make_staff,
    make_user,
    make_voucher,
    offer_of,
    redeem,
    variant_of,
)
from vouchers.models import Redemption
from vouchers.services.refund import refund_voucher
from vouchers.services.release import release_due

pytestmark = pytest.mark.django_db
LOW_STOCK = 4


@pytest.fixture
def people() -> Cast:
    return cast()


def told(kind: str) -> set[User]:
    return {row.user for row in Notification.objects.filter(kind=kind).select_related("user")}


def choose(user: User, people: Cast, news: str, *channels: str) -> None:
    Preference.objects.update_or_create(
        user=user, merchant=people.merchant, news=news, defaults={"channels": list(channels)}
    )


def test_every_news_asks_for_a_right_that_somebody_at_a_business_holds() -> None:
    held = frozenset().union(*ROLE_RIGHTS.values())
    assert all(Right(news.right) in held for news in all_news().values())
    assert {kind.group for kind in all_kinds().values() if kind.news} == {"business"}


def test_a_sale_is_told_to_who_may_see_it_with_what_was_sold(people: Cast, drain: Any) -> None:
    product = make_product(merchant=people.merchant, title_en="Noodles", price_fen=2000)
    order = make_paid_order(people.buyer, offer_of(product), 3)
    drain()
    drain()
    assert told("sale_made") == {people.owner, people.teammate}
    message = word_notification(Notification.objects.filter(kind="sale_made").first())
    assert message.title == "Sold: Noodles" and "¥60" in message.body
    assert order.number in message.body
    assert Notification.objects.filter(kind="sale_made").count() == 2


def test_a_redemption_is_told_to_those_of_the_store_who_chose_it(people: Cast, drain: Any) -> None:
    here = make_staff(people.store)
    elsewhere = make_staff(people.other_store)
    both = make_staff(people.other_store)
    group = StoreGroup.objects.create(merchant=people.merchant, name="All")
    group.stores.add(people.store)
    StaffMembership.objects.get(user=both).groups.add(group)
    for person in (here, elsewhere, both, people.clerk, people.owner):
        choose(person, people, "redemptions", "inbox")
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    redeem(voucher, store=people.store, staff=people.clerk)
    drain()
    assert told("redeemed_here") == {here, both, people.owner}, "not who did it, nor who chose not"
    links = dict(Notification.objects.filter(kind="redeemed_here").values_list("user", "link"))
    assert links[here.pk] == "/console/"
    redemption = Redemption.objects.get()
    assert links[people.owner.pk].endswith(f"/redemption/{redemption.pk}/change/")


def test_who_left_before_the_worker_came_hears_nothing(people: Cast, drain: Any) -> None:
    make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    StaffMembership.objects.filter(user=people.teammate).update(active=False)
    drain()
    assert told("sale_made") == {people.owner}


def test_who_left_between_inbox_and_mail_is_not_mailed(
    people: Cast, drain: Any, mailoutbox: Any
) -> None:
    for person in (people.owner, people.teammate):
        choose(person, people, "sales", "email")
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    tell_business_of_sale(order_id=Order.objects.get(number=voucher.order_number).pk)
    StaffMembership.objects.filter(user=people.teammate).update(active=False)
    drain()
    assert [
        mail.to[0] for mail in mailoutbox if "Sold" in mail.subject or "售出" in mail.subject
    ] == [people.owner.email]
    assert not people.owner.notifications.in_inbox().filter(kind="sale_made").exists()


def test_who_is_switched_off_or_wants_nothing_is_left_alone(people: Cast, drain: Any) -> None:
    choose(people.owner, people, "sales")
    User.objects.filter(pk=people.teammate.pk).update(is_active=False)
    make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    drain()
    assert told("sale_made") == set()


def test_clerks_hear_what_was_sold_for_their_stores_once_and_without_amounts(
    people: Cast, drain: Any, mailoutbox: Any
) -> None:
    here, elsewhere = make_staff(people.store), make_staff(people.other_store)
    both = make_staff(people.store)
    StaffMembership.objects.get(user=both).stores.add(people.other_store)
    product = make_product(merchant=people.merchant, title_en="Noodles", price_fen=2000)
    product.stores.set([people.store])
    anywhere = make_product(merchant=people.merchant, title_en="Tea", price_fen=900)
    make_paid_order(people.buyer, offer_of(product), 2)
    drain()
    assert told("sold_here") == set(), "nobody who has not chosen to"
    for person in (here, elsewhere, both, people.owner):
        choose(person, people, "sales_here", "inbox", "email")
    order = make_paid_order(people.buyer, offer_of(product), 2)
    drain()
    assert told("sold_here") == {here, both}, "the owner hears of every sale, with amounts"
    message = word_notification(Notification.objects.filter(kind="sold_here", user=here).get())
    assert message.title == "Sold for your store: Noodles"
    assert message.body == "2 in all. Guests come with their code."
    tell_business_of_sale(order_id=order.pk)
    make_paid_order(people.buyer, offer_of(anywhere), 1)
    drain()
    told_of = Notification.objects.filter(kind="sold_here").values_list("user", flat=True)
    assert sorted(told_of) == sorted([here.pk, both.pk, here.pk, both.pk, elsewhere.pk])
    links = set(Notification.objects.filter(kind="sold_here").values_list("link", flat=True))
    assert links == {"/console/"}
    mails = [mail for mail in mailoutbox if mail.to[0] in {here.email, both.email}]
    assert mails and not any("¥" in f"{mail.subject} {mail.body}" for mail in mails)


def test_clerks_hear_what_guests_sent_back_without_amounts(people: Cast, drain: Any) -> None:
    here, elsewhere = make_staff(people.store), make_staff(people.other_store)
    for person in (here, elsewhere, people.owner):
        choose(person, people, "refunds_here", "inbox")
    product = make_product(merchant=people.merchant, title_en="Noodles", price_fen=4000)
    product.stores.set([people.store])
    voucher = make_voucher(owner=people.buyer, product=product)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    drain()
    assert told("refunded_here") == {here}
    message = word_notification(Notification.objects.get(kind="refunded_here"))
    assert message.title == "Sent back by the guest: Noodles" and "¥" not in message.body


def test_clerks_may_choose_both_and_owners_are_not_asked_twice(people: Cast) -> None:
    clerk = {one.news.code for business in preferences_of(people.clerk) for one in business.heard}
    owner = {one.news.code for business in preferences_of(people.owner) for one in business.heard}
    assert {"sales_here", "refunds_here"} <= clerk
    assert not {"sales_here", "refunds_here"} & owner and {"sales", "refunds"} <= owner


def test_a_refund_is_told_to_each_merchant_with_its_part(people: Cast, drain: Any) -> None:
    product = make_product(merchant=people.merchant, price_fen=4000)
    voucher = make_voucher(owner=people.buyer, product=product)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    drain()
    assert told("sale_refunded") == {people.owner, people.teammate}
    message = word_notification(Notification.objects.filter(kind="sale_refunded").first())
    assert "¥40" in message.body and voucher.order_number in message.body


def test_a_review_is_told_at_its_store(people: Cast, drain: Any) -> None:
    limited = make_staff(people.other_store, role="manager")
    membership = StaffMembership.objects.get(user=limited)
    membership.limited = True
    membership.save()
    membership.stores.set([people.other_store])
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    redeem(voucher, store=people.store, staff=people.clerk)
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=5, text="Good")
    drain()
    assert told("review_written") == {people.owner, people.teammate}


def test_low_stock_is_told_when_the_count_falls_so_far_and_again_when_it_is_gone(
    people: Cast, drain: Any
) -> None:
    product = make_product(merchant=people.merchant)
    set_stock(variant_id=variant_of(product).pk, available=LOW_STOCK + 2)
    set_low_stock(variant_id=variant_of(product).pk, low_stock_at=LOW_STOCK)
    make_paid_order(people.buyer, offer_of(product), 1)
    drain()
    assert told("stock_low") == set()
    make_paid_order(people.buyer, offer_of(product), 1)
    make_paid_order(people.buyer, offer_of(product), 1)
    drain()
    assert told("stock_low") == {people.owner, people.teammate}
    first = Notification.objects.filter(kind="stock_low", user=people.owner).get()
    assert first.params["left"] == LOW_STOCK
    make_paid_order(people.buyer, offer_of(product), 1)
    drain()
    assert Notification.objects.filter(kind="stock_low").count() == 2
    set_stock(variant_id=variant_of(product).pk, available=LOW_STOCK + 2)
    make_paid_order(people.buyer, offer_of(product), LOW_STOCK + 2)
    drain()
    assert told("stock_gone") == {people.owner, people.teammate}


def test_an_accepted_invitation_is_told_to_the_others(people: Cast, drain: Any) -> None:
    _invitation, address = invite_by_link(
        merchant=people.merchant, name="Qian", role="manager", by=people.owner
    )
    guest = make_user(display_name="Qian")
    accept_invitation(token=address.rstrip("/").rpartition("/")[2], user=guest)
    drain()
    assert told("invitation_accepted") == {people.owner, people.teammate}


def test_a_payout_is_told_to_who_may_see_the_money(people: Cast, drain: Any) -> None:
    finance = make_staff(people.store, role="finance")
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    redeem(voucher, store=people.store, staff=people.clerk)
    with clock.at(clock.now() + dt.timedelta(days=1)):
        release_due()
    with clock.at(clock.now() + dt.timedelta(days=3)):
        settle_all()
        statement = Statement.objects.get()
        send_payout(statement_id=statement.pk, sent_by=None, bank_reference="ICBC-77")
    drain()
    assert told("payout_sent") == {people.owner, people.teammate, finance}
    assert told("statement_issued") == {people.owner, people.teammate, finance}


def test_a_clerk_hears_of_stock_and_reviews_of_the_own_store_once_they_were_chosen(
    people: Cast, drain: Any
) -> None:
    here, silent = make_staff(people.store), make_staff(people.store)
    elsewhere = make_staff(people.other_store)
    offered = {one.news.code: one.channels for one in preferences_of(here)[0].heard}
    chosen_by_nobody = {"redemptions", "stock", "reviews", "sales_here", "refunds_here"}
    assert offered == dict.fromkeys(chosen_by_nobody, frozenset())
    for clerk in (here, elsewhere):
        choose(clerk, people, "stock", "inbox")
        choose(clerk, people, "reviews", "inbox")
    product = make_product(merchant=people.merchant, kind="goods", stock=9, stores=[people.store])
    variant = variant_of(product)
    keep_by_store(variant_id=variant.pk, by=people.owner, store_id=people.store.pk)
    set_low_stock(variant_id=variant.pk, low_stock_at=LOW_STOCK)
    level = StockLevel.objects.get(variant=variant, store=people.store)
    count_level(level=level, counted=2, by=people.owner)
    voucher = make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    redeem(voucher, store=people.store)
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=4, text="Good soup, warm room.")
    drain()
    drain()
    for kind in ("stock_low", "review_written"):
        heard = told(kind)
        assert here in heard and people.owner in heard, kind
        assert not heard & {silent, elsewhere}, kind
