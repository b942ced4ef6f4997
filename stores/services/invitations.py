"""Invite people to work for a merchant, by e-mail or link; they say yes or no themselves."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from kernel.clock import now
from kernel.emails import read_email
from kernel.errors import InvalidInput
from kernel.http.limits import hit, hit_all
from kernel.http.seo.public import absolute
from kernel.ids import new_token
from kernel.outbox.models import Delivery
from kernel.outbox.services import publish
from kernel.plaintext import clean_line
from stores.access import access_row, merchants_for, refuse_unless_trading
from stores.errors import InvitationGone, RoleNotYours
from stores.models import Merchant, StaffInvitation, StaffMembership, Store, StoreGroup
from stores.rights import Right
from stores.services.staff import add_staff, assignable_roles, check_places, lock_merchant

VALID = dt.timedelta(days=7)
LINK_VALID = dt.timedelta(days=2)
NAME_MAX_LENGTH = 60
DAY_SECONDS = 24 * 60 * 60
PERSON_A_DAY, ADDRESS_A_DAY = 40, 4
"""Invitations sent by one person, and by one merchant to one address: nobody is mailed at will."""

State = StaffInvitation.State


def invitations_of(user: Any) -> QuerySet[StaffInvitation]:
    """The invitations of the merchants that ``user`` runs; all of them for the operator."""
    rows = StaffInvitation.objects.select_related("merchant", "invited_by", "accepted_by")
    return rows.filter(merchant__in=merchants_for(user, Right.SEE_STAFF))


def check_invitation(
    *,
    merchant: Merchant,
    email: str,
    role: str,
    stores: Iterable[Store],
    groups: Iterable[StoreGroup] = (),
    limited: bool = False,
    by: Any,
) -> str:
    """Return the address as it is kept ("" for a link) when ``by`` may invite to this; no write.

    Says nothing about whether the address belongs to anybody. Raises InvalidInput,
    StoreOfAnotherMerchant, RoleNotYours, NotTrading.
    """
    address = ""
    if email:
        try:
            address = read_email(email)
        except ValidationError as error:
            raise InvalidInput(fields={"email": error.messages}) from None
    check_places(merchant=merchant, role=role, stores=stores, groups=groups, limited=limited)
    refuse_unless_trading(merchant_id=merchant.pk, by=by)
    _refuse_foreign(merchant, role, by)
    return address


def invite_staff(
    *,
    merchant: Merchant,
    email: str,
    role: str,
    stores: Iterable[Store] = (),
    groups: Iterable[StoreGroup] = (),
    limited: bool = False,
    name: str = "",
    by: Any,
) -> StaffInvitation:
    """Write an invitation, which takes the place of one that still waits, and have it mailed.

    Whoever follows the link of the mail within seven days may accept, with the account of
    their choice. ``name`` is whom the inviter means. Locks the merchant; publishes "staff.invited".
    Errors as check_invitation, InvalidInput for the name, and TooManyAttempts.
    """
    places, sets = list(stores), list(groups)
    if not email:
        raise InvalidInput(fields={"email": [gettext("Enter an e-mail address.")]})
    address = check_invitation(
        merchant=merchant,
        email=email,
        role=role,
        stores=places,
        groups=sets,
        limited=limited,
        by=by,
    )
    called = _read_name(name)
    hit_all(
        [
            ("invite", str(by.pk), PERSON_A_DAY, DAY_SECONDS),
            ("invite-address", f"{merchant.pk} {address}", ADDRESS_A_DAY, DAY_SECONDS),
        ]
    )
    with transaction.atomic():
        lock_merchant(merchant)
        StaffInvitation.objects.filter(
            merchant=merchant, email=address, state=State.PENDING
        ).update(state=State.REVOKED, answered_at=now())
        invitation = StaffInvitation.objects.create(
            merchant=merchant,
            email=address,
            name=called,
            role=role,
            limited=limited,
            invited_by=by,
            expires_at=now() + VALID,
        )
        invitation.stores.set(places)
        invitation.groups.set(sets)
        publish("staff.invited", invitation_id=invitation.pk)
    return invitation


def invite_by_link(
    *,
    merchant: Merchant,
    role: str,
    stores: Iterable[Store] = (),
    groups: Iterable[StoreGroup] = (),
    limited: bool = False,
    name: str = "",
    by: Any,
) -> tuple[StaffInvitation, str]:
    """Write an invitation without an address and return it with its link, told only now.

    Whoever opens the link within two days and signs in may accept it, once; the page names role
    and places first. For a colleague beside one: shown as a QR code. Errors as
    check_invitation, InvalidInput for the name, and TooManyAttempts.
    """
    return _invite_by_link(
        StaffInvitation(merchant=merchant, role=role, limited=limited, name=_read_name(name)),
        stores=list(stores),
        groups=list(groups),
        by=by,
    )


def renew_link(*, invitation_id: int, by: Any) -> tuple[StaffInvitation, str]:
    """Withdraw a waiting invitation without an address and make its like: a new link, told now.

    Raises NotFound, InvitationGone, InvalidInput for one that is mailed, and the errors of
    invite_by_link.
    """
    invitation = _own(invitation_id, by)
    if invitation.email:
        raise InvalidInput(gettext("This invitation is mailed: send it again instead."))
    return _invite_by_link(
        StaffInvitation(
            merchant=invitation.merchant,
            role=invitation.role,
            limited=invitation.limited,
            name=invitation.name,
        ),
        stores=list(invitation.stores.all()),
        groups=list(invitation.groups.all()),
        by=by,
        instead_of=invitation,
    )


def send_invitation_again(*, invitation_id: int, by: Any) -> StaffInvitation:
    """Send a waiting invitation again, open for another seven days; the old link stops working.

    Raises NotFound, InvitationGone and the errors of check_invitation.
    """
    invitation = _own(invitation_id, by)
    if not invitation.email:
        raise InvalidInput(gettext("This invitation has a link, not an address: make a new link."))
    return invite_staff(
        merchant=invitation.merchant,
        email=invitation.email,
        role=invitation.role,
        stores=list(invitation.stores.all()),
        groups=list(invitation.groups.all()),
        limited=invitation.limited,
        name=invitation.name,
        by=by,
    )


def revoke_invitation(*, invitation_id: int, by: Any) -> None:
    """Withdraw a waiting invitation: its link opens nothing any more.

    Raises NotFound, InvitationGone, RoleNotYours, NotTrading.
    """
    invitation = _own(invitation_id, by)
    refuse_unless_trading(merchant_id=invitation.merchant_id, by=by)
    _refuse_foreign(invitation.merchant, invitation.role, by)
    _answer(invitation, State.REVOKED)


def renew_token(*, invitation_id: int) -> tuple[StaffInvitation, str] | None:
    """Give an open invitation a new secret token and return it; None when it is not open.

    The one who mails it calls this: the token stands nowhere else, and an earlier one dies.
    """
    invitation = (
        StaffInvitation.objects.select_related("merchant", "invited_by")
        .filter(pk=invitation_id, state=State.PENDING, expires_at__gt=now())
        .exclude(email="")
        .first()
    )
    if invitation is None:
        return None
    token = new_token()
    StaffInvitation.objects.filter(pk=invitation.pk).update(token_hash=_digest(token))
    return invitation, token


def mail_troubles(invitations: Iterable[StaffInvitation]) -> dict[int, str]:
    """Which waiting invitations have not arrived: id → "refused" for good, "late" (tried in vain
    and tried again), or "on_its_way".

    One query. What the outbox has not got rid of tells it; an attempt that goes on leaves no
    error behind. An address that no server takes
    (.invalid, RFC 2606) is never written to.
    """
    waiting = {row.pk: row for row in invitations if row.state == State.PENDING}
    unsent = Delivery.objects.filter(
        event__topic="staff.invited",
        event__payload__invitation_id__in=list(waiting),
        done_at__isnull=True,
    ).select_related("event")
    found = {row.event.payload["invitation_id"]: _trouble(row) for row in unsent}
    nowhere = {pk: "refused" for pk, row in waiting.items() if row.email.endswith(".invalid")}
    return found | nowhere


def _trouble(mail: Delivery) -> str:
    if mail.parked_at:
        return "refused"
    return "late" if mail.error or mail.attempts > 1 else "on_its_way"


def find_invitation(*, token: str) -> StaffInvitation:
    """The open invitation of a link; raises InvitationGone for every other token."""
    invitation = (
        StaffInvitation.objects.select_related("merchant", "invited_by")
        .filter(token_hash=_digest(token), state=State.PENDING, expires_at__gt=now())
        .exclude(token_hash="")
        .first()
    )
    if invitation is None or not _still_meant(invitation):
        raise InvitationGone
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: Any) -> StaffMembership:
    """Make ``user`` what the invitation says; once.

    The account need not have the address that was invited: the token is the proof. Locks the
    merchant; compare-and-set pending → accepted; publishes
    "invitation.accepted". Raises InvitationGone, also when its places can
    no longer be those of the role (a group was deleted), and the errors of add_staff: who invited
    must still be allowed to give that role.
    """
    invitation = find_invitation(token=token)
    lock_merchant(invitation.merchant)
    _answer(invitation, State.ACCEPTED, accepted_by=user)
    try:
        membership = add_staff(
            merchant=invitation.merchant,
            user=user,
            role=invitation.role,
            stores=list(invitation.stores.all()),
            groups=list(invitation.groups.all()),
            limited=invitation.limited,
            by=invitation.invited_by,
        )
    except InvalidInput:
        raise InvitationGone(
            gettext(
                "The places of this invitation have changed since. Ask the person who invited you "
                "for a new one."
            )
        ) from None
    publish("invitation.accepted", membership_id=membership.pk)
    return membership


def decline_invitation(*, token: str) -> None:
    """Say no; whoever has the link may. Raises InvitationGone."""
    _answer(find_invitation(token=token), State.DECLINED)


def _invite_by_link(
    invitation: StaffInvitation,
    *,
    stores: list[Store],
    groups: list[StoreGroup],
    by: Any,
    instead_of: StaffInvitation | None = None,
) -> tuple[StaffInvitation, str]:
    """Write a new invitation, which may take the place of a waiting one, and return its link.

    Judged and counted before the transaction begins.
    """
    check_invitation(
        merchant=invitation.merchant,
        email="",
        role=invitation.role,
        stores=stores,
        groups=groups,
        limited=invitation.limited,
        by=by,
    )
    hit("invite", str(by.pk), limit=PERSON_A_DAY, period_seconds=DAY_SECONDS)
    token = new_token()
    invitation.invited_by = by
    invitation.token_hash = _digest(token)
    invitation.expires_at = now() + LINK_VALID
    with transaction.atomic():
        if instead_of is not None:
            _answer(instead_of, State.REVOKED)
        invitation.save()
        invitation.stores.set(stores)
        invitation.groups.set(groups)
    return invitation, absolute(reverse("invitation", args=[token]))


def _read_name(name: str) -> str:
    """Whom an invitation is for, as it is kept. Raises InvalidInput."""
    called = clean_line(name)
    if len(called) > NAME_MAX_LENGTH:
        raise InvalidInput(fields={"name": [gettext("Shorten the name to 60 characters.")]})
    return called


def _answer(invitation: StaffInvitation, state: str, **fields: Any) -> None:
    changed = StaffInvitation.objects.filter(pk=invitation.pk, state=State.PENDING).update(
        state=state, answered_at=now(), token_hash="", **fields
    )
    if not changed:
        raise InvitationGone


def _still_meant(invitation: StaffInvitation) -> bool:
    """Whether the business is open and who invited could still do so."""
    inviter = invitation.invited_by
    return (
        invitation.merchant.state == Merchant.State.APPROVED
        and inviter is not None
        and inviter.is_active
        and invitation.role in assignable_roles(by=inviter, merchant=invitation.merchant)
    )


def _own(invitation_id: int, by: Any) -> StaffInvitation:
    rows = invitations_of(by)
    invitation = access_row(rows, user=by, right=Right.MANAGE_STAFF, pk=invitation_id)
    if invitation.state != State.PENDING:
        raise InvitationGone(gettext("This invitation was answered before. Nothing was changed."))
    return invitation


def _refuse_foreign(merchant: Merchant, role: str, by: Any) -> None:
    if role not in assignable_roles(by=by, merchant=merchant):
        raise RoleNotYours


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
