"""Payouts, commission rates and the owner's role need a second person, bound to exactly that."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound
from members.models import User
from members.services.accounts import issue_token
from payments.agreements import PAYOUT, agreement_of
from payments.errors import PayoutAgreed, PayoutNotAgreed, StatementNotIssued
from payments.models import Payout, Statement
from payments.services.payouts import return_payout, send_payout
from stores.approval_kinds import COMMISSION, OWNER, ROLE
from stores.approvals import KINDS, agreeing_roles
from stores.commission_rates import read_percent, read_rate
from stores.errors import (
    ApprovalChanged,
    ApprovalGone,
    AskerLostRight,
    RightMissing,
    SecondPersonNeeded,
)
from stores.models import Approval, Merchant, PlatformRole
from stores.rights import platform_rights
from stores.services.approvals import VALID, approvals_for, approve, ask, reject, waiting_for
from stores.services.commission import change_commission
from stores.services.platform import give_platform_role, take_platform_role
from tests.factories import make_merchant, make_user
from tests.stores.test_refused_forms import _statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> tuple[User, User]:
    """Who asks (finance), and who agrees (owner)."""
    finance = make_user(display_name="Fin")
    give_platform_role(user=finance, role="finance")
    return finance, make_user("operator", display_name="Boss")


@pytest.fixture
def statement() -> Statement:
    return _statement()


def ask_payout(statement: Statement, by: User) -> Approval:
    made = ask(kind=PAYOUT, payload={"statement": statement.pk}, by=by)
    assert made is not None
    return made


def ask_rate(merchant: Merchant, by: User, to: str = "8%") -> Approval:
    made = ask(kind=COMMISSION, payload={"merchant": merchant.pk, "to": to}, by=by)
    assert made is not None
    return made


def test_the_list_says_which_payouts_wait_for_a_second_person(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    listed = reverse("admin:payments_statement_changelist")

    def seen(person: User) -> tuple[str, int]:
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(listed).content.decode()
        return re.sub(r'"\?next=\w+">[^<]*<', "", page), len(queries)  # the filter names every step

    before, cost = seen(finance)
    badge = '<span class="badge badge--warning">payout waits for a second person</span>'
    assert badge not in before
    ask_payout(statement, finance)
    after, same = seen(finance)
    assert badge in after and same == cost
    of_merchant, _cost = seen(statement.merchant.staff.get(role="owner").user)
    assert statement.number in of_merchant and "second person" not in of_merchant
    with at(now() + VALID):
        expired, _cost = seen(owner)
        assert badge not in expired


def test_a_payout_is_recorded_after_a_second_person_has_agreed(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    for early in desk:
        with pytest.raises(PayoutNotAgreed):
            send_payout(statement_id=statement.pk, sent_by=early, bank_reference="BOC-1")
    done = approve(approval_id=asked.pk, digest=asked.digest, by=owner)
    assert (done.state, done.decided_by) == ("done", owner)
    assert not Payout.objects.exists(), "the transfer is not made yet"
    with pytest.raises(ApprovalGone):
        approve(approval_id=asked.pk, digest=asked.digest, by=owner)
    with pytest.raises(PayoutAgreed):
        ask_payout(statement, finance)
    with pytest.raises(NotFound):
        send_payout(statement_id=statement.pk, sent_by=make_user(), bank_reference="BOC-1")
    payout = send_payout(statement_id=statement.pk, sent_by=owner, bank_reference="BOC-1")
    assert (payout.asked_by, payout.approved_by, payout.sent_by) == (finance, owner, owner)
    assert (payout.agreement, payout.bank_reference) == (asked, "BOC-1")


def test_an_agreement_pays_once(desk: tuple[User, User], statement: Statement) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    approve(approval_id=asked.pk, digest=asked.digest, by=owner)
    payout = send_payout(statement_id=statement.pk, sent_by=finance, bank_reference="BOC-1")
    return_payout(payout_id=payout.pk, by=owner)
    with pytest.raises(PayoutNotAgreed):
        send_payout(statement_id=statement.pk, sent_by=finance, bank_reference="BOC-2")
    again = ask_payout(statement, owner)
    approve(approval_id=again.pk, digest=again.digest, by=finance)
    send_payout(statement_id=statement.pk, sent_by=finance, bank_reference="BOC-2")


def test_what_was_agreed_to_is_this_amount_to_the_letter(
    desk: tuple[User, User], statement: Statement
) -> None:
    asked = ask_payout(statement, desk[0])
    approve(approval_id=asked.pk, digest=asked.digest, by=desk[1])
    assert agreement_of(statement) == asked
    for field in ("net_fen", "merchant", "number"):
        changed = {**asked.payload, field: 1}
        Approval.objects.filter(pk=asked.pk).update(payload=changed)
        assert agreement_of(statement) is None, field
    older = {**asked.payload, "bank_reference": "BOC-1"}
    Approval.objects.filter(pk=asked.pk).update(payload=older)
    assert agreement_of(statement) is None, "used up in the release before"


def test_whoever_asked_is_not_the_second_person(
    desk: tuple[User, User], statement: Statement
) -> None:
    for person in desk:
        asked = ask_payout(statement, person)
        with pytest.raises(SecondPersonNeeded):
            approve(approval_id=asked.pk, digest=asked.digest, by=person)
        assert not waiting_for(person).exists()
    assert not Payout.objects.exists()


def test_the_database_itself_knows_that_it_takes_two(
    desk: tuple[User, User], statement: Statement
) -> None:
    asked = ask_payout(statement, desk[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=asked.pk).update(state="done", decided_by=desk[0])


def test_no_service_lets_one_person_do_it_alone(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    merchant = make_merchant()
    with pytest.raises(PayoutNotAgreed):
        send_payout(statement_id=statement.pk, sent_by=finance, bank_reference="BOC-1")
    for second in (None, finance):
        with pytest.raises(SecondPersonNeeded):
            change_commission(
                merchant_id=merchant.pk, rate=Decimal("0.01"), by=finance, approved_by=second
            )
    for second in (None, owner):
        with pytest.raises(SecondPersonNeeded):
            give_platform_role(user=make_user(), role="owner", by=owner, approved_by=second)
    assert not Payout.objects.exists()


@pytest.mark.parametrize("field", ["number", "net_fen", "statement"])
def test_a_payload_that_was_changed_is_refused(
    field: str, desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    changed = dict(asked.payload)
    changed[field] = "S-2" if field == "number" else changed[field] + 1
    Approval.objects.filter(pk=asked.pk).update(payload=changed)
    with pytest.raises(ApprovalChanged):
        approve(approval_id=asked.pk, digest=asked.digest, by=owner)
    assert not Payout.objects.exists()
    assert Approval.objects.get(pk=asked.pk).state == "waiting"


def test_agreeing_to_something_else_than_was_asked_is_refused(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    for digest in ("", "0" * 64, asked.digest.upper(), "ä"):
        with pytest.raises(ApprovalChanged):
            approve(approval_id=asked.pk, digest=digest, by=owner)


def test_what_has_changed_since_is_refused(desk: tuple[User, User], statement: Statement) -> None:
    finance, owner = desk
    merchant = make_merchant()
    rate = ask_rate(merchant, finance)
    Merchant.objects.filter(pk=merchant.pk).update(commission_rate=Decimal("0.05"))
    with pytest.raises(ApprovalChanged):
        approve(approval_id=rate.pk, digest=rate.digest, by=owner)
    payout = ask_payout(statement, finance)
    send_payout(statement_id=statement.pk, sent_by=None, bank_reference="BOC-9")
    with pytest.raises(StatementNotIssued):
        approve(approval_id=payout.pk, digest=payout.digest, by=owner)
    assert Payout.objects.count() == 1


def test_a_rate_is_changed_for_orders_from_then_on(desk: tuple[User, User]) -> None:
    merchant = make_merchant()
    asked = ask_rate(merchant, desk[0], "7.25％")
    approve(approval_id=asked.pk, digest=asked.digest, by=desk[1])
    merchant.refresh_from_db()
    assert merchant.commission_rate == Decimal("0.0725")


@pytest.mark.parametrize("text", ["", "x", "51%", "-1%", "0.51", "7.123%", "nan", "inf", "1e-9"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_rate(text)


@pytest.mark.parametrize(
    ("text", "rate"), [("7%", "0.07"), ("0.07", "0.07"), (" 8.5 %", "0.085"), ("0", "0")]
)
def test_a_rate_is_read_as_people_write_it(text: str, rate: str) -> None:
    assert read_rate(text) == Decimal(rate)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("7", "0.07"), ("7.25", "0.0725"), (".9", "0.009"), ("0.3%", "0.003"), ("0", "0")],
)
def test_a_rate_in_the_back_office_is_in_percent(text: str, rate: str) -> None:
    assert read_percent(text) == Decimal(rate)


@pytest.mark.parametrize(
    "text",
    [
        "0.07",
        "0,07",
        "8,5",
        "1,000",
        "1e1",
        "１２",
        "٣",
        "1_0",
        "+9",
        "51",
        "7.123",
        "x",
        "",
        "-1",
        "nan",
    ],
)
def test_a_percentage_that_may_be_a_share_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_percent(text)


def test_the_owner_s_role_takes_two_owners(desk: tuple[User, User]) -> None:
    finance, owner = desk
    new = make_user()
    with pytest.raises(RightMissing):
        ask(kind=OWNER, payload={"user": new.pk}, by=finance)
    asked = ask(kind=OWNER, payload={"user": new.pk}, by=owner)
    assert asked is not None
    with pytest.raises(RightMissing):
        approve(approval_id=asked.pk, digest=asked.digest, by=finance)
    approve(approval_id=asked.pk, digest=asked.digest, by=make_user("operator"))
    new.refresh_from_db()
    assert new.is_superuser and new.is_staff
    assert PlatformRole.objects.filter(user=new, role="owner", given_by=owner).exists()
    with pytest.raises(InvalidInput):  # is one already
        ask(kind=OWNER, payload={"user": new.pk}, by=owner)


def test_every_role_that_may_agree_takes_two_owners(desk: tuple[User, User]) -> None:
    finance, owner = desk
    accomplice = make_user()
    assert agreeing_roles() == {"owner", "finance"}
    for role in agreeing_roles():
        with pytest.raises(SecondPersonNeeded):
            give_platform_role(user=accomplice, role=role, by=owner)
        with pytest.raises(SecondPersonNeeded):
            give_platform_role(user=accomplice, role=role, by=owner, approved_by=owner)
    for kind in KINDS.values():
        assert kind.right not in platform_rights(accomplice)
    asked = ask(kind=ROLE, payload={"user": str(accomplice.pk), "role": "finance"}, by=owner)
    assert asked is not None
    for alone in (owner, finance):
        with pytest.raises((SecondPersonNeeded, RightMissing)):
            approve(approval_id=asked.pk, digest=asked.digest, by=alone)
    assert not PlatformRole.objects.filter(user=accomplice).exists()
    approve(approval_id=asked.pk, digest=asked.digest, by=make_user("operator"))
    assert PlatformRole.objects.filter(user=accomplice, role="finance", given_by=owner).exists()
    accomplice.refresh_from_db()
    assert accomplice.is_staff
    for role in ("support", "owner", "nonsense"):
        with pytest.raises(InvalidInput):
            ask(kind=ROLE, payload={"user": make_user().pk, "role": role}, by=owner)
    with pytest.raises(InvalidInput):  # has it already
        ask(kind=ROLE, payload={"user": accomplice.pk, "role": "finance"}, by=owner)


def test_an_owner_alone_is_told_how_to_get_a_second_person(settings: Any) -> None:
    owner, new = make_user("operator"), make_user()
    added = reverse("admin:stores_platformrole_add")
    page = office(owner).post(added, {"user": new.pk, "role": "finance"}, follow=True)
    assert "manage.py createsuperuser" in page.content.decode()
    assert Approval.objects.get().kind == ROLE
    assert not PlatformRole.objects.filter(user=new).exists()
    second = User.objects.create_superuser("second@example.com", "harbour-lantern-26")
    approve(approval_id=Approval.objects.get().pk, digest=Approval.objects.get().digest, by=second)
    assert PlatformRole.objects.filter(user=new, role="finance").exists()
    other = make_user()
    told = office(owner).post(added, {"user": other.pk, "role": "finance"}, follow=True)
    assert "manage.py createsuperuser" not in told.content.decode()
    settings.APPROVALS = False
    office(owner).post(added, {"user": other.pk, "role": "finance"})
    assert PlatformRole.objects.filter(user=other, role="finance").exists()


@pytest.mark.parametrize("number", ["٣", "２", "", None, "1.0", True])
def test_a_person_is_named_by_a_plain_number(desk: tuple[User, User], number: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(kind=OWNER, payload={"user": number}, by=desk[1])
    assert list(refused.value.extra["fields"]) == ["user"]


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"statement": "1_0"}, {"statement"}),
        ({"statement": "٣٦٦"}, {"statement"}),
        ({"statement": -1}, {"statement"}),
        ({"statement": 1.0}, {"statement"}),
        ({"statement": 10**30}, {"statement"}),
        ({"statement": None}, {"statement"}),
        ({"statement": [1]}, {"statement"}),
        ({}, {"statement"}),
        ({"statement": 1, "net_fen": 7}, {"net_fen"}),
    ],
    ids=str,
)
def test_what_a_kind_does_not_know_is_refused_by_its_name(
    desk: tuple[User, User], sent: dict[str, Any], named: set[str]
) -> None:
    answer = caller(desk[0]).post(
        "/api/v1/approvals", {"kind": "payout", "payload": sent}, format="json"
    )
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == named


def test_a_rate_is_refused_by_the_name_it_was_sent_with(desk: tuple[User, User]) -> None:
    payload = {"merchant": make_merchant().pk, "to": "60%"}
    with pytest.raises(InvalidInput) as refused:
        ask(kind=COMMISSION, payload=payload, by=desk[1])
    assert list(refused.value.extra["fields"]) == ["to"]


@pytest.mark.parametrize(
    "payload",
    [{"to": "8%"}, {}, [], None, {"merchant": [1]}, {"merchant": 10**30, "name": "x"}],
    ids=str,
)
def test_one_request_that_cannot_be_read_leaves_the_others_on_the_page(
    desk: tuple[User, User], payload: Any
) -> None:
    finance, owner = desk
    good, bad = ask_rate(make_merchant(), finance, "9%"), ask_rate(make_merchant(), finance)
    text = "null" if payload is None else json.dumps(payload)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stores_approval SET payload = %s WHERE id = %s", [text, bad.pk])
    listed = office(owner).get(reverse("admin:stores_approval_changelist"))
    assert listed.status_code == 200
    page = unescape(listed.content.decode())
    assert "What it asks for can't be read." in page and "9%" in page
    for row in (good, bad):
        one = office(owner).get(reverse("admin:stores_approval_change", args=[row.pk]))
        assert one.status_code == 200
    with pytest.raises(ApprovalChanged):
        approve(approval_id=bad.pk, digest=bad.digest, by=owner)


def test_a_request_runs_out_and_a_newer_one_takes_its_place(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    first = ask_payout(statement, finance)
    second = ask_payout(statement, finance)
    first.refresh_from_db()
    assert first.state == "withdrawn"
    with at(now() + VALID), pytest.raises(ApprovalGone):
        approve(approval_id=second.pk, digest=second.digest, by=owner)
    assert list(waiting_for(owner)) == [second]


def test_a_request_is_turned_down_or_withdrawn_and_nothing_is_done(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    assert reject(approval_id=asked.pk, by=finance).state == "withdrawn"
    again = ask_payout(statement, finance)
    assert reject(approval_id=again.pk, by=owner).state == "rejected"
    with pytest.raises(ApprovalGone):
        approve(approval_id=again.pk, digest=again.digest, by=owner)
    assert not Payout.objects.exists()


def test_whoever_asked_must_still_have_the_role_when_the_second_person_agrees(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    take_platform_role(user=finance, role="finance", by=owner)
    with pytest.raises(AskerLostRight):
        approve(approval_id=asked.pk, digest=asked.digest, by=owner)
    assert not Payout.objects.exists()
    assert reject(approval_id=asked.pk, by=owner).state == "rejected"


def test_people_without_the_right_ask_see_and_decide_nothing(
    desk: tuple[User, User], statement: Statement
) -> None:
    asked = ask_payout(statement, desk[0])
    support = make_user()
    give_platform_role(user=support, role="support")
    strangers = (make_merchant().applicant, make_user())
    for person, refusal in ((support, RightMissing), *((one, NotFound) for one in strangers)):
        with pytest.raises(refusal):
            ask_payout(statement, person)
        with pytest.raises(refusal):
            approve(approval_id=asked.pk, digest=asked.digest, by=person)
        with pytest.raises(refusal):
            reject(approval_id=asked.pk, by=person)
        assert not approvals_for(person).exists()


def test_an_operator_who_works_alone_says_so(
    desk: tuple[User, User], statement: Statement, settings: Any
) -> None:
    settings.APPROVALS = False
    assert ask(kind=PAYOUT, payload={"statement": statement.pk}, by=desk[0]) is None
    assert not Approval.objects.exists()
    payout = send_payout(statement_id=statement.pk, sent_by=desk[0], bank_reference="BOC-1")
    assert (payout.sent_by, payout.approved_by, payout.agreement) == (desk[0], None, None)


# Back office and API ---------------------------------------------------------------------


def office(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def test_the_back_office_asks_shows_and_agrees(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    office(finance).post(
        reverse("admin:payments_statement_changelist"),
        {
            "action": "ask_for_payout",
            "confirmed": "yes",
            "_selected_action": [statement.pk],
        },
    )
    asked = Approval.objects.get()
    url = reverse("admin:stores_approval_changelist")
    tasks = [task["url"] for task in office(owner).get(reverse("admin:index")).context["tasks"]]
    assert f"{url}?open=yes" in tasks
    listed = office(owner).get(f"{url}?open=yes").content.decode()
    assert statement.number in listed and "¥90.00" in listed
    agree = {"action": "agree", "confirmed": "yes", "_selected_action": [asked.pk]}
    office(finance).post(url, agree)
    assert agreement_of(statement) is None
    told = office(owner).post(url, agree, follow=True).content.decode()
    assert "enters the bank&#x27;s reference on the statement" in told
    statements = reverse("admin:payments_statement_changelist")
    record = {"action": "record_payout", "confirmed": "yes", "_selected_action": [statement.pk]}
    office(finance).post(statements, {**record, f"note_{statement.pk}": "BOC-1"})
    assert Payout.objects.get().approved_by == owner


def test_a_new_rate_and_a_new_owner_are_asked_for_in_the_back_office(
    desk: tuple[User, User],
) -> None:
    finance, owner = desk
    merchant, new = make_merchant(), make_user()
    office(finance).post(
        reverse("admin:stores_merchant_changelist"),
        {
            "action": "change_rate",
            "confirmed": "yes",
            "_selected_action": [merchant.pk],
            f"note_{merchant.pk}": "9%",
        },
    )
    added = reverse("admin:stores_platformrole_add")
    answer = office(owner).post(added, {"user": new.pk, "role": "owner"})
    assert answer.status_code == 302
    office(owner).post(added, {"user": new.pk, "role": "support"})
    assert set(Approval.objects.values_list("kind", flat=True)) == {COMMISSION, OWNER}
    assert list(PlatformRole.objects.filter(user=new).values_list("role", flat=True)) == ["support"]
    merchant.refresh_from_db()
    assert merchant.commission_rate == Decimal("0.06")


def caller(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=user)}")
    return client


def test_the_api_asks_shows_and_agrees(desk: tuple[User, User], statement: Statement) -> None:
    finance, owner = caller(desk[0]), caller(desk[1])
    data = {"kind": "payout", "payload": {"statement": statement.pk}}
    made = finance.post("/api/v1/approvals", data, format="json").json()["approval"]
    assert made["payload"]["net_fen"] == statement.net_fen
    url = f"/api/v1/approvals/{made['id']}/agree"
    alone = finance.post(url, {"digest": made["digest"]}, format="json")
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    other = owner.post(url, {"digest": "0" * 64}, format="json")
    assert (other.status_code, other.json()["code"]) == (409, "approval_changed")
    assert owner.post(url, {"digest": made["digest"]}, format="json").json()["state"] == "done"
    assert [row["state"] for row in owner.get("/api/v1/approvals").json()["results"]] == ["done"]
    for kind, payload in (("payout", {}), ("payout", {"statement": "x", "bank_reference": "BOC"})):
        wrong = finance.post("/api/v1/approvals", {"kind": kind, "payload": payload}, format="json")
        assert wrong.status_code == 400 and wrong.json()["fields"]
    unknown = {"kind": "x", "payload": {}}
    assert finance.post("/api/v1/approvals", unknown, format="json").status_code == 404


def test_the_api_lists_page_by_page_and_by_state(desk: tuple[User, User]) -> None:
    finance, owner = desk
    asked = [ask_rate(make_merchant(), finance).pk for _number in range(3)]
    reject(approval_id=asked[1], by=owner)
    client = caller(owner)
    first = client.get("/api/v1/approvals?page_size=2").json()
    rest = client.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + rest["results"]] == asked[::-1]
    assert (first["previous"], rest["next"]) == (None, None)
    waiting = client.get("/api/v1/approvals?state=waiting&page_size=1").json()
    more = client.get(waiting["next"]).json()
    assert [row["id"] for row in waiting["results"] + more["results"]] == [asked[2], asked[0]]
    assert client.get("/api/v1/approvals?state=decided").status_code == 400


@pytest.mark.parametrize(
    ("language", "kind", "name"), [("en", "A payout", "Otter"), ("zh-hans", "打款", "水獭茶馆")]
)
def test_an_approval_is_read_in_the_language_of_who_agrees(
    desk: tuple[User, User], statement: Statement, language: str, kind: str, name: str
) -> None:
    finance, owner = desk
    Merchant.objects.filter(pk=statement.merchant_id).update(name_en="Otter", name_zh="水獭茶馆")
    asked = ask_payout(statement, finance)
    client = Client(headers={"accept-language": language})
    client.force_login(owner)
    page = client.get(reverse("admin:stores_approval_change", args=[asked.pk]))
    assert page.context["subtitle"] == f"{kind} · {name}"
    assert "statement:" not in page.content.decode()
    assert name in client.get(reverse("admin:stores_approval_changelist")).content.decode()


def test_an_approvals_page_lets_somebody_else_agree_and_tells_the_asker_so_at_once(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    page = reverse("admin:stores_approval_change", args=[asked.pk])
    url = reverse("admin:stores_approval_changelist")
    mine, other = office(finance).get(page).content.decode(), office(owner).get(page)
    links = re.findall(r'href="([^"]*/(?:agree|turn-down|withdraw)[^"]*)"', other.content.decode())
    assert len(set(links)) == 2 and len(links) == 4, "above, and on a phone on the page"
    assert "/withdraw" not in other.content.decode()
    assert "/agree" not in mine and "/turn-down" not in mine and "/withdraw" in mine
    question = office(owner).get(links[0]).content.decode()
    assert "You are the second person" in question and statement.number in question
    assert f'action="{url}"' in question and agreement_of(statement) is None
    ticked = {"action": "agree", "_selected_action": [asked.pk]}
    told = office(finance).post(url, ticked, follow=True).content.decode()
    assert "somebody else with the same role must agree" in told
    assert "You are the second person" not in told
    office(owner).post(links[0], {"confirmed": "yes"})  # a link asks, whatever is sent along
    assert agreement_of(statement) is None
    office(owner).post(url, {**ticked, "confirmed": "yes"})
    assert agreement_of(statement) == asked


def test_a_contract_says_before_it_is_saved_that_it_is_only_asked_for(
    desk: tuple[User, User], settings: Any
) -> None:
    url = reverse("admin:payments_contract_add")
    page = office(desk[1]).get(url).content.decode()
    assert "asks a second person for this contract" in page and "Add a contract" in page
    settings.APPROVALS = False
    assert "asks a second person" not in office(desk[1]).get(url).content.decode()


def test_who_asked_withdraws_by_button_and_by_api_and_nobody_else_does(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    url = reverse("admin:stores_approval_changelist")
    ticked = {"action": "withdraw", "_selected_action": [asked.pk], "confirmed": "yes"}
    told = office(owner).post(url, ticked, follow=True).content.decode()
    assert "it is turned down, not withdrawn" in told
    api = APIClient()
    api.force_authenticate(owner)
    refused = api.post(f"/api/v1/approvals/{asked.pk}/withdraw")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_asker")
    asked.refresh_from_db()
    assert asked.is_open
    office(finance).post(url, ticked)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("withdrawn", finance)
    page = office(owner).get(reverse("admin:stores_approval_change", args=[asked.pk]))
    assert "withdrawn by" in page.content.decode()
    again = ask_payout(statement, finance)
    api.force_authenticate(finance)
    done = api.post(f"/api/v1/approvals/{again.pk}/withdraw")
    assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
    assert api.post(f"/api/v1/approvals/{again.pk}/withdraw").json()["code"] == "approval_gone"


@pytest.mark.parametrize(
    ("kind", "paths"),
    [("stores/approval", ("agree", "turn-down", "withdraw")), ("vouchers/grant", ("take-back",))],
)
@pytest.mark.parametrize("number", ["%2500", "9" * 30, "x", "0"])
def test_a_page_of_no_row_leads_back_whatever_its_number(
    desk: tuple[User, User], kind: str, paths: tuple[str, ...], number: str
) -> None:
    _finance, owner = desk
    page = office(owner).get(f"/admin/{kind}/{number}/change/", follow=True)
    assert page.status_code in (200, 404)
    for path in paths:
        assert office(owner).get(f"/admin/{kind}/{number}/{path}/").status_code == 404


def test_a_rate_that_changes_nothing_is_refused_and_the_form_shows_the_present_one(
    desk: tuple[User, User],
) -> None:
    merchant = make_merchant(commission_rate=Decimal("0.07"))
    with pytest.raises(InvalidInput) as refused:
        ask_rate(merchant, desk[0], "7 %")
    assert "7%" in str(refused.value)
    assert not Approval.objects.exists()
    form = office(desk[0]).post(
        reverse("admin:stores_merchant_changelist"),
        {"action": "change_rate", "_selected_action": [merchant.pk]},
    )
    assert "commission now 7%" in form.content.decode()


def test_a_statement_names_what_waits_what_was_replaced_and_what_was_paid(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    pay = {"action": "ask_for_payout", "confirmed": "yes", "_selected_action": [statement.pk]}
    url = reverse("admin:payments_statement_changelist")
    office(finance).post(url, pay)
    told = office(owner).post(url, pay, follow=True)
    assert "It replaces the request of Fin" in told.content.decode()
    page = reverse("admin:payments_statement_change", args=[statement.pk])
    waiting = Approval.objects.get(state="waiting")
    seen = office(finance).get(page).content.decode()
    assert reverse("admin:stores_approval_change", args=[waiting.pk]) in seen
    approve(approval_id=waiting.pk, digest=waiting.digest, by=finance)
    send_payout(statement_id=statement.pk, sent_by=owner, bank_reference="BOC-2")
    seen = office(owner).get(page).content.decode()
    assert Payout.objects.get().number in seen and "BOC-2" in seen
    assert reverse("admin:stores_approval_change", args=[waiting.pk]) not in seen


def test_every_state_names_who_is_next_and_why_agree_is_missing(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    support = make_user()
    give_platform_role(user=support, role="support")
    url = reverse("admin:payments_statement_change", args=[statement.pk])

    def reads(person: User, *words: str, page: str = url) -> str:
        html = unescape(office(person).get(page).content.decode())
        for text in words:
            assert text in html, text
        return html

    ask_link, reference_link = f"/{statement.pk}/ask", f"/{statement.pk}/reference"
    assert ask_link in reads(finance, "one of the platform's finance asks for the payout")
    assert ask_link not in reads(support, "Your role takes no part in payouts")
    of_merchant = statement.merchant.staff.get(role="owner").user
    reads(of_merchant, "The platform is next", "You have nothing to do.")
    asked = ask_payout(statement, finance)
    approval = reverse("admin:stores_approval_change", args=[asked.pk])
    assert ask_link not in reads(finance, "You asked for it. Next: somebody else")
    reads(owner, "Fin asked for it. Next: a second person")
    own = reads(finance, "so somebody else who holds the right “record payouts”", page=approval)
    assert "Boss" in own and f"/{asked.pk}/agree" not in own
    assert f"/{asked.pk}/agree" in reads(owner, "You are next: read it word", page=approval)
    with at(now() + VALID):
        gone = reads(owner, "It ran out on", page=approval)
        assert f"/{asked.pk}/agree" not in gone
        assert ask_link in reads(finance, "The request of Fin has run out")
    approve(approval_id=asked.pk, digest=asked.digest, by=owner)
    assert reference_link in reads(finance, "sends ¥90.00 to", "Fin asked for it, Boss agreed.")
    reads(finance, "Next: whoever makes transfers", page=approval)
    send_payout(statement_id=statement.pk, sent_by=finance, bank_reference="BOC-9")
    sent = reads(finance, "bank reference BOC-9.", "Should the bank send it back")
    assert reference_link not in sent
    reads(of_merchant, "¥90.00 was sent on", "bank reference BOC-9.")
    reads(owner, "was sent to", page=approval)


def test_a_request_of_somebody_who_lost_the_right_says_so(
    desk: tuple[User, User], statement: Statement
) -> None:
    finance, owner = desk
    asked = ask_payout(statement, finance)
    take_platform_role(user=finance, role="finance", by=owner)
    page = office(owner).get(reverse("admin:stores_approval_change", args=[asked.pk]))
    assert "does not hold the right “record payouts” any more" in page.content.decode()


def test_a_list_of_requests_asks_for_all_its_names_at_once(
    desk: tuple[User, User],
) -> None:
    finance, owner = desk
    client = office(owner)
    url = reverse("admin:stores_approval_changelist")
    ask_rate(make_merchant(name_en="First"), finance)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for number in range(5):
        ask_rate(make_merchant(name_en=f"Further {number}"), finance)
    with CaptureQueriesContext(connection) as six:
        page = client.get(url).content.decode()
    assert "First" in page and "Further 4" in page
    assert len(six) == len(one)
