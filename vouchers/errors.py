"""Every refusal of this room, one class per rule (docs/states.md).

The refusals of the counter also carry a ``word``: the large one on the console's result.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal
from vouchers.verdicts import Case, Verdict
from vouchers.wording import sentence, told


class CounterRefusal(Refusal):
    """A code cannot be redeemed here and now; ``kind`` is its colour on the console.

    ``title`` is what the code would have bought, where the voucher is the merchant's own.
    """

    word: Any = _("Refused")
    kind = "refused"
    title = ""


class Judged(CounterRefusal):
    """A verdict of the judge. Its sentence is made where it is read (vouchers/wording.py)."""

    def __init__(self, details: dict[str, Any] | None = None, *, title: str = "") -> None:
        self.details = details or {}
        self.title = title
        super().__init__(lazy(self._say, str)(), **told(self.code, self.details))

    def _say(self) -> str:
        return sentence(self.code, self.details) or str(type(self).message)


class AlreadyRedeemed(Judged):
    """All uses are taken. Details: redeemed_at, store, redeemed_by, uses."""

    code = "already_redeemed"
    word = _("Already redeemed")
    message = _("This voucher has been redeemed already. Nothing more was redeemed.")


class Expired(Judged):
    """Past its last moment. Details: valid_until."""

    code = "expired"
    word = _("Expired")
    message = _("This voucher has expired.")


class NotYetValid(Judged):
    """Before its first moment. Details: valid_from."""

    code = "not_yet_valid"
    word = _("Not valid yet")
    kind = "wait"
    message = _("This voucher is not valid yet.")


class Blackout(Judged):
    """Its terms forbid this moment. Details: rule, usable_from."""

    code = "blackout"
    word = _("Not at this time")
    kind = "wait"
    message = _("The terms of this voucher do not allow this time.")


class WrongStore(Judged):
    """Your merchant's, but not for this store. Details: stores (the first few)."""

    code = "wrong_store"
    word = _("Not at this store")
    message = _("This voucher is for other stores of your business.")


class Refunded(Judged):
    """Details: uses_used, uses_total."""

    code = "refunded"
    word = _("Refunded")
    message = _("This voucher was refunded; the customer has the money back.")


class Refunding(Judged):
    """Details: uses_used, uses_total."""

    code = "refunding"
    word = _("Being refunded")
    message = _("The customer asked for a refund of this voucher and the money is on its way back.")


class Held(Judged):
    """Issued, and not usable before something has happened. Details: waits_for."""

    code = "held"
    word = _("Not usable yet")
    kind = "wait"
    message = _("This voucher is not usable yet. Nothing was redeemed.")


class Revoked(Judged):
    code = "revoked"
    word = _("Taken back")
    message = _("This voucher was a gift, and the business has taken it back.")


class Unknown(CounterRefusal):
    """No such voucher at your merchant, or a QR code that is not genuine."""

    code = "unknown"
    status = 404
    word = _("Unknown code")
    message = _(
        "We can't find this voucher. Check the digits, or scan the code again from the customer's screen."
    )


class NotACode(Unknown):
    """A text that cannot be a voucher's code: a link, a pay code, a number of another kind."""

    word = _("Not a voucher code")
    kind = "wait"
    message = _(
        "This is not a code of a voucher. The right one is the QR code on the customer's voucher "
        "page, or the twelve digits below it."
    )


class WrongLength(NotACode):
    """Digits, but not twelve. Details: digits, wanted."""

    def __init__(self, *, digits: int, wanted: int) -> None:
        message = ngettext(
            "A voucher code has twelve digits, such as 0000 0000 0000; this is %(digits)s digit. "
            "Compare it with the customer's voucher page.",
            "A voucher code has twelve digits, such as 0000 0000 0000; these are %(digits)s "
            "digits. Compare them with the customer's voucher page.",
            digits,
        )
        super().__init__(message % {"digits": digits}, digits=digits, wanted=wanted)


class ScannerLayout(NotACode):
    """Typed by a scanner that is set to another keyboard. Details: layout."""

    word = _("The scanner types wrong letters")

    def __init__(self, *, layout: str) -> None:
        message = gettext(
            "The scanner and this device use different keyboards (%(layout)s). Set both to the "
            "same layout, or type the twelve digits."
        )
        super().__init__(message % {"layout": layout}, layout=layout)


class NoUsesLeft(Judged):
    """More uses were asked for than are left. Details: uses_left, uses_total."""

    code = "no_uses_left"
    word = _("Not enough uses left")
    message = _("This voucher has fewer uses left. Nothing was redeemed.")


