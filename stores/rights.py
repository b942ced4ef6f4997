"""Who may do what: the one table of roles and rights, and the one question.

A right is named in the field's words. A role is a set of rights, held for a scope: a merchant,
or the stores and groups of a membership. The operator's people hold theirs for every merchant.
Pages, API, back office and commands (``--as``, stores.acting) ask `may`, or narrow their rows with
`merchants_where` and `stores_where`; docs/roles.md shows the table to people,
tests/stores/test_rights.py keeps it true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stores.models import Merchant, PlatformRole, StaffMembership, Store, StoreQuerySet

Role = StaffMembership.Role
Desk = PlatformRole.Role


class Right(TextChoices):
    """What somebody may do. The first group is held for a merchant, the second is the platform's."""

    REDEEM = "redeem", _("redeem vouchers")
    UNDO = "undo", _("undo redemptions")
    SEE_CATALOG = "see_catalog", _("see products and prices")
    EDIT_CATALOG = "edit_catalog", _("change products and prices")
    COUNT_STOCK = "count_stock", _("count and receive stock at a store")
    SEE_STOCK = "see_stock", _("see stock and its movements")
    EDIT_STOCK = "edit_stock", _("correct stock, send it on, say what the web may sell")
    SEE_STORES = "see_stores", _("see the business and its stores")
    EDIT_STORES = "edit_stores", _("change stores and their hours")
    EDIT_MERCHANT = "edit_merchant", _("change the business's own page")
    SEE_STAFF = "see_staff", _("see staff and invitations")
    MANAGE_STAFF = "manage_staff", _("invite, change and remove staff")
    GIVE_OWNER = "give_owner", _("give and take the owner's role")
    MANAGE_DEVICES = "manage_devices", _("add and revoke devices")
    SEE_CODES = "see_codes", _("see codes and what came of them")
    EDIT_CODES = "edit_codes", _("make, change and close codes")
    SEE_CAMPAIGNS = "see_campaigns", _("see campaigns and what came of them")
    EDIT_CAMPAIGNS = "edit_campaigns", _("make, start, pause and end campaigns")
    SEE_RESULTS = "see_results", _("see what channels and campaigns brought and cost")
    EDIT_COSTS = "edit_costs", _("enter costs and targets of channels")
    SEE_SALES = "see_sales", _("see what was sold")
    SEE_VOUCHERS = "see_vouchers", _("see vouchers and redemptions")
    TAKE_BACK = "take_back", _("take redemptions back and refund")
    GIVE_VOUCHERS = "give_vouchers", _("give vouchers away, and take them back")
    SEE_REVIEWS = "see_reviews", _("see reviews")
    REPLY = "reply", _("reply to reviews")
    SEE_MONEY = "see_money", _("see statements, payouts and ledger")

    DECIDE_MERCHANTS = "decide_merchants", _("approve and reject businesses")
    SUSPEND = "suspend", _("suspend and reinstate businesses")
    SET_COMMISSION = "set_commission", _("change commission rates")
    MODERATE = "moderate", _("hide reviews")
    EDIT_DIRECTORY = "edit_directory", _("change cities and categories")
    SEE_ORDERS = "see_orders", _("see customers' orders")
    SEE_PEOPLE = "see_people", _("see people's accounts")
    EDIT_PEOPLE = "edit_people", _("change and switch off accounts")
    SEE_BOOKS = "see_books", _("see the platform's books and bills")
    PAY_OUT = "pay_out", _("record payouts")
    RECONCILE = "reconcile", _("retry refunds, settle differences")
    SEE_SYSTEM = "see_system", _("see audits, incidents and the outbox")
    MEND_SYSTEM = "mend_system", _("try background tasks again")
    GIVE_ROLES = "give_roles", _("give roles on the platform")


