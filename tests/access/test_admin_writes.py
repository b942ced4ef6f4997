"""The back office: whatever a form sends, a merchant writes its own rows and decides no more."""

from __future__ import annotations

import datetime as dt
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model, Q
from django.db.models.fields.files import FieldFile
from django.utils.html import strip_tags

from catalog.models import Offer, Product
from kernel.clock import now
from kernel.http.templatetags.fmt import fen
from kernel.plaintext import isolate
from members.models import User
from payments.models import Payout, Statement
from stores.models import Approval, Merchant, StaffInvitation, StaffMembership, Store
from stores.services.approvals import approve
from stores.trades import offered_trades
from tests.access.admin_rules import (
    CHANGE,
    RIGHTS,
    SCOPED,
    get,
    own,
    post,
    rows,
    url_of,
)
from tests.access.world import World
from tests.factories import make_merchant, make_user, variant_of
from vouchers.models import Grant

pytestmark = pytest.mark.django_db

# Writing -------------------------------------------------------------------------------------


def form_of(world: World, role: str, url: str, /, **changes: Any) -> dict[str, Any]:
    """The data a browser would send back from the page at ``url``, with some fields changed."""
    context = get(world, role, url).context
    data: dict[str, Any] = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            widget = field.field.widget
            if hasattr(widget, "widgets"):  # a date and a time side by side
                parts = widget.decompress(value) if value else [None, None]
                for number, part in enumerate(parts):
                    data[f"{field.html_name}_{number}"] = "" if part is None else str(part)
            elif value is not None and value is not False and not isinstance(value, FieldFile):
                data[field.html_name] = value
    return data | changes


def test_a_merchant_saves_its_own_store(world: World) -> None:
    url = url_of("stores.store", "change", world.mine.store.pk)
    response = post(world, "owner", url, form_of(world, "owner", url, name_en="New name"))
    assert response.status_code == 302, response.context["errors"]
    world.mine.store.refresh_from_db()
    assert world.mine.store.name_en == "New name"
    assert world.mine.store.merchant == world.mine.merchant


@pytest.mark.parametrize("label", [label for label in SCOPED if CHANGE in RIGHTS[label].owner])
def test_a_merchant_changes_no_foreign_row(label: str, world: World) -> None:
    row = own(label, world.theirs.merchant).first()
    url = url_of(label, "change", row.pk)
    data = form_of(world, "operator", url)
    before = _facts(row)
    response = post(world, "owner", url, data | {"name_en": "Mine now", "reply": "Mine now"})
    assert response.status_code == 404
    assert _facts(row) == before


@pytest.mark.parametrize("label", SCOPED)
def test_a_merchant_deletes_no_foreign_row(label: str, world: World) -> None:
    row = own(label, world.theirs.merchant).first()
    gone = post(world, "owner", url_of(label, "delete", row.pk), {"post": "yes"})
    assert gone.status_code == 404
    data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    post(world, "owner", url_of(label, "changelist"), data)
    assert rows(label).filter(pk=row.pk).exists()


def _facts(row: Model) -> dict[str, Any]:
    return type(row)._default_manager.filter(pk=row.pk).values().get()


def test_a_product_of_one_merchant_never_gets_a_store_of_another(world: World) -> None:
    url = url_of("catalog.product", "change", world.mine.product.pk)
    data = form_of(world, "owner", url, stores=[world.theirs.store.pk])
    response = post(world, "owner", url, data)
    assert response.status_code == 200
    assert "stores" in response.context["adminform"].form.errors
    assert list(world.mine.product.stores.all()) == [world.mine.store]


def test_an_offer_is_never_made_for_another_ones_product(world: World) -> None:
    url = url_of("catalog.offer", "add")
    data = form_of(world, "owner", url, variant=variant_of(world.theirs.product).pk, price_fen="1")
    data |= {"starts_at_0": "2026-01-01", "starts_at_1": "00:00"}
    data |= {"ends_at_0": "2027-01-01", "ends_at_1": "00:00"}
    response = post(world, "owner", url, data)
    assert response.status_code == 200
    assert "variant" in response.context["adminform"].form.errors
    assert not Offer.objects.filter(price_fen=100).exists()


def test_staff_are_never_invited_to_another_ones_store(world: World) -> None:
    url = url_of("stores.staffinvitation", "add")
    data = form_of(world, "owner", url, email="new@example.com", role="clerk")
    response = post(world, "owner", url, data | {"stores": [world.theirs.store.pk]})
    assert response.status_code == 200
    assert not StaffInvitation.objects.filter(email="new@example.com").exists()
    response = post(world, "owner", url, data | {"stores": [world.mine.store.pk]})
    assert response.status_code == 302, response.context["errors"]
    made = StaffInvitation.objects.get(email="new@example.com")
    assert (made.merchant, list(made.stores.all())) == (world.mine.merchant, [world.mine.store])


