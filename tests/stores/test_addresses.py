"""An e-mail address has one spelling wherever it comes in, and a message can be sent to it."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from rest_framework.test import APIClient

from kernel.emails import MailFormField, fold_email
from kernel.errors import InvalidInput
from members.services.accounts import issue_token
from stores.models import Merchant, StaffInvitation
from stores.services.invitations import invite_staff
from stores.services.merchants import apply_merchant
from tests.factories import Cast, cast, make_user

pytestmark = pytest.mark.django_db

SPELLINGS = [
    "Mei@Bistro.Example",
    "mei@\uff42istro.example",
    "mei\u200b@bistro.example",
    " mei@bistro\u3002example. ",
    "\uff4dei\uff20bistro.example",
]
NOWHERE = ["mei@bistro", "mei@" + "ö" * 60 + ".example", "m" * 65 + "@bistro.example", "mei", "@"]


@pytest.fixture
def people() -> Cast:
    return cast()


def invite(people: Cast, email: str) -> StaffInvitation:
    return invite_staff(
        merchant=people.merchant,
        email=email,
        role="clerk",
        stores=[people.store],
        by=people.owner,
    )


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_address_has_one_open_invitation_however_it_is_spelled(people, spelling) -> None:
    invite(people, "mei@bistro.example")
    invite(people, spelling)
    (open_one,) = StaffInvitation.objects.filter(state="pending")
    assert open_one.email == "mei@bistro.example"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_api_invites_the_one_spelling(people: Cast, spelling: str) -> None:
    client = APIClient(headers={"authorization": f"Bearer {issue_token(user=people.owner)}"})
    body: dict[str, Any] = {"email": spelling, "role": "clerk", "stores": [people.store.pk]}
    answer = client.post("/api/v1/staff/invitations", body, format="json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["email"] == "mei@bistro.example"


@pytest.mark.parametrize("address", NOWHERE)
def test_nobody_is_invited_where_no_mail_arrives(people: Cast, address: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        invite(people, address)
    assert refusal.value.extra["fields"]["email"]
    assert not StaffInvitation.objects.exists()


def test_a_merchant_is_written_to_at_the_one_spelling() -> None:
    for spelling in SPELLINGS:
        merchant = apply_merchant(applicant=make_user(), name_en="Bistro", contact_email=spelling)
        merchant.refresh_from_db()
        assert merchant.contact_email == "mei@bistro.example"
        Merchant.objects.filter(pk=merchant.pk).update(contact_email="")
        merchant.contact_email = spelling
        merchant.save()
        merchant.refresh_from_db()
        assert merchant.contact_email == "mei@bistro.example"


@pytest.mark.parametrize("address", NOWHERE)
def test_no_merchant_is_written_to_where_no_mail_arrives(address: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        apply_merchant(applicant=make_user(), name_en="Bistro", contact_email=address)
    assert "contact_email" in refusal.value.extra["fields"]
    with pytest.raises(ValidationError):
        MailFormField().clean(address)


def test_the_forms_of_people_read_the_one_spelling() -> None:
    assert {MailFormField().clean(spelling) for spelling in SPELLINGS} == {"mei@bistro.example"}
    for model, name in ((Merchant, "contact_email"), (StaffInvitation, "email")):
        assert isinstance(model._meta.get_field(name).formfield(), MailFormField)


def test_addresses_of_before_are_folded_and_the_newest_invitation_stays_open(people) -> None:
    rows = [invite(people, f"guest{turn}@bistro.example") for turn in range(5)]
    with connection.cursor() as cursor:  # as an older release wrote them
        cursor.executemany(
            "UPDATE stores_staffinvitation SET email = %s WHERE id = %s",
            [
                (email, row.pk)
                for row, email in zip(rows, [*SPELLINGS[:4], "ann@bistro.example"], strict=True)
            ],
        )
        cursor.execute(
            "UPDATE stores_merchant SET contact_email = %s WHERE id = %s",
            [SPELLINGS[1], people.merchant.pk],
        )
    importlib.import_module("stores.migrations.0008_one_spelling").fold(apps, None)
    assert [
        (row.email, row.state)
        for row in StaffInvitation.objects.filter(pk__gte=rows[3].pk).order_by("pk")
    ] == [("mei@bistro.example", "pending"), ("ann@bistro.example", "pending")]
    assert {row.state for row in StaffInvitation.objects.filter(pk__lt=rows[3].pk)} == {"revoked"}
    people.merchant.refresh_from_db()
    assert people.merchant.contact_email == "mei@bistro.example"


@pytest.mark.parametrize("text", ["", "@", "a@", "no address", "\u200b@\u200b", "x@" + "é" * 300])
def test_folding_never_raises_and_is_done_once(text: str) -> None:
    assert fold_email(fold_email(text)) == fold_email(text)
