"""From the list of staff a button leads to the invitation, for those who may invite."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from stores.models import Merchant
from tests.factories import cast, make_staff, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/stores/staffmembership/"


def button(client: Client, language: str = "en") -> str:
    """The address behind the button with the word for it, "" where there is none."""
    page = client.get(LIST, headers={"accept-language": language}).content.decode()
    word = {"en": "Invite", "zh-hans": "邀请"}[language]
    links = [part for part in page.split("<a ") if f">{word}</span></a>" in part.split("<a ")[0]]
    return links[0].partition('href="')[2].partition('"')[0] if links else ""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("role", ["owner", "manager", "operator"])
def test_who_may_invite_finds_the_button_above_the_staff(role: str, language: str) -> None:
    people = cast()
    client = Client()
    by_role = {"owner": people.owner, "operator": make_user("operator")}
    client.force_login(by_role.get(role) or make_staff(people.store, role="manager"))
    address = button(client, language)
    assert address == reverse("admin:stores_staffinvitation_add")
    assert client.get(address).status_code == 200


def test_a_suspended_business_is_not_offered_to_invite() -> None:
    people = cast()
    Merchant.objects.filter(pk=people.merchant.pk).update(state=Merchant.State.SUSPENDED)
    client = Client()
    client.force_login(people.owner)
    assert client.get(LIST).status_code == 200
    assert button(client) == ""
