"""The back office's lists answer what their filters ask, and nothing else that an address asks.

Generated over every registered page × every column, one relation further too × look-ups.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import F, OrderBy
from django.db.models.constants import LOOKUP_SEP
from django.test import RequestFactory

from stores.rights import Right, platform_rights
from tests.access.admin_rules import REGISTERED, RIGHTS, get, own, url_of
from tests.access.world import World

pytestmark = pytest.mark.django_db

PAGES = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
LOOKUPS = ("", "__startswith", "__contains", "__gt", "__regex", "__in", "__isnull")
READERS = ("owner", "operator")
SECRETS = {"code", "digest", "password", "token", "secret", "signature", "pay_url", "token_hash"}
"""Columns by which nobody looks a row up, the operator neither."""
CONTACTS = {"email", "phone", "contact_email", "contact_phone", "contact_name"}
"""Columns by which a merchant looks up nobody but itself and its own stores."""
OF_THE_BUSINESS = {
    "stores.merchant": {"contact_email", "contact_phone", "contact_name"},
    "stores.store": {"phone"},
    "stores.staffinvitation": {"email"},
}


def _visible(label: str, role: str) -> bool:
    return role == "operator" or "view" in RIGHTS[label].owner


CASES = [(label, role) for label in REGISTERED for role in READERS if _visible(label, role)]


def _columns(label: str) -> Iterator[str]:
    """Every column of a page's rows, and of what stands one relation further."""
    for field in PAGES[label].model._meta.get_fields():
        yield field.name
        if field.is_relation and field.related_model:
            for further in field.related_model._meta.concrete_fields:
                yield f"{field.name}{LOOKUP_SEP}{further.name}"


def _list(world: World, label: str, role: str, **parameters: str) -> Any:
    request = RequestFactory().get(url_of(label, "changelist"), parameters)
    request.user = world.people[role]
    return PAGES[label].get_changelist_instance(request)


def _declared(changelist: Any) -> set[str]:
    return {name for spec in changelist.filter_specs for name in spec.expected_parameters()}


def _is_secret(label: str, role: str, path: str) -> bool:
    if (label, path) == ("codes.code", "code"):  # it hangs in the window
        return False
    closed = SECRETS if role == "operator" else SECRETS | CONTACTS
    words = path.split(LOOKUP_SEP)
    if len(words) == 1 and words[0] in OF_THE_BUSINESS.get(label, set()):
        return False
    return bool(closed & set(words))


@pytest.mark.parametrize(("label", "role"), CASES)
def test_a_list_answers_no_column_that_its_filters_do_not_name(
    label: str, role: str, world: World
) -> None:
    """Codes and addresses with every look-up, all other columns with the one that tells most."""
    declared = _declared(_list(world, label, role))
    for path in _columns(label):
        secret = _is_secret(label, role, path)
        for lookup in LOOKUPS if secret else ("__startswith",):
            parameter = path + lookup
            if parameter in declared:
                assert not secret, parameter
                continue
            with pytest.raises((DisallowedModelAdminLookup, IncorrectLookupParameters)):
                _list(world, label, role, **{parameter: "1"})


@pytest.mark.parametrize(("label", "role"), CASES)
def test_no_filter_is_about_a_secret(label: str, role: str, world: World) -> None:
    for parameter in _declared(_list(world, label, role)):
        assert not _is_secret(label, role, parameter.removesuffix("_from").removesuffix("_to"))


@pytest.mark.parametrize(("label", "role"), CASES)
def test_no_search_and_no_order_is_by_a_secret(label: str, role: str, world: World) -> None:
    """An order tells where a column stands between two known ones, a search its parts."""
    changelist = _list(world, label, role)
    request = RequestFactory().get("/")
    request.user = world.people[role]
    paths = _searched(PAGES[label], request)
    for column in changelist.list_display:
        order: Any = changelist.get_ordering_field(column)
        if isinstance(order, OrderBy):
            order = order.expression
        if isinstance(order, F):
            order = order.name
        paths += _order_paths(label, str(order or ""))
    secret = [path for path in paths if _is_secret(label, role, path)]
    if (
        label == "campaigns.couponcode"
    ):  # a business reads its codes, and downloads them for the printer
        secret.remove("code")
    assert role == "operator" or not secret
    assert not [path for path in secret if SECRETS & set(path.split(LOOKUP_SEP))]


