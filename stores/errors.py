"""What the stores room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class ApplicationWaiting(Refusal):
    """The person already has an application that waits for a decision."""

    code = "application_waiting"
    message = _(
        "We already have your application and have not decided yet. Nothing was sent again."
    )


class WrongMerchantState(Refusal):
    """The merchant is not in the state that this decision needs; somebody else may have decided."""

    code = "wrong_merchant_state"
    message = _(
        "Somebody has decided on this merchant in the meantime. Nothing was changed; reload the page."
    )


class LastOwner(Refusal):
    """A merchant keeps at least one active owner."""

    code = "last_owner"
    field = "role"
    message = _("A business needs an owner. Name another owner first; nothing was changed.")


class LastPlatformOwner(Refusal):
    """The platform keeps at least one owner whose account is in use."""

    code = "last_platform_owner"
    message = _("The platform needs an owner. Name another owner first; nothing was changed.")


class StoreOfAnotherMerchant(Refusal):
    """A clerk can be given only stores of the clerk's own merchant."""

    code = "store_of_another_merchant"
    status = 400
    field = "stores"
    message = _("One of these stores belongs to another business. Nothing was changed.")


class InvitationGone(Refusal):
    """Answered, withdrawn, expired or never there: the four are told apart by nobody."""

    code = "invitation_gone"
    status = 404
    message = _(
        "This invitation is no longer open. Ask the person who invited you to send it again. "
        "Nothing was changed."
    )


class RoleNotYours(Refusal):
    """Owners give and take every role; managers those of managers and clerks."""

    code = "role_not_yours"
    status = 403
    field = "role"
    message = _(
        "Only an owner of this business can grant or remove this role. Ask an owner; nothing was changed."
    )


class NotTrading(Refusal):
    """The merchant is not approved at the moment: its people read and change nothing."""

    code = "not_trading"
    status = 403
    message = _(
        "This business is suspended or not approved: you can read everything, and change nothing "
        "until the platform opens it again. Nothing was changed."
    )


class RightMissing(Refusal):
    """Somebody works for a business, and their role there may not do this; ``rights`` says in words what."""

    code = "right_missing"
    status = 403
    message = _("Your role lacks the right to do this. Nothing was changed.")


class DeviceCodeWrong(Refusal):
    """Mistyped, used, run out or never made: the four are told apart by nobody."""

    code = "device_code_wrong"
    status = 404
    message = _(
        "This code enrols no device: it was mistyped, used before, or is older than ten minutes. "
        "Ask for a new one; nothing was changed."
    )


class DeviceUnknown(Refusal):
    """A token that no device has: mistyped, or of a device that was enrolled anew."""

    code = "device_unknown"
    status = 403
    message = _(
        "We don't know this device: its token is wrong, or it was enrolled again since. Nothing "
        "was redeemed. Enrol it with a new code."
    )


class DeviceNeeded(Refusal):
    """The store takes redemptions on its own devices only."""

    code = "device_needed"
    status = 403
    message = _(
        "This store redeems on its own devices only, and this is none. Nothing was redeemed. "
        "Enrol it with a code from whoever runs the store, or work on one of its devices."
    )


class DeviceRevoked(Refusal):
    """The device was revoked."""

    code = "device_revoked"
    status = 403
    message = _(
        "This device is no longer enrolled: whoever runs the business has revoked it. Nothing was "
        "redeemed. Have it added as a new device, or work on another one."
    )


class DeviceOfAnotherStore(Refusal):
    """A device belongs to one store."""

    code = "device_of_another_store"
    status = 403
    message = _(
        "This device is enrolled for another store. Nothing was redeemed. Choose the store it "
        "belongs to, or enrol it for this one."
    )


class TooLate(Refusal):
    """A button of the back office that the state of the row no longer offers."""

    code = "too_late"
    message = _(
        "Somebody else was faster, and this is not possible any more. Nothing was saved; "
        "look at the state."
    )


class NotAsker(Refusal):
    """Only who asked takes a request back; everybody else turns it down."""

    code = "not_asker"
    status = 403
    message = _(
        "Somebody else asked for this: it is turned down, not withdrawn. Nothing was changed."
    )


class SecondPersonNeeded(Refusal):
    """One person alone decides nothing of this weight."""

    code = "second_person_needed"
    status = 403
    message = _(
        "This needs a second person: somebody else with the same role must agree to it. "
        "Nothing was changed."
    )


class ApprovalGone(Refusal):
    """Decided before, withdrawn, or older than a week."""

    code = "approval_gone"
    message = _(
        "This request was decided before, withdrawn, or has run out. Nothing was changed; ask again "
        "if it is still wanted."
    )


class AlreadyAsked(Refusal):
    """The very same request waits already."""

    code = "already_asked"
    message = _(
        "%(person)s has asked for exactly this already, and it waits for a second person. Nothing "
        "was changed."
    )

    def __init__(self, *, person: str, approval: int) -> None:
        super().__init__(self.message % {"person": person}, approval=approval)


class AskerLostRight(Refusal):
    """Both people need the right, also the first one when the second one agrees."""

    code = "asker_lost_right"
    message = _(
        "Whoever asked for this no longer has the role for it. Nothing was done. Turn this request "
        "down, and let somebody ask who has the role."
    )


class ApprovalChanged(Refusal):
    """What was agreed to is no longer what would be done."""

    code = "approval_changed"
    message = _(
        "What was asked for has changed since. Nothing was done. Turn this request down, and ask "
        "again with what is true now."
    )
