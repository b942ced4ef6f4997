"""Roles of the operator's own people: given and taken by who may, the last owner stays."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from kernel.db.names import lock_name
from kernel.errors import NotFound
from stores.access import refuse_without
from stores.approvals import agreeing_roles
from stores.errors import LastPlatformOwner
from stores.models import PlatformRole
from stores.rights import Right
from stores.services.approvals import refuse_alone
from stores.services.staff import sync_admin_access

Role = PlatformRole.Role
_LOCK = "platform-roles"
"""Two owners who take each other's role at once must not both succeed."""


@transaction.atomic
def give_platform_role(
    *, user: Any, role: str, by: Any = None, approved_by: Any = None
) -> PlatformRole:
    """Give ``user`` a role on the platform; safe to repeat. ``by`` None is a command.

    A role that may agree to what others ask for takes two people: ``by`` asks and
    ``approved_by`` agrees (stores.approvals.agreeing_roles). Keeps ``is_superuser`` (owner) and ``is_staff`` in step.
    Raises NotFound for who may not give roles, SecondPersonNeeded.
    """
    if by is not None:
        refuse_without(user=by, right=Right.GIVE_ROLES)
    if role in agreeing_roles():
        refuse_alone(by=by, approved_by=approved_by)
    lock_name(_LOCK)
    given, _made = PlatformRole.objects.get_or_create(
        user=user, role=role, defaults={"given_by": by}
    )
    if role == Role.OWNER:
        _set_owner(user, True)
    user.is_staff = sync_admin_access(user_id=user.pk)
    return given


@transaction.atomic
def take_platform_role(*, user: Any, role: str, by: Any = None) -> None:
    """Take a role away. Raises NotFound (who may not, or no such role), LastPlatformOwner."""
    if by is not None:
        refuse_without(user=by, right=Right.GIVE_ROLES)
    owner = role == Role.OWNER and user.is_superuser
    if owner:
        refuse_last_platform_owner(user)
    lock_name(_LOCK)
    gone, _rows = PlatformRole.objects.filter(user=user, role=role).delete()
    if not gone and not owner:
        raise NotFound
    if owner:
        _set_owner(user, False)
    user.is_staff = sync_admin_access(user_id=user.pk)


def refuse_last_platform_owner(user: Any) -> None:
    """Raise LastPlatformOwner unless somebody else owns the platform, too; holds the roles' lock."""
    lock_name(_LOCK)
    if not has_other_owner(user):
        raise LastPlatformOwner


def has_other_owner(user: Any) -> bool:
    """Whether somebody but ``user`` who can sign in owns the platform."""
    owners = get_user_model().objects.filter(is_superuser=True, is_active=True)
    return owners.exclude(pk=user.pk).exists()


def may_agree(user: Any) -> bool:
    """Whether a role of ``user`` may agree to what others ask for, also while switched off."""
    roles = PlatformRole.objects.filter(user_id=user.pk, role__in=agreeing_roles())
    return bool(user.is_superuser) or roles.exists()


def _set_owner(user: Any, owner: bool) -> None:
    get_user_model().objects.filter(pk=user.pk).update(is_superuser=owner)
    user.is_superuser = owner
