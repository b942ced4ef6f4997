"""Who changes whose account: the operator's people are out of reach of the rest of the desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.errors import AccountOfOperator, AddressOfSecondPerson
from members.models import User
from members.services.accounts import change_account
from stores.errors import LastPlatformOwner, RightMissing
from stores.services.platform import give_platform_role
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("operator", email="boss@example.com")


def of_the_desk(role: str) -> User:
    user = make_user()
    give_platform_role(user=user, role=role)
    return user


def submit(by: User, user: User, **changes: str) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(by)
    data = {
        "display_name": user.display_name,
        "email": user.email or "",
        "phone": user.phone or "",
        "language": user.language,
        "is_active": "on",
    } | changes
    url = reverse("admin:members_user_change", args=[user.pk])
    return str(client.post(url, {k: v for k, v in data.items() if v}).content.decode())


def test_risk_switches_off_customers_and_nobody_of_the_operator(owner: User) -> None:
    risk, customer = of_the_desk("risk"), make_user()
    submit(risk, customer, is_active="")
    customer.refresh_from_db()
    assert not customer.is_active
    for person in (owner, of_the_desk("finance"), risk):
        before = person.email
        submit(risk, person, email="taken-over@example.com")
        person.refresh_from_db()
        assert person.email == before
        with pytest.raises(AccountOfOperator):
            change_account(user=person, by=risk, is_active=False)
        person.refresh_from_db()
        assert person.is_active


def test_an_operator_who_is_switched_off_stays_out_of_reach(owner: User) -> None:
    finance = of_the_desk("finance")
    change_account(user=finance, by=owner, is_active=False)
    with pytest.raises(AccountOfOperator):
        change_account(user=finance, by=of_the_desk("risk"), is_active=True)


@pytest.mark.parametrize("role", ["support", "finance"])
def test_others_of_the_desk_change_no_account(role: str) -> None:
    with pytest.raises(RightMissing):
        change_account(user=make_user(), by=of_the_desk(role), display_name="New")


def test_the_last_owner_is_not_switched_off(owner: User) -> None:
    with pytest.raises(LastPlatformOwner):
        change_account(user=owner, by=owner, is_active=False)
    owner.refresh_from_db()
    assert "The platform needs an owner" in submit(owner, owner, is_active="")
    owner.refresh_from_db()
    assert owner.is_active
    change_account(user=owner, by=make_user("operator"), is_active=False)


@pytest.mark.parametrize("role", ["finance", "owner"])
def test_nobody_gives_the_second_person_another_address(owner: User, role: str) -> None:
    """An owner who could would sign in as both."""
    second = of_the_desk(role)
    before = second.email
    page = submit(owner, second, email="mine@example.com")
    assert "only they change their own e-mail" in page
    second.refresh_from_db()
    assert second.email == before
    with pytest.raises(AddressOfSecondPerson):
        change_account(user=second, by=owner, phone="+8613800138000")
    second.refresh_from_db()
    change_account(user=second, by=owner, display_name="New name", email=before)
    change_account(user=second, by=second if role == "owner" else None, email="own@example.com")
    support = of_the_desk("support")
    change_account(user=support, by=owner, email="support@example.com")


def test_an_operator_who_works_alone_changes_every_address(owner: User, settings: Any) -> None:
    settings.APPROVALS = False
    finance = of_the_desk("finance")
    change_account(user=finance, by=owner, email="new@example.com")
    finance.refresh_from_db()
    assert finance.email == "new@example.com"
