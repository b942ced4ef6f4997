"""Two people at one request, one request after the other: one waits, and it is done once."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from kernel.clock import now
from members.models import User
from payments.agreements import PAYOUT, agreement_of
from payments.approvals import CONTRACT
from stores.approval_kinds import COMMISSION
from stores.models import Approval
from stores.services.approvals import approve, ask, reject
from stores.services.platform import give_platform_role
from tests.factories import make_merchant, make_user
from tests.races.test_payouts import issued_statement
from tests.races.together import refusals, together, won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 3


def of_finance() -> User:
    user = make_user()
    give_platform_role(user=user, role="finance")
    return user


def test_of_parallel_requests_for_one_subject_one_waits() -> None:
    merchant, people = make_merchant(), [of_finance() for _ in range(4)]
    payload = {"merchant": merchant.pk, "to": "7%"}
    for _ in range(ROUNDS):
        asked = together([partial(ask, kind=COMMISSION, payload=payload, by=by) for by in people])
        assert len(won(asked)) == len(people)
        assert Approval.objects.filter(state="waiting").count() == 1
    assert not Approval.objects.exclude(state__in=["waiting", "withdrawn"]).exists()


def test_of_parallel_requests_for_the_very_same_contract_one_is_asked_for() -> None:
    merchant, people = make_merchant(), [of_finance() for _ in range(4)]
    for day in range(1, ROUNDS + 1):
        begins = (now() + dt.timedelta(days=day)).isoformat()
        payload = {"merchant": merchant.pk, "rate": "7%", "starts_at": begins}
        asked = together([partial(ask, kind=CONTRACT, payload=payload, by=by) for by in people])
        assert len(won(asked)) == 1
        assert refusals(asked) == {"already_asked": len(people) - 1}


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_request_is_done_once_whoever_agrees_or_turns_it_down(_round: int) -> None:
    statement, finance = issued_statement(), of_finance()
    asked = ask(kind=PAYOUT, payload={"statement": statement.pk}, by=finance)
    assert asked is not None
    facts = {"approval_id": asked.pk, "digest": asked.digest}
    others = [of_finance() for _ in range(3)]
    answers = together(
        [
            *(partial(approve, by=by, **facts) for by in others),
            partial(reject, approval_id=asked.pk, by=finance),
        ]
    )
    assert len(won(answers)) == 1
    assert refusals(answers) == {"approval_gone": len(others)}
    asked.refresh_from_db()
    assert (agreement_of(statement) == asked) == (asked.state == "done")