PLATFORM_ONLY = frozenset(
    {
        Right.DECIDE_MERCHANTS,
        Right.SUSPEND,
        Right.SET_COMMISSION,
        Right.MODERATE,
        Right.EDIT_DIRECTORY,
        Right.SEE_ORDERS,
        Right.SEE_PEOPLE,
        Right.EDIT_PEOPLE,
        Right.SEE_BOOKS,
        Right.PAY_OUT,
        Right.RECONCILE,
        Right.SEE_SYSTEM,
        Right.MEND_SYSTEM,
        Right.GIVE_ROLES,
    }
)
COUNTER = frozenset({Right.REDEEM, Right.UNDO, Right.COUNT_STOCK})
_OF_MERCHANTS = frozenset(Right) - PLATFORM_ONLY
_READING = frozenset(
    {
        Right.SEE_CATALOG,
        Right.SEE_STOCK,
        Right.SEE_STORES,
        Right.SEE_STAFF,
        Right.SEE_CODES,
        Right.SEE_CAMPAIGNS,
        Right.SEE_SALES,
        Right.SEE_VOUCHERS,
        Right.SEE_REVIEWS,
    }
)

ROLE_RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: _OF_MERCHANTS,
    Role.MANAGER: _OF_MERCHANTS - {Right.GIVE_OWNER},
    Role.CLERK: COUNTER,
    Role.FINANCE: frozenset(
        {
            Right.SEE_SALES,
            Right.SEE_MONEY,
            Right.SEE_CAMPAIGNS,
            Right.SEE_RESULTS,
            Right.EDIT_COSTS,
        }
    ),
    Role.READER: _READING | {Right.SEE_MONEY, Right.SEE_RESULTS},
}
"""What each role of a merchant's staff may do."""

PLATFORM_RIGHTS: dict[str, frozenset[Right]] = {
    Desk.OWNER: frozenset(Right) - COUNTER,
    Desk.SUPPORT: _READING
    | {
        Right.SEE_ORDERS,
        Right.SEE_PEOPLE,
        Right.TAKE_BACK,
        Right.SEE_MONEY,
        Right.SEE_RESULTS,
    },
    Desk.FINANCE: frozenset(
        {
            Right.SEE_STORES,
            Right.SEE_CAMPAIGNS,
            Right.SEE_SALES,
            Right.SEE_MONEY,
            Right.SEE_RESULTS,
            Right.SEE_BOOKS,
            Right.PAY_OUT,
            Right.RECONCILE,
            Right.SET_COMMISSION,
        }
    ),
    Desk.RISK: _READING
    | {
        Right.SEE_ORDERS,
        Right.SEE_PEOPLE,
        Right.EDIT_PEOPLE,
        Right.SUSPEND,
        Right.MODERATE,
        Right.SEE_SYSTEM,
    },
}
"""What each role of the operator's people may do, with every merchant."""

LIMITABLE = frozenset({Role.MANAGER, Role.CLERK, Role.READER})
"""Roles that can be held for some stores only; owners and finance are for the whole business."""
OFFICE_ROLES = tuple(role for role, rights in ROLE_RIGHTS.items() if rights - COUNTER)
"""Roles with anything to do in the back office."""


def roles_with(right: Right) -> tuple[str, ...]:
    """The roles of a merchant's staff that hold ``right``."""
    return tuple(role for role, rights in ROLE_RIGHTS.items() if right in rights)


def word_missing(rights: Sequence[Right]) -> str:
    """What somebody lacks and which roles have it, for who is refused; "" where no right is named."""
    if not rights:
        return ""
    text = gettext("Your role lacks the right to %(right)s. It goes with: %(roles)s.")
    staff = [role for role in Role if ROLE_RIGHTS[role] & set(rights)]
    desks = [desk for desk in Desk if PLATFORM_RIGHTS[desk] & set(rights)]
    labels = [str(role.label) for role in staff]
    labels += [str(desk.label) if desk == Desk.OWNER else _of_platform(desk) for desk in desks]
    return text % {
        "right": gettext(" or ").join(str(right.label) for right in rights),
        "roles": gettext(", ").join(labels),
    }


def _of_platform(desk: Desk) -> str:
    """A role of the operator's people, told apart from a merchant's of the same name."""
    return gettext("%(role)s of the platform") % {"role": desk.label}


