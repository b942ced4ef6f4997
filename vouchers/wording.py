"""Verdicts in sentences, for the page and the API: made where somebody reads them.

`sentence` is for people, `told` for machines: the same details, ready for JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext, ngettext

from kernel.http.templatetags.fmt import datetime_local
from kernel.plaintext import isolate
from vouchers.explain import explain_blackout
from vouchers.kinds import unit_of
from vouchers.models import Voucher
from vouchers.units import cap_sentence

Details = dict[str, Any]


def sentence(code: str, details: Details) -> str:
    """What a verdict says, in the active language; "" where the code's own sentence says it all."""
    word = _SENTENCES.get(code)
    return word(details) if word else ""


def told(code: str, details: Details) -> Details:
    """The details of a verdict as the API gives them."""
    tell = _TOLD.get(code)
    return tell(details) if tell else {}


def _already_redeemed(details: Details) -> str:
    last = details["last"]
    if last is None:
        return ""
    if last.returned_uses >= last.uses:
        text = gettext(
            "Redeemed on %(when)s at %(where)s by %(who)s and taken back after that: the customer has the "
            "money back. Nothing more was redeemed."
        )
    else:
        text = gettext(
            "Redeemed already on %(when)s at %(where)s by %(who)s. Nothing more was redeemed. "
            "Ask the customer for another voucher."
        )
    return text % {
        "when": datetime_local(last.occurred_at, last.store.zone),
        "where": isolate(last.store.name),
        "who": isolate(last.staff.display_name),
    }


def _tell_last(details: Details) -> Details:
    last = details["last"]
    if last is None:
        return {}
    return {
        "redeemed_at": last.occurred_at.isoformat(),
        "store": {"id": last.store_id, "name": last.store.name},
        "redeemed_by": last.staff.display_name,
        "redemption": last.pk,
        "uses": last.uses,
    }


def _expired(details: Details) -> str:
    when = datetime_local(details["valid_until"], details["zone"])
    return gettext("This voucher was valid until %(when)s.") % {"when": when}


def _not_yet_valid(details: Details) -> str:
    when = datetime_local(details["valid_from"], details["zone"])
    return gettext("This voucher is valid from %(when)s on.") % {"when": when}


def _wrong_store(details: Details) -> str:
    more = details["more"]
    names = gettext(", ").join(isolate(store.name) for store in details["stores"])
    if details["set_aside"]:
        text = gettext(
            "To be collected at %(names)s: its pieces were set aside there. Nothing was redeemed."
        )
        return text % {"names": names}
    text = (
        ngettext(
            "This voucher is for %(names)s and %(more)s more store.",
            "This voucher is for %(names)s and %(more)s more stores.",
            more,
        )
        if more
        else gettext("This voucher is for %(names)s only.")
    )
    return text % {"names": names, "more": more}


def _blackout(details: Details) -> str:
    rule, free = explain_blackout(details["rule"]), details["usable_from"]
    if free is None:
        text = gettext("The terms say: %(rule)s The voucher ends before its next free time.")
        return text % {"rule": rule}
    text = gettext("The terms say: %(rule)s It can be used again from %(when)s on.")
    return text % {"rule": rule, "when": datetime_local(free, details["zone"])}


def _tell_blackout(details: Details) -> Details:
    free = details["usable_from"]
    return {"rule": explain_blackout(details["rule"]), "usable_from": free and free.isoformat()}


def _no_uses_left(details: Details) -> str:
    words = unit_of(details["kind"]).asked
    return str(words % {"asked": details["asked"], "left": details["uses_left"]})


def _refunded(details: Details) -> str:
    """What came back of a card that was used in part; of others the code's own sentence tells all."""
    return str(unit_of(details["kind"]).refunded % details) if details["used"] else ""


def _refunding(details: Details) -> str:
    return str(unit_of(details["kind"]).refunding % details) if details["used"] else ""


def _tell_uses(details: Details) -> Details:
    return {"uses_used": details["used"], "uses_total": details["total"]}


def _cap_reached(details: Details) -> str:
    left, free = details["left"], details["usable_from"]
    if left:
        more = gettext("%(left)s can be redeemed now. Redeem fewer uses.") % {"left": left}
    elif free:
        more = gettext("The next can be redeemed from %(when)s on.") % {
            "when": datetime_local(free, details["zone"])
        }
    else:
        more = gettext("No more can be redeemed; what is unused goes back as its terms say.")
    text = gettext("%(rule)s Nothing was redeemed. %(more)s")
    return text % {"rule": cap_sentence(details["cap"], details["most"]), "more": more}


def _tell_cap(details: Details) -> Details:
    free = details["usable_from"]
    return {name: details[name] for name in ("cap", "most", "left")} | {
        "usable_from": free and free.isoformat()
    }


def held_sentence(waits_for: str) -> str:
    """What a held voucher waits for."""
    return {
        Voucher.Wait.GROUP: gettext("It can be used once the group is full."),
        Voucher.Wait.BALANCE: gettext("It can be used once the balance is paid."),
        Voucher.Wait.BOOKING: gettext("It can be used once the booking is confirmed."),
    }[Voucher.Wait(waits_for)]


def _held(details: Details) -> str:
    text = gettext("This voucher is not usable yet. %(reason)s Nothing was redeemed.")
    return text % {"reason": held_sentence(details["waits_for"])}


def _moment(name: str) -> Callable[[Details], Details]:
    return lambda details: {name: details[name].isoformat()}


_SENTENCES: dict[str, Callable[[Details], str]] = {
    "already_redeemed": _already_redeemed,
    "expired": _expired,
    "not_yet_valid": _not_yet_valid,
    "wrong_store": _wrong_store,
    "blackout": _blackout,
    "no_uses_left": _no_uses_left,
    "refunded": _refunded,
    "refunding": _refunding,
    "held": _held,
    "cap_reached": _cap_reached,
}
_TOLD: dict[str, Callable[[Details], Details]] = {
    "already_redeemed": _tell_last,
    "expired": _moment("valid_until"),
    "not_yet_valid": _moment("valid_from"),
    "wrong_store": lambda details: {
        "stores": [{"id": store.pk, "name": store.name} for store in details["stores"]],
        "set_aside": details["set_aside"],
    },
    "blackout": _tell_blackout,
    "no_uses_left": lambda details: {name: details[name] for name in ("uses_left", "uses_total")},
    "cap_reached": _tell_cap,
    "refunded": _tell_uses,
    "refunding": _tell_uses,
    "held": lambda details: {"waits_for": details["waits_for"]},
}
