"""Who may reach which merchant and store.

Other people's rows answer 404. Where the row, or the list, is of a business that somebody works for
and only the right is missing, the answer is 403 and names the right and who has it (`lacking`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, NamedTuple, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from kernel.db.prepared import Prepared
from kernel.errors import NotFound, Refusal
from stores.errors import NotTrading, RightMissing
from stores.models import Merchant, StaffMembership, Store
from stores.rights import (
    COUNTER,
    OFFICE_ROLES,
    Right,
    may,
    merchants_where,
    platform_rights,
    roles_with,
    standings_of,
    stores_where,
    word_missing,
)

Role = Literal["operator", "merchant", "staff", "customer"]
Row = TypeVar("Row", bound=Model)


def merchants_for(user: Any, right: Right) -> QuerySet[Merchant]:
    """Merchants for which ``user`` holds ``right``, in any state; all of them for the platform's."""
    if right in platform_rights(user):
        return Merchant.objects.all()
    return merchants_where(user, right)


def merchants_of(user: Any) -> QuerySet[Merchant]:
    """Merchants whose back office ``user`` may open as staff, in any state."""
    return Merchant.objects.filter(
        pk__in=StaffMembership.objects.filter(
            user_id=user.pk, active=True, role__in=OFFICE_ROLES
        ).values("merchant")
    )


def refuse_without(*, user: Any, right: Right, merchant_id: int | None = None) -> None:
    """Raise `lacking_of` unless ``user`` holds ``right`` for the merchant (None: for the platform)."""
    if not may(user, right, merchant_id=merchant_id):
        raise lacking_of(user, right, merchant_id=merchant_id)


def refuse_strangers(user: Any) -> None:
    """Raise NotFound for who works for no business and not for the platform."""
    if not (platform_rights(user) or standings_of(user)):
        raise NotFound


def lacking(user: Any, *rights: Right) -> Refusal:
    """What who holds none of ``rights`` anywhere is told, of a list or before anything is named.

    Members and the operator's people hear which one, others nothing. As the back office: a stranger
    learns not even that there is such a list.
    """
    if platform_rights(user) or standings_of(user):
        return right_missing(*rights)
    return NotFound()


def lacking_of(
    user: Any, *rights: Right, merchant_id: int | None, at_store: bool = False
) -> Refusal:
    """What is told of something of a merchant (None: of the platform) that ``rights`` do not open.

    RightMissing for the merchant's own people and the operator's; NotFound for all others, and for
    who does hold one of them: then the row itself is not there. ``at_store``: it belongs to a
    store, and who holds a right at other stores of the business is a stranger to this one.
    """
    asked = set(rights)
    if desk := platform_rights(user):
        return NotFound() if desk & asked else right_missing(*rights)
    here = [standing for standing in standings_of(user) if standing.merchant_id == merchant_id]
    holds = any(s.rights & asked and (at_store or s.stores is None) for s in here)
    return right_missing(*rights) if here and not holds else NotFound()


def lacking_at(user: Any, *rights: Right, store_id: int) -> Refusal:
    """As `lacking_of`, of what belongs to a store; NotFound where there is no such store."""
    merchant = Store.objects.filter(pk=store_id).values_list("merchant_id", flat=True).first()
    if merchant is None:
        return NotFound()
    return lacking_of(user, *rights, merchant_id=merchant, at_store=True)


def lacking_row(user: Any, *rights: Right, model: type[Model], pk: int) -> Refusal:
    """As `lacking_of`, of a row that names its ``merchant`` (and its ``store``, where it has one)."""
    columns = {field.attname for field in model._meta.concrete_fields} & {"merchant_id", "store_id"}
    found = model._default_manager.filter(pk=pk).values(*columns).first()
    if found is None:
        return NotFound()
    return lacking_of(
        user,
        *rights,
        merchant_id=found["merchant_id"],
        at_store=found.get("store_id") is not None,
    )


def access_row(rows: QuerySet[Row], *, user: Any, right: Right, pk: int) -> Row:
    """The row ``pk`` of ``rows``, which are those that ``user`` reaches; else raises `lacking_row`.

    ``right`` is what is named as missing. One query where the row is reached.
    """
    row = rows.filter(pk=pk).first()
    if row is None:
        raise lacking_row(user, right, model=rows.model, pk=pk)
    return row


def access_merchant(*, user: Any, right: Right, merchant_id: int) -> Merchant:
    """The merchant for the whole of which ``user`` holds ``right``; else raises `lacking_of`."""
    merchant = Merchant.objects.filter(pk=merchant_id).first()
    if merchant is None:
        raise NotFound
    refuse_without(user=user, right=right, merchant_id=merchant_id)
    return merchant


def right_missing(*rights: Right) -> RightMissing:
    """The refusal that names ``rights``, of which one is needed, and the roles that have them."""
    named = sorted(rights, key=list(Right).index)
    return RightMissing(word_missing(named), right=named[0].value)


def refuse_unless_trading(*, merchant_id: int, by: Any) -> None:
    """Raise NotTrading when ``by`` acts for a merchant that is not approved.

    The operator's people and None (the platform itself) may always act: refunds, expiry and repairs
    go on for a suspended merchant's guests.
    """
    if by is None or platform_rights(by):
        return
    if not Merchant.objects.filter(pk=merchant_id, state=Merchant.State.APPROVED).exists():
        raise NotTrading


