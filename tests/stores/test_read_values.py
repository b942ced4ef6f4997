"""What the back office only shows has words for no value, too, and raises nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kernel.watch.models import Incident
from members.models import ApiToken, User
from members.services.accounts import issue_token
from members.services.keys import make_key
from stores.admin_reading import _column
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_the_page_of_a_token_says_what_it_opens() -> None:
    owner, person = make_user("operator"), make_user()
    issue_token(user=person)
    make_key(user=person, name="Till", scopes=["catalog:read"])
    client = Client(headers={"accept-language": "en"})
    client.force_login(owner)
    told = {}
    for token in ApiToken.objects.filter(user=person):
        page = client.get(reverse("admin:members_apitoken_change", args=[token.pk]))
        assert page.status_code == 200
        told[token.name] = page.content.decode()
    assert "catalog:read" in told["Till"]
    assert ">all<" in "".join(told[""].split())
    assert client.get(reverse("admin:members_apitoken_changelist")).status_code == 200
    assert not Incident.objects.exists()


@pytest.mark.parametrize("name", ["scopes", "amount_fen"])
def test_a_column_without_a_value_is_empty(name: str) -> None:
    class Form:
        declared_fields: dict[str, Any] = {}

    row: Any = type("Row", (), {name: None})()
    assert _column(Form, User, name, "Label")(row) == ""  # type: ignore[arg-type]
