"""Commission by contract: found when the order is placed, frozen on its lines, read from there alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from catalog.models import Product
from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound
from orders.models import Order
from orders.pricing import rules
from orders.pricing.benefits import AmountOff
from orders.pricing.rules import Rule
from payments.approvals import CONTRACT
from payments.errors import ContractExists
from payments.models import Contract
from payments.parties import merchant_key
from payments.services.contracts import Terms, make_contract
from stores.errors import AlreadyAsked, SecondPersonNeeded
from stores.models import Approval, Merchant
from stores.services.approvals import approve, ask
from stores.services.commission import change_commission
from stores.services.platform import give_platform_role
from tests.factories import (
    make_category,
    make_merchant,
    make_order,
    make_paid_order,
    make_product,
    make_store,
    make_user,
    offer_of,
    pay_order,
    redeem,
)
from tests.orders.payers import broken, vouchers_of
from vouchers.models import Redemption
from vouchers.services.release import release_redemption

pytestmark = pytest.mark.django_db


@pytest.fixture
def the_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Rule]]:
    held: list[Rule] = []
    monkeypatch.setattr(rules, "_sources", [])
    rules.register_rules(lambda asked: held)
    yield held


@pytest.fixture
def goods() -> Product:
    top = make_category()
    category = make_category(parent=top)
    return make_product(
        stores=[make_store()], price_fen=10_000, category=category, uses=2, kind="times_card"
    )


def agree(merchant: Merchant, rate: str, **terms: Any) -> Contract:
    """A contract that has begun by the time that anybody buys."""
    begins = terms.pop("starts_at", now())
    with at(begins):
        return make_contract(merchant_id=merchant.pk, terms=Terms(Decimal(rate), begins, **terms))


def frozen(order: Order) -> tuple[Decimal, int]:
    line = order.lines.get()
    return line.commission_rate, line.commission_fixed_fen


def placed(goods: Product) -> tuple[Decimal, int]:
    return frozen(make_order(offer=offer_of(goods)))


def test_without_a_contract_the_usual_rate_counts(goods: Product) -> None:
    assert placed(goods) == (goods.merchant.commission_rate, 0)
    agree(make_merchant(), "0.3")
    assert placed(goods) == (goods.merchant.commission_rate, 0)


def test_the_nearest_contract_counts_and_of_equal_ones_the_newest(
    goods: Product, the_rules: list[Rule]
) -> None:
    own, category = goods.merchant, goods.category
    agree(own, "0.10")
    assert placed(goods) == (Decimal("0.1000"), 0)
    agree(own, "0.11", fixed_fen=5)
    assert placed(goods) == (Decimal("0.1100"), 5)
    agree(own, "0.12", category_id=category.parent_id)
    assert placed(goods) == (Decimal("0.1200"), 0)
    agree(own, "0.13", category_id=category.pk)
    assert placed(goods) == (Decimal("0.1300"), 0)
    agree(own, "0.20", category_id=make_category().pk)  # not what is sold
    agree(own, "0.05", campaign="campaign:8")
    assert placed(goods) == (Decimal("0.1300"), 0)
    the_rules.append(lowers("campaign:8", "platform"))
    assert placed(goods) == (Decimal("0.0500"), 0)


def lowers(source: str, funder: str, fen: int = 1_000) -> Rule:
    return Rule(
        source=source,
        layer="platform_coupon",
        funder=funder,
        benefit=AmountOff(fen),
        id=len(source),
    )


def test_a_contract_counts_from_its_moment_to_its_end(goods: Product) -> None:
    begins = now() + dt.timedelta(days=1)
    with at(now()):
        make_contract(
            merchant_id=goods.merchant_id,
            terms=Terms(Decimal("0.2"), begins, ends_at=begins + dt.timedelta(days=1)),
        )
    usual = (goods.merchant.commission_rate, 0)
    for days, want in ((-0.1, usual), (0, (Decimal("0.2000"), 0)), (1, usual)):
        with at(begins + dt.timedelta(days=days)):
            assert placed(goods) == want


def test_a_contract_changed_between_order_and_payment_changes_nothing(
    goods: Product, the_rules: list[Rule]
) -> None:
    partner = merchant_key(make_merchant().pk)
    the_rules += [
        lowers("campaign:1", "platform", 2_000),
        lowers("campaign:10", "points", 400),
        lowers("campaign:100", partner, 600),
    ]
    agree(goods.merchant, "0.1", fixed_fen=7, points_in_base=False, partners_in_base=False)
    order = make_order(offer=offer_of(goods))
    agree(goods.merchant, "0.5", fixed_fen=900)
    change_commission(merchant_id=goods.merchant_id, rate=Decimal("0.4"))
    (voucher,) = vouchers_of(pay_order(order))
    assert (voucher.commission_rate, voucher.commission_fixed_fen) == (Decimal("0.1000"), 7)
    base = dict(voucher.components.values_list("party", "in_base"))
    assert base == {"": True, "platform": True, "points": False, partner: False}
    redemption = redeem(voucher)
    with at(redemption.undo_until):
        release_redemption(redemption_id=redemption.pk)
    redemption = Redemption.objects.get(pk=redemption.pk)
    # Half of 7,000 paid and 2,000 of the platform; points and partner are not in the base.
    assert redemption.commission_fen == (3_500 + 1_000) // 10 + 7
    assert broken() == []


def test_only_who_has_contracts_pays_for_them_with_statements(goods: Product) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as asked:
            make_order(buyer, offer)
        return len(asked)

    buyer, offer = make_user(), offer_of(goods)
    counted()
    before = counted()
    agree(make_merchant(), "0.1")
    assert counted() == before
    agree(goods.merchant, "0.1")
    assert counted() == before + 1
    agree(goods.merchant, "0.2", category_id=goods.category_id)
    assert counted() == before + 2


# Who agrees


def test_a_contract_takes_two_people(goods: Product) -> None:
    finance, boss = make_user(), make_user("operator")
    give_platform_role(user=finance, role="finance")
    begins = now() + dt.timedelta(days=1)
    terms = Terms(Decimal("0.1"), begins)
    for by, second in ((finance, None), (finance, finance)):
        with pytest.raises(SecondPersonNeeded):
            make_contract(merchant_id=goods.merchant_id, terms=terms, by=by, approved_by=second)
    with pytest.raises(NotFound):
        make_contract(merchant_id=goods.merchant_id, terms=terms, by=make_user(), approved_by=boss)
    asked = ask(
        kind=CONTRACT,
        payload={
            "merchant": goods.merchant_id,
            "category": goods.category_id,
            "rate": "8%",
            "fixed_fen": 30,
            "points_in_base": False,
            "starts_at": begins.isoformat(),
        },
        by=finance,
    )
    assert asked is not None
    approve(approval_id=asked.pk, digest=asked.digest, by=boss)
    made = Contract.objects.get()
    assert (made.rate, made.fixed_fen, made.category_id) == (
        Decimal("0.0800"),
        30,
        goods.category_id,
    )
    assert (made.platform_in_base, made.points_in_base, made.starts_at) == (True, False, begins)
    assert (made.asked_by, made.approved_by) == (finance, boss)
    with at(begins):
        assert placed(goods) == (Decimal("0.0800"), 30)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rate": "60%"}, "rate"),
        ({"rate": 0.07}, "rate"),
        ({"fixed_fen": -1}, "fixed_fen"),
        ({"fixed_fen": "7.5"}, "fixed_fen"),
        ({"fixed_fen": "٧"}, "fixed_fen"),
        ({"fixed_fen": True}, "fixed_fen"),
        ({"fixed_fen": 2**31}, "fixed_fen"),
        ({"category": 10**9}, "category"),
        ({"category": "x"}, "category"),
        ({"campaign": "x" * 65}, "campaign"),
        ({"points_in_base": "no"}, "points_in_base"),
        ({"starts_at": "2020-01-01T00:00:00+08:00"}, "starts_at"),
        ({"starts_at": "2036-01-01"}, "starts_at"),
        ({"ends_at": "2021-01-01T00:00:00+08:00"}, "ends_at"),
        ({"ends_at": 7}, "ends_at"),
        ({"starts_at": "9999-12-31T23:59:59-08:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+08:00"}, "starts_at"),
        ({"starts_at": "2200-01-01T00:00:00Z"}, "starts_at"),
        ({"ends_at": "9999-12-31T23:59:59-08:00"}, "ends_at"),
        ({"starts_at": "2027-W48-1T00:00:00Z"}, "starts_at"),
        ({"starts_at": "٢٠٢٧-01-01T00:00:00Z"}, "starts_at"),
        ({"merchant_id": 1}, "merchant_id"),
        ({"merchant": None}, "merchant"),
    ],
    ids=str,
)
def test_nonsense_in_a_contract_is_named_by_its_field(
    goods: Product, wrong: dict[str, Any], field: str
) -> None:
    begins = now() + dt.timedelta(days=1)
    payload = {"merchant": goods.merchant_id, "rate": "7%", "starts_at": begins.isoformat()}
    with pytest.raises(InvalidInput) as refused:
        ask(kind=CONTRACT, payload=payload | wrong, by=make_user("operator"))
    assert list(refused.value.extra["fields"]) == [field]


def test_by_api_a_contract_has_all_that_it_can_have(goods: Product) -> None:
    client = APIClient()
    client.force_authenticate(make_user("operator"))
    payload = {
        "merchant": str(goods.merchant_id),
        "category": goods.category_id,
        "rate": "7%",
        "fixed_fen": 7,
        "points_in_base": False,
        "starts_at": "2036-01-01T00:00:00+08:00",
        "ends_at": None,
    }
    for fixed in (7, "8", 0):
        answer = client.post(
            "/api/v1/approvals",
            {"kind": "contract", "payload": payload | {"fixed_fen": fixed}},
            format="json",
        )
        assert answer.status_code == 201, answer.content
        said = answer.json()["approval"]["payload"]
        assert (said["fixed_fen"], said["category"]) == (int(fixed), goods.category_id)
        assert (said["points_in_base"], said["partners_in_base"]) == (False, True)
        assert (said["starts_at"], said["ends_at"]) == ("2035-12-31T16:00:00+00:00", None)
    far = payload | {"starts_at": "9999-12-31T23:59:59-08:00"}
    refused = client.post("/api/v1/approvals", {"kind": "contract", "payload": far}, format="json")
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"starts_at"})


@pytest.mark.parametrize("year", [2200, 9999])
def test_the_form_of_a_contract_takes_no_year_beyond_the_bounds(
    goods: Product, year: int, client: Client
) -> None:
    client.force_login(make_user("operator"))
    typed = {
        "merchant": goods.merchant_id,
        "percent": "7",
        "fixed_fen": "0",
        "platform_in_base": "on",
        "starts_at_0": f"{year}-12-31",
        "starts_at_1": "23:59:59",
    }
    added = reverse("admin:payments_contract_add")
    answer = client.post(added, typed, headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert "Choose a day between 2000-01-01 and 2199-12-31." in answer.content.decode()
    assert not Approval.objects.exists()
    client.post(added, typed | {"starts_at_0": "2198-12-31"})
    assert Approval.objects.get().kind == CONTRACT


def test_a_paid_order_is_the_merchant_s_at_the_rate_of_its_line(goods: Product) -> None:
    """The voucher asks its line, never the merchant."""
    agree(goods.merchant, "0.25")
    order = make_paid_order(offer=offer_of(goods))
    (voucher,) = vouchers_of(order)
    assert voucher.commission_rate == Decimal("0.2500")


def test_the_back_office_asks_for_a_contract_and_lists_those_that_run(
    goods: Product, client: Client
) -> None:
    client.force_login(make_user("operator"))
    begins = now() + dt.timedelta(days=1)
    form = {
        "merchant": goods.merchant_id,
        "percent": "7.25",
        "fixed_fen": "0.30",
        "platform_in_base": "on",
        "starts_at_0": begins.date().isoformat(),
        "starts_at_1": "12:00:00",
    }
    added = reverse("admin:payments_contract_add")
    assert client.get(added).status_code == 200
    late = client.post(added, form | {"starts_at_0": "2020-01-01"})
    assert b"begins later than now" in late.content
    answer = client.post(added, form)
    assert answer.status_code == 302, answer.content.decode()
    asked = Approval.objects.get()
    assert (asked.payload["rate"], asked.payload["fixed_fen"]) == ("0.0725", 30)
    assert (asked.payload["platform_in_base"], asked.payload["points_in_base"]) == (True, False)
    approve(approval_id=asked.pk, digest=asked.digest, by=make_user("operator"))
    made = Contract.objects.get()
    assert "7.25%" in client.get(reverse("admin:payments_contract_changelist")).content.decode()
    page = client.get(reverse("admin:payments_contract_change", args=[made.pk]))
    assert page.status_code == 200


def test_the_same_contract_is_asked_for_once_while_it_waits_or_runs(goods: Product) -> None:
    boss, finance = make_user("operator"), make_user("operator")
    begins = now() + dt.timedelta(days=1)
    payload = {"merchant": goods.merchant_id, "rate": "7%", "starts_at": begins.isoformat()}
    first = ask(kind=CONTRACT, payload=payload, by=finance)
    assert first is not None
    with pytest.raises(AlreadyAsked) as waits:
        ask(kind=CONTRACT, payload=payload | {"rate": "0.07"}, by=boss)
    assert waits.value.extra["approval"] == first.pk
    assert finance.display_name in str(waits.value)
    approve(approval_id=first.pk, digest=first.digest, by=boss)
    with pytest.raises(ContractExists):
        ask(kind=CONTRACT, payload=payload, by=boss)
    with pytest.raises(ContractExists):
        make_contract(merchant_id=goods.merchant_id, terms=Terms(Decimal("0.07"), begins))
    other = ask(kind=CONTRACT, payload=payload | {"rate": "8%"}, by=finance)
    assert other is not None
    third = ask(kind=CONTRACT, payload=payload | {"rate": "9%"}, by=boss)
    assert third is not None and [row.pk for row in third.replaced] == [other.pk]
    assert Contract.objects.count() == 1


@pytest.mark.parametrize(
    ("language", "title", "word"),
    [("en", "Add a contract", "Add"), ("zh-hans", "新增合同", "新增")],
)
def test_the_page_to_add_a_contract_says_so_in_its_heading(
    client: Client, language: str, title: str, word: str
) -> None:
    client.force_login(make_user("operator"))
    page = client.get(
        reverse("admin:payments_contract_add"), headers={"accept-language": language}
    ).content.decode()
    heading = page.partition("<h1")[2].partition("</h1>")[0]
    assert f">{word}<" in heading and f"<title> {title} |" in page.replace("  ", " ")
