"""The page of an incident: what happened, and the button that settles it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from kernel.watch.models import Incident
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_an_incident_is_settled_from_its_own_page_after_a_question() -> None:
    incident = Incident.objects.create(kind="web.error", subject="GET /", error="Boom")
    office = Client(headers={"accept-language": "en"})
    office.force_login(make_user("operator"))
    page = office.get(reverse("admin:watch_incident_change", args=[incident.pk])).content.decode()
    assert "Mark as settled" in page
    asked = office.get(reverse("admin:watch_incident_settle_here", args=[incident.pk]))
    assert "leave the list" in asked.content.decode()
    incident.refresh_from_db()
    assert incident.settled_at is None
    sent = {"action": "settle", "_selected_action": [incident.pk], "confirmed": "yes"}
    office.post(reverse("admin:watch_incident_changelist"), sent)
    incident.refresh_from_db()
    assert incident.settled_at
    page = office.get(reverse("admin:watch_incident_change", args=[incident.pk])).content.decode()
    assert "Mark as settled" not in page


def test_the_back_office_s_own_page_not_found_leads_back_to_it() -> None:
    office = Client(headers={"accept-language": "en"})
    office.force_login(make_user("operator"))
    answer = office.get(reverse("admin:catalog_product_history", args=[987654]))
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Back to the overview" in page and "Back to the shop" not in page
    assert (
        "Back to the shop"
        in Client(headers={"accept-language": "en"}).get("/nothing/").content.decode()
    )
