"""The back office: a merchant sees the rows of its own business, the operator all, others nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model, Q
from django.db.models.fields.files import FieldFile
from django.http import HttpResponse
from django.urls import get_resolver, reverse

from catalog.models import Offer, Product
from payments.models import Payout, Statement
from stores.models import Merchant, StaffMembership, Store
from tests.access.test_urls import addresses
from tests.access.world import FOREIGN, World, rolled_back
from tests.factories import make_user, variant_of

pytestmark = pytest.mark.django_db

SOME = 5  # rows of each kind are opened
OUTSIDERS = ("guest", "customer", "other_customer", "clerk", "other_clerk")
VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"


class Rights(NamedTuple):
    """``merchant``: the way from a row to its merchant, None when only the operator sees it.

    What is ``open`` belongs to nobody: every merchant reads it.
    """

    merchant: str | None
    owner: frozenset[str] = frozenset()
    operator: frozenset[str] = frozenset({VIEW})
    open: bool = False


READ = frozenset({VIEW})
EDIT = frozenset({VIEW, CHANGE})
KEEP = frozenset({VIEW, ADD, CHANGE})
ALL = frozenset({VIEW, ADD, CHANGE, DELETE})

RIGHTS: dict[str, Rights] = {
    "stores.city": Rights(None, owner=READ, operator=ALL, open=True),
    "stores.merchant": Rights("pk", owner=EDIT, operator=EDIT),
    "stores.store": Rights("merchant", owner=KEEP, operator=KEEP),
    "stores.staffmembership": Rights("merchant", owner=KEEP, operator=KEEP),
    "members.user": Rights(None, operator=EDIT),
    "members.notification": Rights(None),
    "members.apitoken": Rights(None, operator=frozenset({VIEW, DELETE})),
    "catalog.category": Rights(None, operator=ALL),
    "catalog.product": Rights("merchant", owner=KEEP, operator=KEEP),
    "catalog.variant": Rights("product__merchant", owner=READ),
    "catalog.offer": Rights("merchant", owner=KEEP, operator=KEEP),
    "payments.payment": Rights(None),
    "payments.refund": Rights(None),
    "payments.gatewayevent": Rights(None),
    "payments.ledgertransaction": Rights(None),
    "payments.ledgerentry": Rights("merchant", owner=READ),
    "payments.statement": Rights("merchant", owner=READ),
    "payments.payout": Rights("merchant", owner=READ),
    "payments.gatewaybill": Rights(None),
    "payments.reconciliationrun": Rights(None),
    "payments.reconciliationexception": Rights(None, operator=EDIT),
    "vouchers.voucher": Rights("merchant", owner=READ),
    "vouchers.redemption": Rights("merchant", owner=READ),
    "orders.order": Rights(None),
    "orders.orderline": Rights("merchant", owner=READ),
    "reviews.review": Rights("merchant", owner=EDIT, operator=EDIT),
    "insights.auditrun": Rights(None),
    "outbox.outboxevent": Rights(None),
}
REGISTERED = sorted(model._meta.label_lower for model in admin.site._registry)
SCOPED = sorted(label for label, rights in RIGHTS.items() if rights.merchant)


def rights_of(label: str) -> Rights:
    if label not in RIGHTS:
        pytest.fail(f"{label} is in the admin without a rule. Say in {__file__} who may do what.")
    return RIGHTS[label]


def url_of(label: str, page: str, *args: Any) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


def rows(label: str) -> Any:
    return apps.get_model(label)._default_manager.all()


def sample(label: str, found: Any) -> Any:
    """A row by which rights can be told: a normal price is changed on its product, not here."""
    return found.exclude(kind="normal").first() if label == "catalog.offer" else found.first()


def own(label: str, merchant: Merchant) -> Any:
    return rows(label).filter(**{RIGHTS[label].merchant: merchant.pk})


def foreign(label: str, merchant: Merchant) -> Any:
    return rows(label).exclude(pk__in=own(label, merchant).values("pk"))


def get(world: World, role: str, url: str) -> HttpResponse:
    with rolled_back():
        return world.visitor(role).get(url)


def post(world: World, role: str, url: str, data: dict[str, Any]) -> HttpResponse:
    return world.visitor(role).post(url, data)


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


def test_every_address_of_the_back_office_has_a_rule() -> None:
    names = {
        address.name.removeprefix("admin:")
        for address in addresses(get_resolver())
        if address.name.startswith("admin:")
    }
    assert sorted(names - MODEL_PAGES - OTHER_PAGES - OWN_RULES) == []


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
            assert response.status_code in {302, 403}, (page, row)
            assert _leads_to_index(response)


@pytest.mark.parametrize("label", sorted(name for name, to in RIGHTS.items() if to.open))
def test_what_belongs_to_nobody_is_read_by_every_merchant(label: str, world: World) -> None:
    row = rows(label).first()
    assert get(world, "owner", url_of(label, "changelist")).status_code == 200
    assert label.replace(".", "/") not in get(world, "owner", "/admin/").content.decode()
    check_rights(world, "owner", label, RIGHTS[label].owner, row)


def _leads_to_index(response: HttpResponse) -> bool:
    """How the admin says "there is no such row"."""
    return response.status_code != 302 or response["Location"] == reverse("admin:index")


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
            assert response.status_code in {302, 403, 404}, (page, row)
            assert _leads_to_index(response)
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
    assert _leads_to_index(response)
    assert _facts(row) == before


@pytest.mark.parametrize("label", SCOPED)
def test_a_merchant_deletes_no_foreign_row(label: str, world: World) -> None:
    row = own(label, world.theirs.merchant).first()
    post(world, "owner", url_of(label, "delete", row.pk), {"post": "yes"})
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


def test_staff_never_get_another_ones_store(world: World) -> None:
    url = url_of("stores.staffmembership", "add")
    newcomer = make_user()
    data = form_of(world, "owner", url, identifier=newcomer.email, role="clerk")
    response = post(world, "owner", url, data | {"stores": [world.theirs.store.pk]})
    assert response.status_code == 200
    assert not StaffMembership.objects.filter(user=newcomer).exists()
    response = post(world, "owner", url, data | {"stores": [world.mine.store.pk]})
    assert response.status_code == 302, response.context["errors"]
    assert StaffMembership.objects.get(user=newcomer).merchant == world.mine.merchant


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
    data = {"action": action, "_selected_action": [found.pk]}
    response = post(world, "owner", url_of(label, "changelist"), data)
    assert response.status_code in {200, 302, 403}
    assert _facts(found) == before


def _theirs(label: str, world: World) -> Q:
    path = RIGHTS[label].merchant
    return Q(**{path: world.theirs.merchant.pk}) if path else Q()


@pytest.mark.parametrize(
    ("label", "action"),
    [
        ("stores.merchant", "approve"),
        ("stores.merchant", "suspend"),
        ("payments.statement", "pay_out"),
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
    data = {"action": action, "_selected_action": [row.pk]}
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
    data = {"action": action, "_selected_action": [world.mine.product.pk]}
    response = post(world, "owner", url_of("catalog.product", "changelist"), data)
    assert response.status_code == 302
    state = Product.objects.get(pk=world.mine.product.pk).state
    assert state == ("active" if action == "put_on_sale" else "archived")


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