@pytest.mark.parametrize("role", ["support", "desk_finance", "risk", "operator"])
def test_who_sees_no_accounts_finds_nobody_by_e_mail_or_phone(role: str, world: World) -> None:
    request = RequestFactory().get("/")
    request.user = world.people[role]
    people = Right.SEE_PEOPLE in platform_rights(request.user)
    paths = {path for page in PAGES.values() for path in _searched(page, request)}
    contacts = {path for path in paths if path.rpartition(LOOKUP_SEP)[2] in {"email", "phone"}}
    assert bool(contacts - {"email", "phone"}) == people
    if Right.SEE_BOOKS in platform_rights(request.user):
        answer = get(world, role, url_of("payments.payment", "changelist") + "?q=example.com")
        assert bool(answer.context["cl"].result_count) == people


def _searched(page: Any, request: Any) -> list[str]:
    """The columns that the page's search looks into."""
    return [path.removesuffix("__reads") for path in page.get_search_fields(request)]


def _order_paths(label: str, path: str) -> list[str]:
    """An order by a related row is one by that row's own usual order."""
    model, path = PAGES[label].model, path.removeprefix("-")
    field = {field.name: field for field in model._meta.get_fields()}.get(path)
    if field is not None and field.is_relation and field.related_model:
        return [f"{path}__{further.lstrip('-')}" for further in field.related_model._meta.ordering]
    return [path]


@pytest.mark.parametrize("role", READERS)
def test_a_code_is_never_found_by_its_beginning(role: str, world: World) -> None:
    voucher = world.mine.fresh
    url = url_of("vouchers.voucher", "changelist")
    for beginning in (voucher.code[:1], voucher.code[:11]):
        for query in ("code__startswith", "code", "code__gt", "terms__vouchers__code__startswith"):
            assert get(world, role, f"{url}?{query}={beginning}").status_code == 400, query
    assert get(world, role, f"{url}?q={voucher.code[:11]}").context["cl"].result_count == 0
    assert get(world, role, f"{url}?q={voucher.code}").context["cl"].result_count == 1


def test_a_refused_look_up_says_so_in_words(world: World) -> None:
    answer = get(world, "owner", url_of("stores.staffmembership", "changelist") + "?user__email=a")
    assert answer.status_code == 400
    assert "<h1" in answer.content.decode()


@pytest.mark.parametrize("label", ["vouchers.voucher", "stores.staffmembership"])
def test_no_action_reaches_rows_through_a_look_up(label: str, world: World) -> None:
    row = own(label, world.mine.merchant).first()
    url = url_of(label, "changelist") + "?user__password__startswith=a&code__startswith=1"
    answer = world.visitor("owner").post(url, {"action": "x", "_selected_action": [row.pk]})
    assert answer.status_code == 400


@pytest.mark.parametrize(("label", "role"), CASES)
def test_a_row_is_named_by_its_key_alone(label: str, role: str, world: World) -> None:
    page = PAGES[label]
    request = RequestFactory().get("/")
    request.user = world.people[role]
    for field in page.model._meta.concrete_fields:
        assert page.to_field_allowed(request, field.name) is field.primary_key


def test_a_merchant_does_not_find_staff_by_their_addresses(world: World) -> None:
    url = url_of("stores.staffmembership", "changelist")
    clerk = world.people["clerk"]
    for part in (clerk.email, clerk.email[:4]):
        assert get(world, "owner", f"{url}?q={part}").context["cl"].result_count == 0
    assert get(world, "operator", f"{url}?q={clerk.email}").context["cl"].result_count == 1
