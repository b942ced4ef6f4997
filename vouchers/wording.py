"""Verdicts in sentences, for the page and the API: made where somebody reads them.

`sentence` is for people, `told` for machines: the same facts, ready for JSON.
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

Facts = dict[str, Any]


def sentence(code: str, facts: Facts) -> str:
    """What a verdict says, in the active language; "" where the code's own sentence says it all."""
    word = _SENTENCES.get(code)
    return word(facts) if word else ""


def told(code: str, facts: Facts) -> Facts:
    """The facts of a verdict as the API gives them."""
    tell = _TOLD.get(code)
    return tell(facts) if tell else {}


def _already_redeemed(facts: Facts) -> str:
    last = facts["last"]
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


def _tell_last(facts: Facts) -> Facts:
    last = facts["last"]
    if last is None:
        return {}
    return {
        "redeemed_at": last.occurred_at.isoformat(),
        "store": {"id": last.store_id, "name": last.store.name},
        "redeemed_by": last.staff.display_name,
        "redemption": last.pk,
        "uses": last.uses,
    }


def _expired(facts: Facts) -> str:
    when = datetime_local(facts["valid_until"], facts["zone"])
    return gettext("This voucher was valid until %(when)s.") % {"when": when}


def _not_yet_valid(facts: Facts) -> str:
    when = datetime_local(facts["valid_from"], facts["zone"])
    return gettext("This voucher is valid from %(when)s on.") % {"when": when}


def _wrong_store(facts: Facts) -> str:
    more = facts["more"]
    names = gettext(", ").join(isolate(store.name) for store in facts["stores"])
    if facts["set_aside"]:
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


def _blackout(facts: Facts) -> str:
    rule, free = explain_blackout(facts["rule"]), facts["usable_from"]
    if free is None:
        text = gettext("The terms say: %(rule)s The voucher ends before its next free time.")
        return text % {"rule": rule}
    text = gettext("The terms say: %(rule)s It can be used again from %(when)s on.")
    return text % {"rule": rule, "when": datetime_local(free, facts["zone"])}


def _tell_blackout(facts: Facts) -> Facts:
    free = facts["usable_from"]
    return {"rule": explain_blackout(facts["rule"]), "usable_from": free and free.isoformat()}


def _no_uses_left(facts: Facts) -> str:
    words = unit_of(facts["kind"]).asked
    return str(words % {"asked": facts["asked"], "left": facts["uses_left"]})


def _refunded(facts: Facts) -> str:
    """What came back of a card that was used in part; of others the code's own sentence tells all."""
    return str(unit_of(facts["kind"]).refunded % facts) if facts["used"] else ""


def _refunding(facts: Facts) -> str:
    return str(unit_of(facts["kind"]).refunding % facts) if facts["used"] else ""


def _tell_uses(facts: Facts) -> Facts:
    return {"uses_used": facts["used"], "uses_total": facts["total"]}


def _cap_reached(facts: Facts) -> str:
    left, free = facts["left"], facts["usable_from"]
    if left:
        more = gettext("%(left)s can be redeemed now. Redeem fewer uses.") % {"left": left}
    elif free:
        more = gettext("The next can be redeemed from %(when)s on.") % {
            "when": datetime_local(free, facts["zone"])
        }
    else:
        more = gettext("No more can be redeemed; what is unused goes back as its terms say.")
    text = gettext("%(rule)s Nothing was redeemed. %(more)s")
    return text % {"rule": cap_sentence(facts["cap"], facts["most"]), "more": more}


def _tell_cap(facts: Facts) -> Facts:
    free = facts["usable_from"]
    return {name: facts[name] for name in ("cap", "most", "left")} | {
        "usable_from": free and free.isoformat()
    }


def held_sentence(waits_for: str) -> str:
    """What a held voucher waits for."""
    return {
        Voucher.Wait.GROUP: gettext("It can be used once the group is full."),
        Voucher.Wait.BALANCE: gettext("It can be used once the balance is paid."),
        Voucher.Wait.BOOKING: gettext("It can be used once the booking is confirmed."),
    }[Voucher.Wait(waits_for)]


def _held(facts: Facts) -> str:
    text = gettext("This voucher is not usable yet. %(reason)s Nothing was redeemed.")
    return text % {"reason": held_sentence(facts["waits_for"])}


def _moment(name: str) -> Callable[[Facts], Facts]:
    return lambda facts: {name: facts[name].isoformat()}


_SENTENCES: dict[str, Callable[[Facts], str]] = {
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
_TOLD: dict[str, Callable[[Facts], Facts]] = {
    "already_redeemed": _tell_last,
    "expired": _moment("valid_until"),
    "not_yet_valid": _moment("valid_from"),
    "wrong_store": lambda facts: {
        "stores": [{"id": store.pk, "name": store.name} for store in facts["stores"]],
        "set_aside": facts["set_aside"],
    },
    "blackout": _tell_blackout,
    "no_uses_left": lambda facts: {name: facts[name] for name in ("uses_left", "uses_total")},
    "cap_reached": _tell_cap,
    "refunded": _tell_uses,
    "refunding": _tell_uses,
    "held": lambda facts: {"waits_for": facts["waits_for"]},
}
