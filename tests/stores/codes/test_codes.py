"""Who makes, changes and closes codes, and where they may lead."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import InvalidInput, NotFound, TooManyAttempts
from stores.codes.errors import CodeClosed
from stores.codes.models import Code
from stores.codes.services import (
    CodeAsked,
    change_code,
    close_code,
    codes_of,
    make_code,
    own_codes,
)
from stores.errors import RightMissing
from stores.services.staff import add_staff
from tests.factories import cast, make_product, make_staff, make_store, make_user, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    return cast()


def poster(shop: Any, by: Any = None, **asked: Any) -> Code:
    wanted = CodeAsked(**({"kind": "poster", "name": "Window", "store": shop.store} | asked))
    return make_code(merchant=shop.merchant, asked=wanted, by=by)


def refused(shop: Any, **asked: Any) -> set[str]:
    with pytest.raises(InvalidInput) as refusal:
        poster(shop, **asked)
    return set(refusal.value.by_field)


def test_who_runs_the_business_makes_codes_and_nobody_else(shop: Any) -> None:
    code = poster(shop, by=shop.owner)
    assert (code.merchant, code.made_by, len(code.code)) == (shop.merchant, shop.owner, 7)
    strangers = (make_user(), owner_of(make_store().merchant))
    for other, refusal in ((shop.clerk, RightMissing), *((one, NotFound) for one in strangers)):
        with pytest.raises(refusal):
            poster(shop, by=other)
        with pytest.raises(refusal):
            change_code(code=code, name="Mine", target="", campaign="", by=other)
        with pytest.raises(refusal):
            close_code(code=code, by=other)


def test_the_right_at_a_store_makes_no_code_of_the_platform_nor_of_another_business(
    shop: Any,
) -> None:
    other = make_store().merchant
    asked = CodeAsked(kind="poster", name="Window", store=shop.store)
    person = CodeAsked(kind="staff", name="Me", store=shop.store, person=shop.clerk.email)
    for merchant, wanted in ((None, asked), (other, asked), (other, person)):
        with pytest.raises(NotFound):
            make_code(merchant=merchant, asked=wanted, by=shop.owner)
    with pytest.raises(InvalidInput):
        make_code(merchant=None, asked=asked, by=None)
    assert not Code.objects.exists()


def test_a_manager_of_single_stores_makes_codes_of_those(shop: Any) -> None:
    manager, other_store = make_user(), make_store(merchant=shop.merchant)
    add_staff(
        merchant=shop.merchant, user=manager, role="manager", stores=[shop.store], limited=True
    )
    code = poster(shop, by=manager)
    assert list(codes_of(manager)) == [code]
    for store, refusal in ((None, RightMissing), (other_store, NotFound)):
        with pytest.raises(refusal):
            poster(shop, by=manager, store=store)


def test_only_pages_of_ones_own_that_guests_see(shop: Any) -> None:
    other = make_product(stores=[make_store()])
    draft = make_product(stores=[shop.store], state="draft")
    for target in (
        *("https://elsewhere.example/", "//elsewhere.example/", "/nowhere/", "/basket/", "/"),
        *(f"/products/{other.pk}/", f"/products/{draft.pk}/", "/products/999999999/"),
        *(f"/stores/?merchant={other.merchant.slug}", "javascript:alert(1)", "/a" * 200),
    ):
        assert refused(shop, target=target) == {"target"}, target


def test_a_whole_address_of_this_site_is_its_path(shop: Any, settings: Any) -> None:
    address = f"{settings.BASE_URL}/stores/?merchant={shop.merchant.slug}&page=2"
    assert poster(shop, target=address).target == f"/stores/?merchant={shop.merchant.slug}"


def test_a_code_of_the_platform_leads_anywhere(shop: Any) -> None:
    operator = make_user("operator")
    for target in ("/", f"/stores/{shop.store.pk}/"):
        wanted = CodeAsked(kind="campaign", name="Spring", target=target, campaign="Spring-26")
        code = make_code(merchant=None, asked=wanted, by=operator)
        assert (code.target, code.campaign) == (target, "spring-26")
    assert set(codes_of(operator)) >= {code}
    assert not codes_of(shop.owner).exists()


def test_a_store_of_another_business_is_no_place(shop: Any) -> None:
    assert refused(shop, store=make_store()) == {"store"}


def test_staff_codes_name_somebody_who_works_there(shop: Any) -> None:
    assert refused(shop, kind="staff") == {"person"}
    assert refused(shop, kind="staff", person=make_user().email) == {"person"}
    assert refused(shop, kind="poster", person=shop.clerk.email) == {"person"}
    code = poster(shop, kind="staff", person=shop.clerk.email)
    assert list(own_codes(shop.clerk)) == [code]
    assert not own_codes(make_staff(shop.store)).exists()
    assert not codes_of(shop.clerk).exists(), "a clerk sees their own alone"


def test_nobody_finds_out_by_trying_who_is_a_member(shop: Any, settings: Any) -> None:
    settings.RATE_LIMITS = True
    with pytest.raises(TooManyAttempts):
        for number in range(40):
            with pytest.raises(InvalidInput):
                poster(shop, by=shop.owner, kind="person", person=f"n{number}@example.com")


def test_a_closed_code_stays_closed(shop: Any) -> None:
    code = poster(shop)
    assert change_code(code=code, name="Door", target="", campaign="", by=shop.owner).name == "Door"
    closed = close_code(code=code, by=shop.owner)
    assert close_code(code=code, by=shop.owner).closed_at == closed.closed_at
    with pytest.raises(CodeClosed):
        change_code(code=code, name="Again", target="", campaign="", by=shop.owner)
