"""What the catalog room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class OfferNotRunning(Refusal):
    """The offer has ended, has not begun, is used up, or its product is off sale."""

    code = "offer_not_running"
    message = _("This offer is not running now. Nothing was ordered; choose another offer.")


class SoldOut(Refusal):
    """Less stock than wanted. ``available`` says how many are left."""

    code = "sold_out"
    message = _("There are not enough left. Nothing was ordered; lower the quantity.")


class StoreNeeded(Refusal):
    """The variant is counted by store, and no store was chosen. Facts: variant."""

    code = "store_needed"
    field = "store"
    message = _(
        "Choose the store where you collect it: each store has its own pieces. Nothing was ordered."
    )


class StockByStore(Refusal):
    """The number for the web cannot be typed: it follows from what the stores have."""

    code = "stock_by_store"
    field = "available"
    message = _("This product is counted by store. Count or receive it there. Nothing was changed.")


class NotByStore(Refusal):
    """A store's level of a variant that has one number for the web."""

    code = "not_by_store"
    message = _(
        "This product has one number for all stores. Turn on counting by store first. "
        "Nothing was changed."
    )


class NotHandedOver(Refusal):
    """Pieces for a store that the product does not name: nobody could be sold them there."""

    code = "not_handed_over"
    field = "store"
    message = _(
        "This store does not hand the product over. Add it to the product's stores first, or take "
        "another store. Nothing was changed."
    )


class TooManyPieces(Refusal):
    """More pieces, or fewer below zero, than a number here holds."""

    code = "too_many_pieces"
    field = "delta"
    message = _("There would be more pieces than can be counted. Nothing was recorded for it.")


class NotEnoughToSend(Refusal):
    """A transfer of more pieces than the store has. ``available`` says how many."""

    code = "not_enough_to_send"
    field = "quantity"
    message = _("The store has fewer pieces than that. Nothing was sent; lower the number.")


class QuotaGone(Refusal):
    """The limited-time quota holds less than wanted. ``remaining`` says how many are left."""

    code = "quota_gone"
    message = _(
        "The pieces at this price are gone. Nothing was ordered; "
        "lower the quantity or take the usual price."
    )


class PersonLimitReached(Refusal):
    """The buyer would hold more of the offer than one person may."""

    code = "person_limit_reached"
    message = _("You have reached the limit per person of this offer. Nothing was ordered.")


class CategoryNotAllowed(Refusal):
    """The platform has not opened the category to the merchant."""

    code = "category_not_allowed"
    field = "category"
    message = _(
        "Your business may not sell in this category. Nothing was changed; "
        "choose another one or ask the platform."
    )


class NothingToSell(Refusal):
    """A product without an active price cannot be put on sale."""

    code = "nothing_to_sell"
    field = "state"
    message = _("Give the product a price before you put it on sale. Nothing was changed.")


class BadPicture(Refusal):
    """The file is no picture that we can read."""

    code = "bad_picture"
    status = 400
    message = _("This file is not a JPEG, PNG or WebP picture. Choose another file.")
