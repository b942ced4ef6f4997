"""The people of the demo city and the logins that are printed for visitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demo.content import CITY
from members.models import User
from members.services.accounts import import_person, register
from o2o.production import DEMO_PASSWORD
from stores.access import role_of, stores_for_staff
from stores.models import PlatformRole
from stores.services.platform import give_platform_role

PASSWORD = DEMO_PASSWORD
OPERATOR = "operator@example.com"
FINANCE = "finance@example.com"
CUSTOMER = "customer@example.com"
PRINTED_MERCHANTS = 4


def owner_login(merchant_slug: str) -> str:
    """The identifier of a merchant's owner."""
    return f"owner.{merchant_slug}@example.com"


def clerk_login(merchant_slug: str) -> str:
    """The identifier of a merchant's clerk."""
    return f"staff.{merchant_slug}@example.com"


def customer_login(number: int) -> str:
    """The identifier of the n-th customer; the first is the printed one."""
    return CUSTOMER if number == 0 else f"customer{number:02d}@example.com"


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody the seed needs, by what they do."""

    operator: User
    finance: User
    owners: dict[str, User]
    clerks: dict[str, User]
    customers: list[User]


def make_person(identifier: str, name: str, language: str) -> User:
    """Return the person with this identifier, made through the real services when new.

    Only the printed logins get a password: a hundred good hashes take a while.
    """
    found = User.objects.filter(email=identifier).first()
    if found:
        return found
    tag = "zh-hans" if language == "zh" else "en"
    if identifier not in printed_logins():
        return import_person(identifier=identifier, display_name=name, language=tag)
    return register(identifier=identifier, password=PASSWORD, display_name=name, language=tag)


def printed_logins() -> list[str]:
    """The identifiers that visitors are told."""
    logins = [customer_login(0), customer_login(1), customer_login(2)]
    for merchant in CITY.merchants[:PRINTED_MERCHANTS]:
        logins += [clerk_login(merchant.slug), owner_login(merchant.slug)]
    return [*logins, OPERATOR, FINANCE]


def make_cast() -> Cast:
    """Register the operator and its finance, an owner and a clerk per merchant, and the customers."""
    operator = User.objects.filter(email=OPERATOR).first() or User.objects.create_superuser(
        OPERATOR, PASSWORD, display_name="Operator", language="en"
    )
    finance = make_person(FINANCE, "Finance", "en")
    give_platform_role(user=finance, role=PlatformRole.Role.FINANCE)
    owners, clerks = {}, {}
    for index, merchant in enumerate(CITY.merchants):
        name = CITY.staff[index % len(CITY.staff)]
        owners[merchant.slug] = make_person(owner_login(merchant.slug), name.zh, "zh")
        name = CITY.staff[(index + len(CITY.merchants)) % len(CITY.staff)]
        clerks[merchant.slug] = make_person(clerk_login(merchant.slug), name.zh, "zh")
    customers = [
        make_person(customer_login(index), customer.display_name, customer.language)
        for index, customer in enumerate(CITY.customers)
    ]
    return Cast(operator, finance, owners, clerks, customers)


def demo_logins() -> list[dict[str, Any]]:
    """The accounts a visitor may use: role, identifier, password, and for staff the stores.

    Only accounts that exist are named, so an instance without the demo city names none.
    """
    wanted = printed_logins()
    people = {user.email: user for user in User.objects.filter(email__in=wanted)}
    order = ["customer", "staff", "merchant", "operator"]
    logins = [_login(people[email]) for email in wanted if email in people]
    return sorted(logins, key=lambda login: order.index(login["role"]))


def _login(user: User) -> dict[str, Any]:
    login: dict[str, Any] = {
        "role": role_of(user),
        "identifier": user.identifier,
        "password": PASSWORD,
    }
    if login["role"] == "operator":
        login["desk"] = "owner" if user.is_superuser else user.platform_roles.get().role
    if login["role"] in {"staff", "merchant"}:
        login["stores"] = [
            {"id": store.pk, "name": store.name_en or store.name_zh}
            for store in stores_for_staff(user).order_by("pk")
        ]
    return login
