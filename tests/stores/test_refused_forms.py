"""A refusal in the back office keeps the form open, with everything that was typed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from kernel import clock
from payments.models import Payout, ReconciliationException, Statement
from payments.services.payouts import send_payout
from payments.services.settlement import settle_merchant
from stores.admin_forms import TenantForm
from stores.models import Merchant
from stores.services.invitations import ADDRESS_A_DAY
from tests.backoffice import shown
from tests.factories import make_category, make_merchant, make_store, make_user, owner_of
from tests.payments.books import earn, shanghai

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 5, 1)


def _client(user: Any) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def _statement() -> Statement:
    merchant = make_merchant()
    with clock.at(shanghai(DAY, 12)):
        earn(merchant, 10_000)
    made = settle_merchant(merchant_id=merchant.pk, day=DAY, cutoff_at=shanghai(DAY, 23))
    assert made is not None
    return made


def _pay_out(client: Client, references: dict[Statement, str]) -> Any:
    return client.post(
        reverse("admin:payments_statement_changelist"),
        {
            "action": "record_payout",
            "confirmed": "yes",
            "_selected_action": [row.pk for row in references],
            **{f"note_{row.pk}": reference for row, reference in references.items()},
        },
    )


def test_a_refused_reference_stays_in_its_form_and_the_others_are_recorded(settings: Any) -> None:
    settings.APPROVALS = False
    client = _client(make_user("operator"))
    older, good, doubled, short = (_statement() for _ in range(4))
    send_payout(statement_id=older.pk, sent_by=None, bank_reference="ICBC 2026-77")

    answer = _pay_out(client, {good: "BOC-1", doubled: "icbc202677", short: "x"})

    assert list(good.payouts.values_list("bank_reference", flat=True)) == ["BOC-1"]
    assert not Payout.objects.filter(statement__in=[doubled, short]).exists()
    asked = {row["key"]: (row["typed"], row["why"]) for row in answer.context["rows"]}
    assert asked.keys() == {doubled.pk, short.pk}
    assert asked[doubled.pk][0] == "icbc202677"
    assert "is that of payout" in asked[doubled.pk][1]
    assert asked[short.pk][0] == "x"
    assert "3 to 80 characters" in asked[short.pk][1]
    page = answer.content.decode()
    assert f'name="note_{doubled.pk}" value="icbc202677"' in page
    assert f'id="why_{short.pk}"' in page
    assert "is recorded, reference BOC-1" in page, "and what was done is said"

    again = _pay_out(client, {doubled: "BOC-2", short: "BOC-3"})
    assert again.status_code == 302
    assert doubled.payouts.exists()
    assert short.payouts.exists()


def _save(client: Client, address: str, **typed: Any) -> Any:
    return client.post(address, {**shown(client.get(address)), **typed})


def _errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200, "the form is still open"
    return dict(answer.context["adminform"].form.errors)


def test_a_difference_without_a_reason_is_asked_for_it_beside_the_note() -> None:
    row = ReconciliationException.objects.create(
        gateway="sandbox", day=DAY, kind="missing_there", subject="P1"
    )
    address = reverse("admin:payments_reconciliationexception_change", args=[row.pk])
    button = {"payments_reconciliationexception_resolve": "1"}
    answer = _save(_client(make_user("operator")), address, note=" ", **button)
    assert _errors(answer)["note"] == ["Explain in a note why this difference is settled."]
    row.refresh_from_db()
    assert row.state == "open"


def test_a_button_that_came_too_late_says_so_and_keeps_the_note() -> None:
    merchant = make_merchant(state="applied")
    client = _client(make_user("operator"))
    address = reverse("admin:stores_merchant_change", args=[merchant.pk])
    typed = {**shown(client.get(address)), "decision_note": "Licence seen"}
    Merchant.objects.filter(pk=merchant.pk).update(state="rejected")
    answer = client.post(address, typed | {"stores_merchant_approve_now": "1"})
    assert "Somebody else was faster" in str(_errors(answer)["__all__"])
    assert "Licence seen" in answer.content.decode()
    merchant.refresh_from_db()
    assert (merchant.state, merchant.decision_note) == ("rejected", "")


def test_a_product_that_cannot_go_on_sale_stays_in_its_form() -> None:
    merchant = make_merchant()
    make_store(merchant=merchant)
    category = make_category()
    category.merchants.add(merchant)
    client = _client(owner_of(merchant))
    address = reverse("admin:catalog_product_add")
    answer = _save(
        client,
        address,
        category=category.pk,
        title_en="Tea for two",
        list_price_fen="50",
        state="active",
        **{"variants-TOTAL_FORMS": 1, "variants-0-price_fen": "30", "variants-0-active": ""},
    )
    assert "price before you put it on sale" in str(_errors(answer)["state"])
    assert "Tea for two" in answer.content.decode()
    assert not Product.objects.filter(title_en="Tea for two").exists()


def test_an_invitation_too_many_stays_in_its_form(settings: Any) -> None:
    merchant = make_merchant()
    client = _client(owner_of(merchant))
    address = reverse("admin:stores_staffinvitation_add")
    settings.RATE_LIMITS = True
    typed = {"email": "guest@example.org", "role": "manager"}
    for _time in range(ADDRESS_A_DAY):
        assert _save(client, address, **typed).status_code == 302
    answer = _save(client, address, **typed)
    assert "Too many" in str(_errors(answer))
    assert "guest@example.org" in answer.content.decode()


def test_every_form_of_the_back_office_can_show_a_refusal() -> None:
    """The base class shows it beside its field; a form of another kind would lose what was typed."""
    request = Client().get("/").wsgi_request
    request.user = make_user("operator")
    others = [
        page.opts.label
        for page in admin.site._registry.values()
        if page.has_add_permission(request) or page.has_change_permission(request)
        if not issubclass(page.get_form(request), TenantForm)
    ]
    assert others == []
