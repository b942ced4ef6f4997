"""Incidents in words: what happened, what was left out, and what the operator can do about it.

Named by the kind that whoever reports gives (`kernel.watch.services.report_incident`), the longest
beginning that fits: "admin." stands for every column of the back office.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from kernel.watch.models import Incident


class Words(NamedTuple):
    """``happened`` with what was left out, ``advice`` for the operator."""

    happened: Any
    advice: Any


_MEND_PRODUCT = _(
    "Open the product, look for a value that makes no sense, and save it; tell its merchant."
)
_MEND_STORE = _("Open the store, look for a value that makes no sense, and save it.")
_AGAIN = _(
    "It is tried again by itself. If “times” keeps growing, give the technical text below to "
    "whoever maintains the platform."
)
_MAINTAINER = _("Give the technical text below to whoever maintains the platform.")
_MONEY = _(
    "No money is lost: it stays where it was and is tried again by itself. If “times” keeps "
    "growing, give the technical text below to whoever maintains the platform."
)

INCIDENTS: dict[str, Words] = {
    "facts.lost": Words(
        _("Too much of what visitors did waited to be written; the figures miss some of it."),
        _AGAIN,
    ),
    "facts.refused": Words(
        _("What some visitors did could not be written and is missing in the figures."), _MAINTAINER
    ),
    "facts.waiting": Words(
        _("What visitors do could not be written for a while; pages and orders are not touched."),
        _AGAIN,
    ),
    "admin.": Words(
        _("A list of the back office shows “—” in one column of this row."), _MAINTAINER
    ),
    "catalog.": Words(_("A part of a product was left out of its page."), _MEND_PRODUCT),
    "catalog.card": Words(_("A product was left out of lists and searches."), _MEND_PRODUCT),
    "catalog.price": Words(
        _("The price of a product in lists was not brought up to date."), _AGAIN
    ),
    "catalog.stock": Words(
        _(
            "Pieces given back would have made more stock than can be counted; it was set to the most."
        ),
        _("Ask the merchant how many pieces there are, and enter that number."),
    ),
    "catalog.healed": Words(
        _("An upgrade replaced a value of a product that nothing could read."),
        _("Open the product and check dates, prices and terms with its merchant."),
    ),
    "import.": Words(
        _("Some rows of an import were left out."),
        _("Read the report of the import, mend those rows and import the file again."),
    ),
    "members.tidy": Words(_("Old sign-ins and links were not cleared away."), _AGAIN),
    "members.two_spellings": Words(
        _("Two accounts have one e-mail address or phone number in two spellings."),
        _("Ask the person which account to keep; both go on working."),
    ),
    "orders.sweep": Words(_("A regular task for orders did not finish."), _AGAIN),
    "campaigns.end": Words(_("A campaign whose time is over was not ended."), _AGAIN),
    "orders.time_out": Words(
        _("An unpaid order was not closed in time; its goods stay reserved."), _AGAIN
    ),
    "outbox.tidy_up": Words(_("Finished tasks were not cleared away."), _AGAIN),
    "paper": Words(_("A sheet or a picture could not be drawn."), _MAINTAINER),
    "payments.query": Words(_("A payment was not looked up at its gateway."), _MONEY),
    "payments.query_refund": Words(_("A refund was not looked up at its gateway."), _MONEY),
    "payments.reconcile": Words(
        _("The bill of a gateway was not fetched or not compared with our books."), _MONEY
    ),
    "payments.sandbox_message": Words(_("A message of the trial gateway was not taken."), _MONEY),
    "payments.settle": Words(_("A merchant got no statement for this day."), _MONEY),
    "stores.": Words(_("A store was left out of a page or of an answer of the API."), _MEND_STORE),
    "stores.healed": Words(
        _("An upgrade replaced a value of a store or city that nothing could read."), _MEND_STORE
    ),
    "vouchers.expire": Words(
        _("A voucher that has ended was not closed; its money was not sent back yet."), _MONEY
    ),
    "vouchers.release": Words(
        _("The money of a redemption did not become payable to its merchant."), _MONEY
    ),
    "coupons.remind": Words(_("Somebody was not reminded of a coupon that ends soon."), _AGAIN),
    "vouchers.remind": Words(_("A reminder before a voucher ends was not sent."), _AGAIN),
    "vouchers.terms": Words(
        _("A part of the terms of a sold voucher cannot be read and was left out."),
        _("The voucher can be redeemed and refunded. Look at its product with the merchant."),
    ),
    "web.error": Words(_("A page could not be shown: an error of ours."), _MAINTAINER),
    "web.input": Words(
        _("Somebody sent what no page or program of ours sends; it was refused."),
        _(
            "Nothing, if it is rare: strangers try such things. If it is frequent, give the "
            "technical text below to whoever maintains the platform."
        ),
    ),
}
UNKNOWN = Words(_("Something was left out so that the rest could go on."), _MAINTAINER)
WAITED = _(
    "The database took too long to answer, so this was left out; nothing is wrong with the row "
    "itself. It is tried again by itself. If “times” keeps growing, see whether an import, a "
    "report or a backup is running; if not, give the technical text below to whoever maintains "
    "the platform."
)
"""In place of an advice that looks for a bad value."""
_TIMED_OUT = re.compile(
    r"canceling statement due to (?:statement|lock) timeout|connection (?:already closed|timed out)"
    r"|server closed the connection|could not connect to server|connection to server .* failed"
)
_THINGS = {
    "product": _("product"),
    "store": _("store"),
    "voucher": _("voucher"),
    "order": _("order"),
    "payment": _("payment"),
    "refund": _("refund"),
    "redemption": _("redemption"),
    "merchant": _("merchant"),
    "offer": _("offer"),
    "city": _("city"),
    "variant": _("variant"),
}


def words_of(incident: Incident) -> Words:
    """What an incident is called, by the longest beginning of its kind.

    When the database was waited for in vain, the row is as good as any other: it says that.
    """
    fits = [kind for kind in INCIDENTS if incident.kind.startswith(kind)]
    words = INCIDENTS[max(fits, key=len)] if fits else UNKNOWN
    return words._replace(advice=WAITED) if _TIMED_OUT.search(incident.error) else words


def thing_of(incident: Incident) -> str:
    """What it is about: "product 17" of "product:17"; other subjects as they stand."""
    noun, _colon, key = incident.subject.partition(":")
    return f"{_THINGS[noun]} {key}" if noun in _THINGS and key else incident.subject
