"""What the operator does with a statement that is owed, in the back office."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import User
from stores.models import Approval
from stores.services.approvals import approve
from tests.factories import make_user
from tests.payments.test_collection import owing

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> tuple[User, User]:
    return make_user("operator", display_name="Fin"), make_user("operator")


@pytest.mark.parametrize("action", ["carry", "write_off", "collect"])
def test_the_back_office_does_it_and_says_who(
    client: Client, desk: tuple[User, User], action: str
) -> None:
    statement = owing()
    client.force_login(desk[0])
    url = reverse("admin:payments_statement_changelist")
    assert "90.00" in client.get(url).content.decode()
    form: dict[str, Any] = {"action": action, "_selected_action": [statement.pk]}
    assert client.post(url, form).status_code == 200
    done = client.post(
        url, form | {"confirmed": "yes", f"note_{statement.pk}": "BOC 5"}, follow=True
    )
    assert done.status_code == 200
    statement.refresh_from_db()
    wanted = {"carry": "carried", "write_off": "issued", "collect": "collected"}
    assert statement.state == wanted[action]
    if action == "write_off":
        asked = Approval.objects.get()
        approve(approval_id=asked.pk, digest=asked.digest, by=desk[1])
        statement.refresh_from_db()
    assert statement.closed_by == desk[0]
    page = client.get(reverse("admin:payments_statement_change", args=[statement.pk]))
    assert desk[0].display_name in page.content.decode()
