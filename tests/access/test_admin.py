"""The back office: a merchant sees its own business, the operator all, others nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpResponse
from django.urls import reverse

from kernel.clock import now
from kernel.watch.models import Incident
from stores.models import Approval
from tests.access.addresses import BACK_OFFICE
from tests.access.admin_rules import (
    ADD,
    CHANGE,
    DELETE,
    OUTSIDERS,
    REGISTERED,
    RIGHTS,
    SCOPED,
    SOME,
    foreign,
    get,
    own,
    post,
    rights_of,
    rows,
    sample,
    url_of,
)
from tests.access.world import FOREIGN, World, rolled_back
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_the_rules_are_about_what_is_registered() -> None:
    assert sorted(RIGHTS) == REGISTERED


@pytest.mark.parametrize("label", REGISTERED)
def test_the_world_has_a_row_of_every_kind(label: str, world: World) -> None:
    rights = rights_of(label)
    assert rows(label).exists()
    if rights.merchant:
        assert own(label, world.mine.merchant).exists()
        assert foreign(label, world.mine.merchant).exists()


# Who gets in -----------------------------------------------------------------------------


@pytest.mark.parametrize("label", REGISTERED)
def test_people_without_a_business_are_led_away(label: str, world: World) -> None:
    row = rows(label).first()
    urls = [url_of(label, "changelist"), url_of(label, "add")]
    urls += [url_of(label, page, row.pk) for page in ("change", "delete", "history")]
    for role in OUTSIDERS:
        for url in urls:
            response = get(world, role, url)
            assert response.status_code == 302, (role, url)
            assert response["Location"].startswith("/admin/login/?next="), (role, url)


def test_the_back_office_has_no_login_form_of_its_own(world: World) -> None:
    login = reverse("admin:login")
    guest = get(world, "guest", f"{login}?next=/admin/")
    assert (guest.status_code, guest["Location"]) == (302, f"{reverse('login')}?next=/admin/")
    for role in ("customer", "clerk"):
        assert get(world, role, login).status_code == 404
    for role in ("owner", "operator"):
        assert get(world, role, login)["Location"] == reverse("admin:index")
    data = {"username": world.people["owner"].email, "password": "guess"}
    assert post(world, "guest", login, data)["Location"].startswith(reverse("login"))


MODEL_PAGES = {
    f"{label.replace('.', '_')}_{page}"
    for label in REGISTERED
    for page in ("changelist", "add", "change", "delete", "history")
}
OTHER_PAGES = {"index", "search", "jsi18n", "app_list", "autocomplete"}
OWN_RULES = {"login", "logout", "password_change", "password_change_done", "view_on_site", ""}
DECIDING = {f"stores_approval_{step}_here" for step in ("agree", "turn_down", "withdraw")}


OF_A_GIFT = {"vouchers_grant_take_back_here"}
OF_STOCK_SEEN = {"catalog_stocklevel_download", "catalog_stockmovement_download"}
OF_RESULTS_SEEN = {"insights_orderpart_download"}
OF_STOCK_KEPT = {"catalog_stocklevel_upload_counts", "catalog_stocklevel_send_on"}
OF_A_PRODUCT = {"catalog_product_count_by_store_here", "catalog_product_one_number_here"}
OF_A_CODE = {"codes_code_print_here"}
OF_A_CAMPAIGN = {f"campaigns_campaign_{step}_here" for step in ("start", "pause", "end", "codes")}
OF_CAMPAIGNS = {"campaigns_campaign_gallery"}
OF_CAMPAIGNS_SEEN = {f"campaigns_campaign_{page}" for page in ("calendar", "plan_here", "try_here")}
OF_A_SALE = {f"campaigns_sale_{step}_here" for step in ("start", "pause", "end")}
OF_AN_INCIDENT = {"watch_incident_settle_here"}
OF_A_STATEMENT = {"payments_statement_print_here"}
OF_A_DEVICE = {"stores_device_new_code_here", "stores_device_revoke_here"}
STEPS_OF_MONEY = {
    f"payments_statement_{step}_here" for step in ("ask", "record", "collect", "carry", "write_off")
}


def test_every_address_of_the_back_office_has_a_rule() -> None:
    names = {address.name.removeprefix("admin:") for address in BACK_OFFICE}
    of_rows = DECIDING | OF_A_GIFT | OF_A_CODE | OF_AN_INCIDENT | OF_A_STATEMENT
    of_rows |= OF_A_CAMPAIGN | OF_A_DEVICE | STEPS_OF_MONEY | OF_STOCK_SEEN | OF_STOCK_KEPT
    of_rows |= OF_A_PRODUCT | OF_CAMPAIGNS | OF_CAMPAIGNS_SEEN | OF_RESULTS_SEEN | OF_A_SALE
    assert sorted(names - MODEL_PAGES - OTHER_PAGES - OWN_RULES - of_rows) == []


@pytest.mark.parametrize("page", sorted(OF_STOCK_SEEN))
def test_stock_is_taken_along_by_who_may_see_it(page: str, world: World) -> None:
    url = reverse(f"admin:{page}")
    for role in ("owner", "manager", "reader", "operator"):
        answer = get(world, role, url)
        assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv"), role
    for role in ("guest", "customer", "clerk", "finance"):
        assert get(world, role, url).status_code in (302, 403, 404), role


@pytest.mark.parametrize("page", sorted(OF_RESULTS_SEEN))
def test_results_are_taken_along_by_who_may_see_them(page: str, world: World) -> None:
    url = reverse(f"admin:{page}")
    for role in ("owner", "manager", "finance", "reader", "operator", "desk_finance"):
        answer = get(world, role, url)
        assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv"), role
    for role in ("guest", "customer", "clerk", "risk"):
        assert get(world, role, url).status_code in (302, 403, 404), role


@pytest.mark.parametrize("page", sorted(OF_STOCK_KEPT))
def test_stock_is_corrected_and_sent_on_by_who_may(page: str, world: World) -> None:
    level = world.mine.store.stock_levels.first()
    url = reverse(f"admin:{page}", args=[level.pk] if page.endswith("send_on") else [])
    for role in ("owner", "manager", "operator"):
        assert get(world, role, url).status_code == 200, role
    for role in ("guest", "customer", "clerk", "reader", "finance"):
        assert get(world, role, url).status_code in (302, 403, 404), role
    if page.endswith("send_on"):
        assert get(world, "other_owner", url).status_code in (302, 404)


@pytest.mark.parametrize("page", sorted(OF_A_PRODUCT))
def test_how_stock_is_counted_is_asked_by_who_may_edit_the_product(page: str, world: World) -> None:
    url = reverse(f"admin:{page}", args=[world.mine.product.pk])
    for role in ("owner", "manager", "operator"):
        assert get(world, role, url).status_code in (200, 302), role
    for role in ("guest", "customer", "clerk", "reader", "finance", "other_owner"):
        answer = get(world, role, url)
        assert answer.status_code in (302, 403, 404), role
        assert "/change" not in answer.get("Location", ""), role


@pytest.mark.parametrize("page", sorted(OF_A_CODE))
def test_a_code_is_printed_by_who_may_see_it(page: str, world: World) -> None:
    url = reverse(f"admin:{page}", args=[world.code.pk])
    for role in ("owner", "manager", "reader", "operator"):
        assert get(world, role, url).status_code == 200, role
    for role in ("guest", "customer", "clerk", "other_owner", "desk_finance"):
        assert get(world, role, url).status_code in (302, 403, 404), role


@pytest.mark.parametrize("page", sorted(OF_CAMPAIGNS))
def test_campaigns_are_begun_by_the_people_of_a_business(page: str, world: World) -> None:
    url = reverse(f"admin:{page}")
    for role in ("owner", "manager", "operator"):
        assert get(world, role, url).status_code == 200, role
    for role in ("guest", "customer", "clerk", "finance", "reader", "desk_finance"):
        assert get(world, role, url).status_code in (302, 403, 404), role


@pytest.mark.parametrize("page", sorted(OF_CAMPAIGNS_SEEN))
def test_campaigns_are_looked_at_by_who_sees_them(page: str, world: World) -> None:
    row = [world.campaign.pk] if page.endswith("_here") else []
    url = reverse(f"admin:{page}", args=row)
    for role in ("owner", "manager", "finance", "reader", "operator", "desk_finance"):
        assert get(world, role, url).status_code == 200, role
    for role in ("guest", "customer", "clerk"):
        assert get(world, role, url).status_code in (302, 403, 404), role
    if row:
        assert get(world, "other_owner", url).status_code in (302, 404)


@pytest.mark.parametrize("page", sorted(OF_A_CAMPAIGN))
def test_a_campaign_is_moved_by_the_people_of_its_business(page: str, world: World) -> None:
    url = reverse(f"admin:{page}", args=[world.campaign.pk])
    for role in ("owner", "manager", "operator"):
        assert get(world, role, url).status_code == 200, role
    for role in ("guest", "customer", "clerk", "finance", "reader", "other_owner", "desk_finance"):
        assert get(world, role, url).status_code in (302, 403, 404), role


@pytest.mark.parametrize("page", sorted(OF_A_SALE))
def test_a_sale_is_moved_by_the_people_of_its_business(page: str, world: World) -> None:
    url = reverse(f"admin:{page}", args=[world.sale.pk])
    for role in ("owner", "manager", "operator"):
        assert get(world, role, url).status_code == 200, role
    for role in ("guest", "customer", "clerk", "finance", "reader", "other_owner", "desk_finance"):
        assert get(world, role, url).status_code in (302, 403, 404), role


@pytest.mark.parametrize("page", sorted(OF_AN_INCIDENT))
def test_an_incident_is_settled_by_those_who_mend_the_platform(page: str, world: World) -> None:
    incident = Incident.objects.create(kind="web.error", subject="GET /", error="Boom")
    url = reverse(f"admin:{page}", args=[incident.pk])
    assert get(world, "operator", url).status_code == 200
    for role in ("owner", "desk_finance"):
        assert get(world, role, url).status_code in (403, 404)
    for role in OUTSIDERS:
        assert get(world, role, url).status_code == 302


@pytest.mark.parametrize("page", sorted(OF_A_STATEMENT))
def test_a_statement_is_printed_by_who_may_read_it(page: str, world: World) -> None:
    url = reverse(f"admin:{page}", args=[world.mine.merchant.statements.latest("pk").pk])
    for role in ("owner", "operator"):
        answer = get(world, role, url)
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
        assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    assert get(world, "other_owner", url).status_code == 404
    for role in OUTSIDERS:
        assert get(world, role, url).status_code == 302


@pytest.mark.parametrize("page", sorted(STEPS_OF_MONEY))
def test_the_steps_of_a_payout_are_asked_about_by_who_records_payouts(
    page: str, world: World
) -> None:
    url = reverse(f"admin:{page}", args=[world.mine.merchant.statements.latest("pk").pk])
    for role in ("operator", "desk_finance"):
        assert get(world, role, url).status_code == 200, role
    for role in ("owner", "finance", "reader", "other_owner", "support", "risk", *OUTSIDERS):
        assert get(world, role, url).status_code in (302, 403, 404), role


@pytest.mark.parametrize("page", sorted(OF_A_DEVICE))
def test_a_device_is_looked_after_by_who_looks_after_its_store(page: str, world: World) -> None:
    url = reverse(f"admin:{page}", args=[world.mine.store.devices.latest("pk").pk])
    for role in ("owner", "manager", "operator"):
        assert get(world, role, url).status_code == 200, role
    for role in ("reader", "other_owner", "desk_finance", *OUTSIDERS):
        assert get(world, role, url).status_code in (302, 403, 404), role


@pytest.mark.parametrize("page", sorted(OF_A_GIFT))
def test_a_gift_is_taken_back_by_the_people_of_its_business_alone(page: str, world: World) -> None:
    url = reverse(f"admin:{page}", args=[world.gift.pk])
    assert get(world, "owner", url).status_code == 200
    assert get(world, "other_owner", url).status_code == 404
    for role in OUTSIDERS:
        assert get(world, role, url).status_code == 302


@pytest.mark.parametrize("page", sorted(DECIDING))
def test_a_request_is_decided_by_the_operators_people_alone(page: str, world: World) -> None:
    asked = Approval.objects.create(
        kind="commission",
        subject="merchant:0",
        payload={"merchant": 1, "name": "Corner", "from": "0.0600", "to": "0.0700"},
        digest="0" * 64,
        asked_by=make_user(),
        expires_at=now() + dt.timedelta(days=1),
    )
    url = reverse(f"admin:{page}", args=[asked.pk])
    assert get(world, "operator", url).status_code == 200
    assert get(world, "owner", url).status_code == 404
    for role in OUTSIDERS:
        assert get(world, role, url).status_code == 302


@pytest.mark.parametrize("page", sorted(OTHER_PAGES - {"autocomplete"}))
def test_the_other_pages_open_for_those_with_a_business(page: str, world: World) -> None:
    url = reverse(f"admin:{page}", args=["stores"] if page == "app_list" else [])
    for role in ("owner", "operator"):
        assert get(world, role, url).status_code == 200
    for role in OUTSIDERS:
        assert get(world, role, url).status_code == 302


def test_a_password_is_changed_where_the_tokens_end_with_it(world: World) -> None:
    response = get(world, "owner", reverse("admin:password_change"))
    assert (response.status_code, response["Location"]) == (302, reverse("password_change"))


@pytest.mark.parametrize("label", REGISTERED)
def test_the_operator_sees_every_row_and_may_what_the_rule_says(label: str, world: World) -> None:
    rights = rights_of(label)
    listed = get(world, "operator", url_of(label, "changelist"))
    assert listed.status_code == 200
    assert listed.context["cl"].result_count == rows(label).count()
    for row in rows(label)[:SOME]:
        assert get(world, "operator", url_of(label, "change", row.pk)).status_code == 200
        assert get(world, "operator", url_of(label, "history", row.pk)).status_code == 200
    check_rights(world, "operator", label, rights.operator, sample(label, rows(label)))


def check_rights(world: World, role: str, label: str, may: frozenset[str], row: Model) -> None:
    add = get(world, role, url_of(label, "add"))
    assert add.status_code == (200 if ADD in may else 403)
    delete = get(world, role, url_of(label, "delete", row.pk))
    assert delete.status_code == (200 if DELETE in may else 403)
    page = get(world, role, url_of(label, "change", row.pk))
    assert page.context["has_change_permission"] is (CHANGE in may)
    saved = _unchanged_post(world, role, url_of(label, "change", row.pk))
    assert (saved.status_code == 403) is (CHANGE not in may)


def _unchanged_post(world: World, role: str, url: str) -> HttpResponse:
    with rolled_back():
        return world.visitor(role).post(url, {})


@pytest.mark.parametrize(
    "label", [label for label in REGISTERED if label not in {*SCOPED, "stores.city"}]
)
def test_a_merchant_does_not_see_the_books_of_the_platform(label: str, world: World) -> None:
    rights_of(label)
    assert get(world, "owner", url_of(label, "changelist")).status_code == 403
    assert get(world, "owner", url_of(label, "add")).status_code == 403
    for row in rows(label)[:SOME]:
        for page in ("change", "delete", "history"):
            response = get(world, "owner", url_of(label, page, row.pk))
            assert response.status_code == 404, (page, row)


@pytest.mark.parametrize("label", sorted(name for name, to in RIGHTS.items() if to.open))
def test_what_belongs_to_nobody_is_read_by_every_merchant(label: str, world: World) -> None:
    row = rows(label).first()
    assert get(world, "owner", url_of(label, "changelist")).status_code == 200
    assert label.replace(".", "/") not in get(world, "owner", "/admin/").content.decode()
    check_rights(world, "owner", label, RIGHTS[label].owner, row)


# One's own, and nothing else -----------------------------------------------------------------


@pytest.mark.parametrize("label", SCOPED)
def test_a_merchant_sees_its_own_rows_and_no_other(label: str, world: World) -> None:
    mine = world.mine.merchant
    listed = get(world, "owner", url_of(label, "changelist"))
    assert listed.status_code == 200
    assert set(listed.context["cl"].queryset.values_list("pk", flat=True)) == set(
        own(label, mine).values_list("pk", flat=True)
    )
    for row in own(label, mine)[:SOME]:
        assert get(world, "owner", url_of(label, "change", row.pk)).status_code == 200
    for row in foreign(label, mine)[:SOME]:
        for page in ("change", "delete", "history"):
            response = get(world, "owner", url_of(label, page, row.pk))
            assert response.status_code == 404, (page, row)
    check_rights(world, "owner", label, RIGHTS[label].owner, sample(label, own(label, mine)))


@pytest.mark.parametrize("label", SCOPED)
def test_no_page_of_a_merchant_names_another_ones_rows(label: str, world: World) -> None:
    """Neither lists, filters nor the choices of a form."""
    urls = [url_of(label, "changelist"), url_of(label, "changelist") + f"?q={FOREIGN}"]
    if ADD in RIGHTS[label].owner:
        urls.append(url_of(label, "add"))
    for row in own(label, world.mine.merchant)[:SOME]:
        urls += [url_of(label, "change", row.pk), url_of(label, "history", row.pk)]
    for url in urls:
        page = get(world, "owner", url).content.decode()
        for echo in (f'value="{FOREIGN}"', f"q={FOREIGN}", f"q%3D{FOREIGN}"):
            page = page.replace(echo, "")
        assert FOREIGN not in page, url
        assert world.theirs.fresh.order_number not in page, url


@pytest.mark.parametrize("url", ["/admin/", f"/admin/search/?s={FOREIGN}"])
def test_dashboard_and_search_of_a_merchant_are_its_own(url: str, world: World) -> None:
    page = get(world, "owner", url)
    assert page.status_code == 200
    assert FOREIGN not in page.content.decode().replace(f"s={FOREIGN}", "").replace(
        f'"{FOREIGN}"', ""
    )


def test_the_dashboard_shows_the_merchants_own_figures(world: World) -> None:
    mine = get(world, "owner", "/admin/").content.decode()
    assert "Home product" in mine and "Home store" in mine
    everything = get(world, "operator", "/admin/").content.decode()
    assert "Home product" in everything and f"{FOREIGN} product" in everything


@pytest.mark.parametrize("label", SCOPED)
def test_filtering_by_another_merchant_shows_nothing(label: str, world: World) -> None:
    url = url_of(label, "changelist")
    path = RIGHTS[label].merchant
    response = get(world, "owner", f"{url}?{path}__id__exact={world.theirs.merchant.pk}")
    if response.status_code == 200:
        assert (
            not response.context["cl"]
            .queryset.filter(**{str(path): world.theirs.merchant.pk})
            .exists()
        )
    else:
        assert response.status_code in {302, 400}


# Choices that are looked up while typing ---------------------------------------------------------


LOOKUPS = [
    (model._meta.label_lower, field)
    for model, page in admin.site._registry.items()
    for field in page.autocomplete_fields
]


@pytest.mark.parametrize(("label", "field"), LOOKUPS)
def test_looking_up_a_choice_finds_ones_own_only(label: str, field: str, world: World) -> None:
    app, model = label.split(".")
    query = f"?app_label={app}&model_name={model}&field_name={field}"
    url = reverse("admin:autocomplete") + query
    assert get(world, "operator", url).json()["results"]
    for role in OUTSIDERS:
        assert get(world, role, url).status_code == 302
    target = apps.get_model(label)._meta.get_field(field).related_model._meta.label_lower
    found = get(world, "owner", url)
    if not RIGHTS[target].owner:
        assert found.status_code == 403
        return
    assert found.json()["results"], "a merchant cannot fill in its own form"
    assert FOREIGN not in found.content.decode()