def test_inviting_says_the_same_of_a_known_and_an_unknown_address(world: World) -> None:
    url = url_of("stores.staffinvitation", "add")
    answers = []
    for email in (world.people["other_customer"].email, "nobody@example.com"):
        data = form_of(world, "owner", url, email=email, role="clerk")
        response = post(world, "owner", url, data | {"stores": [world.mine.store.pk]})
        page = get(world, "owner", response["Location"]).content.decode()
        answers.append((response.status_code, response["Location"], page.count(email) > 0))
    assert answers[0] == answers[1]
    assert not StaffMembership.objects.filter(
        merchant=world.mine.merchant, user=world.people["other_customer"]
    ).exists()


def test_a_clerk_is_invited_with_a_store_and_a_manager_gives_no_ownership(world: World) -> None:
    url = url_of("stores.staffinvitation", "add")
    data = form_of(world, "owner", url, email="new@example.com", role="clerk")
    assert "stores" in post(world, "owner", url, data).context["adminform"].form.errors
    StaffMembership.objects.filter(user=world.people["clerk"]).update(role="manager")
    User.objects.filter(pk=world.people["clerk"].pk).update(is_staff=True)
    data = form_of(world, "clerk", url, email="new@example.com") | {"role": "owner"}
    assert "role" in post(world, "clerk", url, data).context["adminform"].form.errors
    assert not StaffInvitation.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize(("action", "left"), [("send_again", 1), ("withdraw", 0)])
def test_a_waiting_invitation_is_sent_again_or_withdrawn(
    action: str, left: int, world: World
) -> None:
    data = {"action": action, "_selected_action": [world.invitation.pk]}
    post(world, "owner", url_of("stores.staffinvitation", "changelist"), data)
    assert StaffInvitation.objects.get(pk=world.invitation.pk).state == "revoked"
    waiting = StaffInvitation.objects.filter(merchant=world.mine.merchant, state="pending")
    assert waiting.count() == left


def test_a_merchant_named_in_the_form_is_not_believed(world: World) -> None:
    url = url_of("stores.store", "add")
    data = form_of(world, "owner", url, name_en="Trojan store", address_en="1 Main Street")
    data |= {"merchant": world.theirs.merchant.pk, "city": world.mine.store.city_id}
    data |= {"latitude": "30", "longitude": "120", "time_zone": "Asia/Shanghai"}
    response = post(world, "owner", url, data)
    assert response.status_code == 302, response.context["errors"]
    assert Store.objects.get(name_en="Trojan store").merchant == world.mine.merchant


def test_a_merchant_decides_nothing_about_itself(world: World) -> None:
    url = url_of("stores.merchant", "change", world.mine.merchant.pk)
    data = form_of(world, "owner", url, name_en="Renamed")
    data |= {"commission_rate": "0", "state": "suspended", "slug": "other", "applicant": "1"}
    assert post(world, "owner", url, data).status_code == 302
    merchant = Merchant.objects.get(pk=world.mine.merchant.pk)
    assert merchant.name_en == "Renamed"
    assert merchant.state == "approved"
    assert (merchant.commission_rate, merchant.slug) == (
        world.mine.merchant.commission_rate,
        world.mine.merchant.slug,
    )


@pytest.mark.parametrize(
    ("label", "action"),
    [
        (model._meta.label_lower, action)
        for model, page in admin.site._registry.items()
        for action in page.actions or ()
    ],
)
def test_actions_touch_nothing_of_another_merchant(label: str, action: str, world: World) -> None:
    """The operator's own actions are not open to merchants at all, the others to their rows."""
    found = rows(label).filter(_theirs(label, world)).first()
    before = _facts(found)
    mine = own(label, world.mine.merchant).first() if label in SCOPED else found
    for chosen in ([found.pk], [mine.pk, found.pk]):
        data = {"action": action, "_selected_action": chosen, "confirmed": "yes"}
        response = post(world, "owner", url_of(label, "changelist"), data)
        offered = action in _offered(label, world)
        assert (
            response.status_code == 404 if offered else response.status_code in {200, 302, 403, 404}
        )
    assert _facts(found) == before


def _offered(label: str, world: World) -> set[str]:
    """The actions that the owner's list offers."""
    listed = get(world, "owner", url_of(label, "changelist"))
    form = listed.context.get("action_form") if listed.status_code == 200 else None
    return {name for name, _words in form.fields["action"].choices} if form else set()


def _theirs(label: str, world: World) -> Q:
    path = RIGHTS[label].merchant
    return Q(**{path: world.theirs.merchant.pk}) if path else Q()


