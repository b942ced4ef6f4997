"""What of this room needs a second person: commission rates, and roles that may agree to such requests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.errors import InvalidInput, NotFound
from kernel.plaintext import isolate
from stores.approval_fields import Field, line, rate, whole_id
from stores.approvals import Kind, Payload, agreeing_roles, register_kind
from stores.commission_rates import read_rate
from stores.models import Merchant, PlatformRole
from stores.rights import Right
from stores.services.commission import change_commission
from stores.services.platform import give_platform_role

COMMISSION, OWNER, ROLE = "commission", "platform_owner", "platform_role"


def _commission_now(payload: Payload) -> Payload:
    merchant = Merchant.objects.filter(pk=payload["merchant"]).first()
    if merchant is None:
        raise NotFound
    wanted = read_rate(str(payload["to"]))
    if wanted == merchant.commission_rate:
        text = gettext("The commission is %(rate)s already. Enter another rate.")
        raise InvalidInput(text % {"rate": _percent(str(wanted))})
    return {
        "merchant": merchant.pk,
        "name": merchant.name_en or merchant.name_zh,
        "from": f"{merchant.commission_rate:.4f}",
        "to": f"{wanted:.4f}",
    }


def _describe_commission(payload: Payload) -> list[tuple[str, str]]:
    return [
        (gettext("Merchant"), str(payload["name"])),
        (gettext("Commission now"), _percent(payload["from"])),
        (gettext("Commission wanted"), _percent(payload["to"])),
    ]


def _run_commission(payload: Payload, by: Any, approved_by: Any) -> None:
    change_commission(
        merchant_id=payload["merchant"],
        rate=Decimal(payload["to"]),
        by=by,
        approved_by=approved_by,
    )


def _person(payload: Payload) -> Any:
    user: Any = get_user_model().objects.filter(pk=payload["user"], is_active=True).first()
    if user is None:
        raise NotFound
    return user


def _role_now(payload: Payload) -> Payload:
    role, user = str(payload["role"]), _person(payload)
    if role == PlatformRole.Role.OWNER or role not in agreeing_roles():
        text = gettext("Ask for roles here that need a second person; others are given at once.")
        raise InvalidInput(text, fields={"role": [text]})
    if PlatformRole.objects.filter(user=user, role=role).exists():
        text = gettext("%(name)s has this role already.")
        raise InvalidInput(text % {"name": isolate(user.display_name)})
    return {
        "user": user.pk,
        "name": user.display_name,
        "identifier": user.identifier,
        "role": role,
    }


def _describe_role(payload: Payload) -> list[tuple[str, str]]:
    return [
        (gettext("Person"), f"{payload['name']} ({payload['identifier']})"),
        (gettext("Role"), str(PlatformRole.Role(payload["role"]).label)),
    ]


def _run_role(payload: Payload, by: Any, approved_by: Any) -> None:
    user = get_user_model().objects.get(pk=payload["user"])
    give_platform_role(user=user, role=payload["role"], by=by, approved_by=approved_by)


def _owner_now(payload: Payload) -> Payload:
    user = _person(payload)
    if PlatformRole.objects.filter(user=user, role=PlatformRole.Role.OWNER).exists():
        raise InvalidInput(
            gettext("%(name)s is an owner already.") % {"name": isolate(user.display_name)}
        )
    return {"user": user.pk, "name": user.display_name, "identifier": user.identifier}


def _describe_owner(payload: Payload) -> list[tuple[str, str]]:
    return [
        (gettext("Person"), f"{payload['name']} ({payload['identifier']})"),
        (gettext("Role"), gettext("owner of the platform: every right, and to give roles")),
    ]


def _run_owner(payload: Payload, by: Any, approved_by: Any) -> None:
    user = get_user_model().objects.get(pk=payload["user"])
    give_platform_role(user=user, role=PlatformRole.Role.OWNER, by=by, approved_by=approved_by)


def _percent(rate: str) -> str:
    return f"{(Decimal(rate) * 100).normalize():f}%"


def register() -> None:
    """Called when the app is ready."""
    register_kind(
        Kind(
            COMMISSION,
            _("a commission rate"),
            Right.SET_COMMISSION,
            {"merchant": Field(whole_id), "to": Field(rate)},
            lambda payload: f"merchant:{payload['merchant']}",
            _commission_now,
            _describe_commission,
            _run_commission,
        )
    )
    register_kind(
        Kind(
            ROLE,
            _("a role on the platform"),
            Right.GIVE_ROLES,
            {"user": Field(whole_id), "role": Field(line)},
            lambda payload: f"{payload['role']}:{payload['user']}",
            _role_now,
            _describe_role,
            _run_role,
        )
    )
    register_kind(
        Kind(
            OWNER,
            _("the owner's role on the platform"),
            Right.GIVE_ROLES,
            {"user": Field(whole_id)},
            lambda payload: f"user:{payload['user']}",
            _owner_now,
            _describe_owner,
            _run_owner,
        )
    )
