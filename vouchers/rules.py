"""May this voucher be redeemed here and now? One judge for preview and redemption."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext, ngettext

from kernel.http.templatetags.fmt import datetime_local
from kernel.plaintext import isolate
from stores.models import Store
from vouchers.errors import (
    AlreadyRedeemed,
    Blackout,
    CounterRefusal,
    Expired,
    Held,
    NotYetValid,
    NoUsesLeft,
    Refunded,
    Refunding,
    Revoked,
    WrongStore,
)
from vouchers.models import Redemption, Voucher
from vouchers.terms import Terms, explain_blackout

_STORES_TOLD = 5
_CLOSED_STATES: dict[str, type[CounterRefusal]] = {
    Voucher.State.REFUNDED: Refunded,
    Voucher.State.REFUNDING: Refunding,
    Voucher.State.HELD: Held,
    Voucher.State.REVOKED: Revoked,
}


def judge(
    *, voucher: Voucher, terms: Terms, store: Store, moment: dt.datetime, uses: int
) -> CounterRefusal | None:
    """Return the one reason why ``uses`` uses cannot be redeemed at ``store``, or None.

    Order (docs/states.md): state, used up, validity, store, blackout, uses left. No query
    when the answer is yes; facts for people cost one where it is no.
    """
    refusal = _reason(voucher, terms, store, moment, uses)
    if refusal:
        refusal.title = voucher.title
    return refusal


def _reason(
    voucher: Voucher, terms: Terms, store: Store, moment: dt.datetime, uses: int
) -> CounterRefusal | None:
    if voucher.state in _CLOSED_STATES:
        return _CLOSED_STATES[voucher.state]()
    if voucher.state == Voucher.State.EXPIRED:
        return _expired(voucher, store)
    if voucher.uses_left == 0:
        return _already_redeemed(voucher)
    if moment < voucher.valid_from:
        return _not_yet_valid(voucher, store)
    if moment >= voucher.valid_until:
        return _expired(voucher, store)
    if not terms.allows_store(store.pk):
        return _wrong_store(terms)
    if terms.blackout and terms.blackout_at(moment, store.zone):
        return _blackout(voucher, terms, store, moment)
    if uses > voucher.uses_left:
        return _no_uses_left(voucher, uses)
    return None


def _already_redeemed(voucher: Voucher) -> CounterRefusal:
    last = (
        Redemption.objects.filter(voucher_id=voucher.pk, undone_at__isnull=True)
        .select_related("store", "staff")
        .order_by("-first_use")
        .first()
    )
    if last is None:
        return AlreadyRedeemed()
    facts = {
        "when": datetime_local(last.redeemed_at, last.store.zone),
        "where": isolate(last.store.name),
        "who": isolate(last.staff.display_name),
    }
    return AlreadyRedeemed(
        gettext(
            "Redeemed already on %(when)s at %(where)s by %(who)s. Nothing more was redeemed. "
            "Ask the customer for another voucher."
        )
        % facts,
        redeemed_at=last.redeemed_at.isoformat(),
        store={"id": last.store_id, "name": last.store.name},
        redeemed_by=last.staff.display_name,
        redemption=last.pk,
        uses=last.uses,
    )


def _expired(voucher: Voucher, store: Store) -> CounterRefusal:
    when = datetime_local(voucher.valid_until, store.zone)
    return Expired(
        gettext("This voucher was valid until %(when)s.") % {"when": when},
        valid_until=voucher.valid_until.isoformat(),
    )


def _not_yet_valid(voucher: Voucher, store: Store) -> CounterRefusal:
    when = datetime_local(voucher.valid_from, store.zone)
    return NotYetValid(
        gettext("This voucher is valid from %(when)s on.") % {"when": when},
        valid_from=voucher.valid_from.isoformat(),
    )


def _wrong_store(terms: Terms) -> CounterRefusal:
    ids = sorted(terms.store_ids or ())
    stores = list(Store.objects.filter(pk__in=ids[:_STORES_TOLD]).order_by("id"))
    more = len(ids) - len(stores)
    names = gettext(", ").join(store.name for store in stores)
    text = (
        ngettext(
            "This voucher is for %(names)s and %(more)s more store.",
            "This voucher is for %(names)s and %(more)s more stores.",
            more,
        )
        if more
        else gettext("This voucher is for %(names)s only.")
    )
    return WrongStore(
        text % {"names": names, "more": more},
        stores=[{"id": store.pk, "name": store.name} for store in stores],
    )


def _blackout(
    voucher: Voucher, terms: Terms, store: Store, moment: dt.datetime
) -> CounterRefusal | None:
    rule = terms.blackout_at(moment, store.zone)
    if rule is None:
        return None
    sentence = explain_blackout(rule)
    free = terms.usable_from(moment, store.zone)
    if free is None or free >= voucher.valid_until:
        text = gettext("The terms say: %(rule)s The voucher ends before its next free time.")
        return Blackout(text % {"rule": sentence}, rule=sentence, usable_from=None)
    text = gettext("The terms say: %(rule)s It can be used again from %(when)s on.")
    return Blackout(
        text % {"rule": sentence, "when": datetime_local(free, store.zone)},
        rule=sentence,
        usable_from=free.isoformat(),
    )


def _no_uses_left(voucher: Voucher, uses: int) -> CounterRefusal:
    text = ngettext(
        "%(asked)s uses were asked for and %(left)s is left. Nothing was redeemed. "
        "Redeem fewer uses.",
        "%(asked)s uses were asked for and %(left)s are left. Nothing was redeemed. "
        "Redeem fewer uses.",
        voucher.uses_left,
    )
    return NoUsesLeft(
        text % {"asked": uses, "left": voucher.uses_left},
        uses_left=voucher.uses_left,
        uses_total=voucher.uses_total,
    )