@pytest.mark.parametrize(
    ("label", "action"),
    [
        ("stores.merchant", "approve"),
        ("stores.merchant", "suspend"),
        ("payments.statement", "ask_for_payout"),
        ("payments.statement", "record_payout"),
        ("payments.payout", "record_return"),
        ("reviews.review", "hide"),
    ],
)
def test_what_the_operator_decides_no_merchant_decides_for_itself(
    label: str, action: str, world: World
) -> None:
    Payout.objects.filter(merchant=world.mine.merchant).update(state="returned")
    Statement.objects.filter(merchant=world.mine.merchant).update(state="issued")
    row = own(label, world.mine.merchant).first()
    before = _facts(row)
    data = {"action": action, "_selected_action": [row.pk], "confirmed": "yes"}
    post(world, "owner", url_of(label, "changelist"), data)
    assert _facts(row) == before


@pytest.mark.parametrize(("role", "state"), [("owner", "suspended"), ("operator", "approved")])
def test_the_button_on_the_page_is_the_operators_too(role: str, state: str, world: World) -> None:
    Merchant.objects.filter(pk=world.mine.merchant.pk).update(state="suspended")
    url = url_of("stores.merchant", "change", world.mine.merchant.pk)
    post(world, role, url, form_of(world, role, url) | {"stores_merchant_reinstate_now": "1"})
    assert Merchant.objects.get(pk=world.mine.merchant.pk).state == state


@pytest.mark.parametrize("action", ["put_on_sale", "take_down"])
def test_a_merchants_own_actions_work(action: str, world: World) -> None:
    data = {"action": action, "_selected_action": [world.mine.product.pk], "confirmed": "yes"}
    response = post(world, "owner", url_of("catalog.product", "changelist"), data)
    assert response.status_code == 302
    state = Product.objects.get(pk=world.mine.product.pk).state
    assert state == ("active" if action == "put_on_sale" else "archived")


def test_what_cannot_be_undone_is_asked_first(world: World) -> None:
    """The question names the row and the consequence; without a yes nothing happens."""
    product = world.mine.product
    Product.objects.filter(pk=product.pk).update(state="active")
    data = {"action": "take_down", "_selected_action": [product.pk]}
    page = post(world, "owner", url_of("catalog.product", "changelist"), data).content.decode()
    assert "Vouchers already sold stay valid until they expire." in page
    assert product.title in page
    assert 'name="confirmed"' in page
    assert Product.objects.get(pk=product.pk).state == "active"


def test_the_questions_of_a_payout_say_the_total_and_ask_for_the_transfer_last(
    world: World,
) -> None:
    Payout.objects.update(state="returned")
    Statement.objects.update(state="issued")
    statements = list(Statement.objects.order_by("pk"))
    url = url_of("payments.statement", "changelist")
    chosen = {"_selected_action": [row.pk for row in statements]}
    data = {"action": "ask_for_payout", **chosen}
    page = post(world, "operator", url, data).content.decode()
    total = fen(sum(row.net_fen for row in statements))
    assert f"{len(statements)} statements, 2 merchants, together {total}" in page
    for row in statements:
        assert f"{row.merchant} · {fen(row.net_fen)}" in page
        assert f'name="note_{row.pk}"' not in page
    data |= {"confirmed": "yes"}
    told = world.visitor("operator").post(url, data, follow=True).context["messages"]
    first = statements[0]
    amount = f"{fen(first.net_fen, 'exact')} to {isolate(str(first.merchant))}"
    asked = f"{amount} waits for a second person. Do not transfer it yet."
    assert f"{first}: {asked}" in [str(message) for message in told]
    assert [row.state for row in Statement.objects.order_by("pk")] == ["issued", "issued"]
    approval = Approval.objects.get(payload__statement=first.pk)
    approve(approval_id=approval.pk, digest=approval.digest, by=make_user("operator"))
    data = {"action": "record_payout", **chosen}
    page = post(world, "operator", url, data).content.decode()
    assert f'name="note_{first.pk}"' in page and "make the transfers first" in page
    assert "Not now: payout waits for a second person." in page, "the other one"
    data |= {"confirmed": "yes", f"note_{first.pk}": "ICBC 2026-77"}
    data["_selected_action"] = [first.pk]
    told = world.visitor("operator").post(url, data, follow=True).context["messages"]
    recorded = f"{first}: {amount} is recorded, reference ICBC 2026-77."
    assert recorded in [str(message) for message in told]
    assert [row.state for row in Statement.objects.order_by("pk")] == ["paid", "issued"]
    assert Payout.objects.get(state="sent").bank_reference == "ICBC 2026-77"
    listed = get(world, "operator", url_of("payments.payout", "changelist")).content.decode()
    assert "ICBC 2026-77" in listed


