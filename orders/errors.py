"""What orders refuse, one class per rule."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import InvalidInput, Refusal


class EmptyOrder(InvalidInput):
    """An order without lines."""

    code = "order_empty"
    message = _("There is nothing to order. Add something to your basket first.")


class TooManyLines(InvalidInput):
    """More different offers than one order takes; ``limit`` says how many."""

    code = "too_many_lines"
    message = _("One order can't hold this many different deals. Split them into two orders.")


class QuantityOutOfRange(InvalidInput):
    """A quantity below one or above ``limit`` for ``offer``."""

    code = "quantity_out_of_range"
    message = _("One order can't hold this quantity. Choose a smaller one.")


class AmountTooLarge(InvalidInput):
    """The total is above the largest amount of one order (``limit_fen``)."""

    code = "amount_too_large"
    message = _("This order is too large to be paid at once. Split it into smaller ones.")


class BasketChanged(Refusal):
    """The basket no longer holds the lines that the buyer saw."""

    code = "basket_changed"
    message = _(
        "Your basket changed while this page was open. Nothing was ordered; "
        "check the new total and order again."
    )


class QuoteChanged(Refusal):
    """A quote that the buyer agreed to is no longer true.

    ``changes`` says what differs: line, field, old, new; line "" is the whole order.
    """

    code = "quote_changed"
    message = _(
        "A price changed after you saw it. Nothing was ordered; check what changed and order again."
    )
    unreadable = _(
        "This is no digest of a quote. Send it back as you got it, or ask for a new one."
    )


class DepositNotAPart(InvalidInput):
    """A deposit of nothing, of all the goods (``goods_fen``) or more, or whose balance is due before it."""

    code = "deposit_not_a_part"
    message = _(
        "A deposit is a part of what the goods cost, and the rest is due after it. "
        "Nothing was ordered; pay the whole order, or ask for another deposit."
    )


class OrderAlreadyPaid(Refusal):
    """The order is paid."""

    code = "order_paid"
    message = _("This order is already paid. You will find its vouchers on the order's page.")


class DepositPaid(OrderAlreadyPaid):
    """The deposit of the order is paid: it has vouchers, which wait for the balance."""

    code = "deposit_paid"
    message = _(
        "The deposit of this order is paid, so it can't be cancelled. Ask for a refund of its vouchers; "
        "each says whether its deposit goes back."
    )


class OrderClosed(Refusal):
    """The order was cancelled, sent back or not paid in time; ``state`` says which."""

    code = "order_closed"
    message = _(
        "This order is closed: there is nothing to pay. Place a new order if you still want it."
    )