def staff_who_may(
    *rights: Right, merchant_id: int, store_id: int | None = None
) -> QuerySet[StaffMembership]:
    """The active staff of a merchant who hold one of ``rights``: for the whole business, or at the store.

    As `may` without the platform's people, asked the other way round: who, not whether. Who is
    limited to stores holds it for one of theirs only.
    """
    rows = StaffMembership.objects.filter(
        merchant_id=merchant_id,
        active=True,
        user__is_active=True,
        role__in={role for right in rights for role in roles_with(right)},
    )
    limited = Q(limited=True) | Q(role=StaffMembership.Role.CLERK)
    if store_id is None:
        return rows.exclude(limited).order_by("pk")
    here = Store.objects.filter(
        Q(staff=OuterRef("pk")) | Q(groups__staff=OuterRef("pk")),
        pk=store_id,
        merchant=merchant_id,
    )
    return rows.filter(~limited | Exists(here.order_by())).order_by("pk")


def stores_for_staff(user: Any, right: Right = Right.REDEEM) -> QuerySet[Store]:
    """Active stores of approved merchants where ``user`` may redeem, merchant and city joined.

    Or where they hold another ``right`` as staff.
    """
    return (
        stores_where(user, right)
        .open_for_business()
        .select_related("merchant", "city")
        .order_by("merchant_id", "id")
    )


def _prepare(right: Right) -> Prepared[Store]:
    """`stores_where` for one store: every scan asks it, and joins plan faster than subqueries.

    Said without a "not": across a join Django makes that "no member of the staff is limited".
    """
    roles = roles_with(right)
    wide = [role for role in roles if role != StaffMembership.Role.CLERK]
    return Prepared(
        lambda user_id, store_id: (
            Store.objects.open_for_business()
            .filter(
                Q(merchant__staff__limited=False, merchant__staff__role__in=wide)
                | Q(merchant__staff__stores=store_id)
                | Q(merchant__staff__groups__stores=store_id),
                pk=store_id,
                merchant__staff__user=user_id,
                merchant__staff__active=True,
                merchant__staff__role__in=roles,
            )
            .defer("search_vector")
            .order_by()
        ),
        int,
        int,
    )


_STORE_WITH = {right: _prepare(right) for right in COUNTER}


def access_store_for_staff(*, user: Any, store_id: int, right: Right = Right.REDEEM) -> Store:
    """Return the store when ``user`` may redeem (undo, count) there; raises `lacking_at`."""
    store = _STORE_WITH[right].first(user.pk, store_id)
    if store is None:
        raise lacking_at(user, right, store_id=store_id)
    return store


class AtStore(NamedTuple):
    """A store that somebody works at, and what they may do there as its staff."""

    store: Store
    rights: frozenset[Right]


def access_store_with_any(*, user: Any, store_id: int, rights: Collection[Right]) -> AtStore:
    """Return the store where ``user`` holds one of ``rights`` as staff, and all rights held there.

    Two queries. Raises `lacking_at`, also for the operator's people: they work in the back office.
    """
    rows = Store.objects.open_for_business().select_related("merchant")
    store = rows.filter(pk=store_id).defer("search_vector").first()
    if store is None:
        raise NotFound
    held: frozenset[Right] = frozenset().union(
        *(
            standing.rights
            for standing in standings_of(user)
            if standing.merchant_id == store.merchant_id
            and (standing.stores is None or store.pk in standing.stores)
        )
    )
    if held.isdisjoint(rights):
        # The operator's people may read of every store, in the back office: here they lack the counter's.
        raise lacking_at(user, *(COUNTER.intersection(rights) or rights), store_id=store.pk)
    return AtStore(store, held)


def role_of(user: Any) -> Role:
    """The widest part that ``user`` plays: operator, merchant (back office), staff (clerk), customer."""
    if platform_rights(user):
        return "operator"
    roles = _roles_of(user)
    if roles & set(OFFICE_ROLES):
        return "merchant"
    return "staff" if roles else "customer"


def workplace_of(user: Any) -> Literal["office", "counter", "none"]:
    """Where ``user`` works most: managers and clerks at a counter, others in the back office.

    A manager without a store that is open for business has the back office only.
    """
    if platform_rights(user):
        return "office"
    roles = _roles_of(user)
    if StaffMembership.Role.OWNER in roles:
        return "office"
    if roles and stores_for_staff(user).exists():
        return "counter"
    return "office" if roles & set(OFFICE_ROLES) else "none"


def has_counter(user: Any) -> bool:
    """Whether the console opens for ``user``: to redeem at a store, or to read its days; one query."""
    reads = stores_where(user, Right.SEE_SALES).open_for_business().values("pk")
    redeems = stores_where(user, Right.REDEEM).open_for_business()
    return bool(Store.objects.filter(Q(pk__in=redeems.values("pk")) | Q(pk__in=reads)).exists())


def _roles_of(user: Any) -> set[str]:
    mine = StaffMembership.objects.filter(user_id=user.pk, active=True)
    return set(mine.values_list("role", flat=True))