def test_a_button_that_saves_and_decides_says_so_once(world: World) -> None:
    merchant = make_merchant(state="applied")
    url = url_of("stores.merchant", "change", merchant.pk)
    data = form_of(world, "operator", url) | {
        "stores_merchant_approve_now": "1",
        "trades": [offered_trades()[0].slug],
    }
    told = world.visitor("operator").post(url, data, follow=True).context["messages"]
    assert [str(message) for message in told] == [f"{merchant}: approved."]
    merchant.refresh_from_db()
    assert merchant.state == "approved"
    data = form_of(world, "operator", url, name_en="Plain name")
    told = world.visitor("operator").post(url, data, follow=True).context["messages"]
    assert ["was changed" in str(message) for message in told] == [True]


def test_a_gift_is_given_by_the_form_and_taken_back_from_the_list(world: World) -> None:
    url = url_of("vouchers.grant", "add")
    asked = {
        "person": world.people["other_customer"].email,
        "title_en": "A dessert of your choice",
        "uses": "2",
        "valid_until": (now() + dt.timedelta(days=20)).date().isoformat(),
        "reason": "apology",
        "note": "Waited an hour.",
    }
    labels = [str(field.label) for field in get(world, "owner", url).context["adminform"].form]
    assert "Last day" in labels and labels == [label[:1].upper() + label[1:] for label in labels]
    data = form_of(world, "owner", url, **asked)
    refused = post(world, "owner", url, data | {"person": "nobody@example.com"})
    assert "person" in refused.context["adminform"].form.errors
    refused = post(world, "owner", url, data | {"product": str(world.theirs.product.pk)})
    assert "product" in refused.context["adminform"].form.errors
    response = post(world, "owner", url, data)
    assert response.status_code == 302, response.context["errors"]
    made = Grant.objects.get(note="Waited an hour.")
    assert (made.merchant, made.issuer) == (world.mine.merchant, world.people["owner"])
    shown = get(world, "owner", url_of("vouchers.grant", "change", made.pk)).content.decode()
    assert "Waited an hour." in shown and made.vouchers.get().code not in shown
    voucher = url_of("vouchers.voucher", "change", made.vouchers.get().pk)
    assert "something went wrong" in get(world, "owner", voucher).content.decode()
    name = f"A dessert of your choice · {made.recipient.display_name}"
    here = f"/admin/vouchers/grant/{made.pk}/take-back/"
    assert str(made) == name and here in shown and "0 / 2" in shown
    question = get(world, "owner", here).content.decode()
    assert name in question and 'value="take_back"' in question
    assert made.vouchers.get().state == "active"
    assert world.visitor("other_owner").get(here).status_code == 404
    listed, ask = url_of("vouchers.grant", "changelist"), {"action": "take_back"}
    page = post(world, "owner", listed, ask | {"_selected_action": [made.pk]}).content.decode()
    assert name in page and 'name="confirmed"' in page and "stays" not in page
    take = ask | {"_selected_action": [made.pk], "confirmed": "1"}
    told = world.visitor("owner").post(listed, take, follow=True).context["messages"]
    assert [str(message) for message in told] == [f"{name}: taken back"]
    assert made.vouchers.get().state == "revoked"
    again = post(world, "owner", listed, ask | {"_selected_action": [made.pk]}).content.decode()
    assert "It was taken back already." in again and 'name="confirmed"' not in again
    shown = get(world, "owner", url_of("vouchers.grant", "change", made.pk)).content.decode()
    assert here not in shown


@pytest.mark.parametrize("words", [True, False])
def test_a_new_gift_is_named_by_what_it_is_and_for_whom(world: World, words: bool) -> None:
    url, guest = url_of("vouchers.grant", "add"), world.people["other_customer"]
    product = world.mine.product
    given = {"title_en": "A coffee"} if words else {"product": str(product.pk), "title_en": ""}
    asked = {"person": guest.email, "uses": "1", "reason": "apology", "note": "", **given}
    asked["valid_until"] = (now() + dt.timedelta(days=20)).date().isoformat()
    data = form_of(world, "owner", url, **asked)
    told = world.visitor("owner").post(url, data, follow=True).context["messages"]
    (message,) = [strip_tags(str(message)) for message in told]
    title = "A coffee" if words else product.title
    assert f"{title} · {guest.display_name}" in unescape(message)


def test_what_was_used_of_a_gift_is_said_before_it_is_taken_back(world: World) -> None:
    gift = world.gift
    gift.vouchers.update(uses_total=2, uses_used=1)
    data = {"action": "take_back", "_selected_action": [gift.pk]}
    page = post(world, "owner", url_of("vouchers.grant", "changelist"), data).content.decode()
    assert "1 of 2 was used" in page and 'name="confirmed"' not in page