def platform_rights(user: Any) -> frozenset[Right]:
    """What ``user`` may do for the platform, with every merchant; none for everybody else.

    No query for those who may not open the back office: a role there opens it.
    """
    if not user.is_active:
        return frozenset()
    if user.is_superuser:
        return PLATFORM_RIGHTS[Desk.OWNER]
    if not getattr(user, "is_staff", False):
        return frozenset()
    roles = PlatformRole.objects.filter(user_id=user.pk).values_list("role", flat=True)
    return frozenset().union(*(PLATFORM_RIGHTS[role] for role in roles))


def desk_with(right: Right) -> QuerySet[Any]:
    """The operator's people who hold ``right`` for the platform and can sign in."""
    roles = [role for role, rights in PLATFORM_RIGHTS.items() if right in rights]
    holders = PlatformRole.objects.filter(role__in=roles).values("user")
    held = Q(pk__in=holders, is_staff=True)
    if right in PLATFORM_RIGHTS[Desk.OWNER]:
        held |= Q(is_superuser=True)
    return get_user_model().objects.filter(held, is_active=True).order_by("pk")


def works_for_platform(user: Any) -> bool:
    """Whether ``user`` is one of the operator's people, also while the account is switched off."""
    return bool(user.is_superuser) or PlatformRole.objects.filter(user_id=user.pk).exists()


def may(
    user: Any, right: Right, *, merchant_id: int | None = None, store_id: int | None = None
) -> bool:
    """Whether ``user`` holds ``right`` for the merchant, or at the store.

    Neither named: for the platform. For a merchant only who works for the whole of it counts;
    for a store also who is limited to it. States are not asked: a suspended business's owner
    may still see it (stores.access.refuse_unless_trading is the other question).
    """
    if right in platform_rights(user):
        return True
    if store_id is not None:
        return stores_where(user, right).filter(pk=store_id).exists()
    if merchant_id is not None:
        return merchants_where(user, right).filter(pk=merchant_id).exists()
    return False


def merchants_where(user: Any, right: Right) -> QuerySet[Merchant]:
    """Merchants, in any state, for the whole of which ``user`` holds ``right`` as staff."""
    wide = StaffMembership.objects.filter(
        ~_LIMITED, user_id=user.pk, active=True, role__in=roles_with(right)
    )
    return Merchant.objects.filter(pk__in=wide.values("merchant"))


def stores_where(user: Any, right: Right) -> StoreQuerySet:
    """Stores, in any state, where ``user`` holds ``right`` as staff."""
    mine = StaffMembership.objects.filter(user_id=user.pk, active=True, role__in=roles_with(right))
    limited = mine.filter(_LIMITED)
    return Store.objects.filter(
        Q(merchant__in=mine.filter(~_LIMITED).values("merchant"))
        | Q(pk__in=limited.filter(stores__merchant=F("merchant")).values("stores"))
        | Q(pk__in=limited.filter(groups__merchant=F("merchant")).values("groups__stores"))
    )


_LIMITED = Q(limited=True) | Q(role=Role.CLERK)


@dataclass(frozen=True, slots=True)
class Standing:
    """One membership as the back office needs it: for whom, what, and where."""

    merchant_id: int
    trading: bool
    rights: frozenset[Right]
    stores: frozenset[int] | None
    """The stores it is limited to; None: the whole business."""


def standings_of(user: Any) -> list[Standing]:
    """All memberships of ``user`` with their rights and places; one query."""
    places = Store.objects.filter(
        Q(staff=OuterRef("pk")) | Q(groups__staff=OuterRef("pk")), merchant=OuterRef("merchant")
    )
    rows = (
        StaffMembership.objects.filter(user_id=user.pk, active=True)
        .annotate(places=ArraySubquery(places.order_by().values("pk").distinct()))
        .values_list("merchant_id", "merchant__state", "role", "limited", "places")
    )
    return [
        Standing(
            merchant_id,
            state == Merchant.State.APPROVED,
            ROLE_RIGHTS[role],
            frozenset(stores) if limited or role == Role.CLERK else None,
        )
        for merchant_id, state, role, limited, stores in rows
    ]