class CapReached(Judged):
    """Its terms limit what one guest uses. Details: cap (visit, day, person), most, left, usable_from."""

    code = "cap_reached"
    word = _("Enough for now")
    kind = "wait"
    message = _("The terms limit what one guest can use. Nothing was redeemed.")


_BY_CODE: dict[str, type[Judged]] = {
    kind.code: kind
    for kind in (
        *(AlreadyRedeemed, Expired, NotYetValid, Blackout, WrongStore),
        *(Refunded, Refunding, Held, Revoked, NoUsesLeft, CapReached),
    )
}


def refusal_of(verdict: Verdict, case: Case) -> Judged:
    """What is raised for a verdict; it names what the code would have bought."""
    return _BY_CODE[verdict.code](verdict.details, title=case.voucher.title)


class NonceReused(Refusal):
    """The device named another redemption of this voucher so. Details: redemption."""

    code = "nonce_reused"
    status = 422
    message = _(
        "This nonce names another redemption of this voucher. Nothing was changed; "
        "send a new nonce for each redemption."
    )


class TryLater(CounterRefusal):
    """Too many unknown codes from one person. Details: retry_after_seconds."""

    code = "try_later"
    status = 429
    word = _("Wait a moment")
    kind = "wait"
    message = _("Too many unknown codes were entered. Wait a few minutes, then scan or type again.")


class GrantLimit(Refusal):
    """More gifts than one merchant gives within a day. Details: limit (person or merchant)."""

    code = "grant_limit"
    status = 429
    message = _("This business has given enough gifts today. Nothing was given.")


class GrantUsed(Refusal):
    """A gift that was used, has expired or was taken back before cannot be taken back."""

    code = "grant_used"
    message = _(
        "Only a gift that nobody has used can be taken back, before it expires. Nothing was changed."
    )


class UndoWindowClosed(Refusal):
    """Details: undo_until."""

    code = "undo_window_closed"
    message = _(
        "The time to undo this redemption is over. Nothing was changed; a refund after that is "
        "an after-sales return by the merchant."
    )


class AlreadyReturned(Refusal):
    """Uses of it were taken back after sales: the money is on its way already."""

    code = "already_returned"
    message = _(
        "Uses of this redemption were returned after sales and their money goes back, so it can't be "
        "undone. Nothing was changed."
    )


class NotLatestRedemption(Refusal):
    code = "not_latest_redemption"
    message = _(
        "Another use of this voucher was redeemed after this one. Undo the latest redemption "
        "first. Nothing was changed."
    )


class AlreadyUndone(Refusal):
    code = "already_undone"
    message = _("This redemption has already been undone.")


class NotRefundable(Refusal):
    """Details: reason (a code), until."""

    code = "not_refundable"
    message = _("This voucher cannot be refunded. Nothing was changed.")


class NothingToReturn(Refusal):
    """Details: uses_left to return."""

    code = "nothing_to_return"
    message = _("This redemption has fewer uses that can be taken back. Nothing was changed.")


class PictureTooLarge(Refusal):
    code = "picture_too_large"
    status = 413
    message = _("This picture is too large. Take a smaller one, or type the code.")


class PictureUnreadable(Refusal):
    code = "picture_unreadable"
    status = 400
    message = _("This file is not a picture we can read. Use JPEG, PNG or WebP, or type the code.")


class NoCodeInPicture(Refusal):
    code = "no_code_in_picture"
    status = 400
    message = _(
        "We found no QR code in this picture. Come closer, avoid reflections, or type the code."
    )


class NothingToShow(Refusal):
    """The code is used, expired or refunded: no picture, sheet or calendar entry of it."""

    code = "nothing_to_show"
    message = _(
        "This voucher cannot be used any more, so there is nothing to save. Its page says what happened to it."
    )


class RebateTooLate(Refusal):
    """A voucher gets cheaper only while nothing of it was used, and never by more than its price.

    Details: state, paid_fen.
    """

    code = "rebate_too_late"
    message = _(
        "This voucher can't get cheaper any more: part of it was used, it has ended, or it "
        "costs less than that. Nothing was changed."
    )


class ReturnBeyondLimits(Refusal):
    """Too old, too much or not covered for a merchant's own people. Details: limit."""

    code = "return_beyond_limits"
    message = _(
        "Only the platform can take this back: write to us with the order number. "
        "Nothing was changed."
    )
