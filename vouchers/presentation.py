"""Vouchers in words and shapes for pages: ticket, badge, stamp, tabs, steps of a refund."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, pgettext

from catalog.cards import picture_url, trade_icon
from kernel.clock import now
from kernel.http.badges import Badge
from kernel.http.promises import REFUND_TIME
from kernel.http.templatetags.fmt import datetime_local
from kernel.plaintext import isolate
from payments.models import Refund
from stores.models import Store
from vouchers.handover import collected_at, word_progress
from vouchers.kinds import unit_of
from vouchers.models import Redemption, Voucher
from vouchers.outcome import VoucherState, is_returned, state_of
from vouchers.states import RedemptionState, fresh_state, word_standing
from vouchers.wording import held_sentence

SOON_DAYS = 3
State = Voucher.State


def state_badge(voucher: Voucher) -> Badge:
    """The state of a voucher (of `with_returned`) as it reads (vouchers/outcome.py)."""
    state = state_of(voucher)
    if state == VoucherState.ACTIVE:
        left = voucher.valid_until - now()
        if now() < voucher.valid_from:
            when = datetime_local(voucher.valid_from, voucher.zone)
            return Badge(gettext("Usable from %(when)s") % {"when": when}, "info")
        if left <= dt.timedelta(days=SOON_DAYS):
            return Badge(_ends_in(left), "warn")
    kinds = {
        VoucherState.ACTIVE: "ok",
        VoucherState.HELD: "info",
        VoucherState.EXPIRED: "danger",
        VoucherState.REVOKED: "danger",
        VoucherState.REFUNDING: "info",
        VoucherState.RETURNED: "info",
    }
    return Badge(str(state.label).capitalize(), kinds.get(state, ""))


def stamp(voucher: Voucher) -> str:
    """The word across a QR that is worth nothing any more; "" while it can be shown."""
    words = {
        VoucherState.USED: gettext("Used"),
        VoucherState.RETURNED: pgettext("voucher", "Returned"),
        VoucherState.REFUNDING: gettext("Being refunded"),
        VoucherState.REFUNDED: gettext("Refunded"),
        VoucherState.EXPIRED: gettext("Expired"),
        VoucherState.HELD: gettext("Not usable yet"),
        VoucherState.REVOKED: gettext("Taken back"),
    }
    return words.get(state_of(voucher), "")


def tickets(vouchers: Sequence[Voucher]) -> list[dict[str, Any]]:
    """Vouchers as tickets; one query where goods wait at a store, none otherwise."""
    places = collected_at(voucher for voucher in vouchers if voucher.uses_open)
    return [ticket(voucher, places.get(voucher.pk)) for voucher in vouchers]


def ticket(voucher: Voucher, place: Store | None = None) -> dict[str, Any]:
    """A voucher as templates/components/ticket.html wants it (rows of selectors.wallet).

    ``place`` is the store where goods wait for the guest.

    A usable one needs no badge, it offers its code; nor does a used one, it says when, unless
    its uses were taken back.
    """
    badge = state_badge(voucher)
    note = _used_on(voucher) or _taken_back_on(voucher) or _partly_refunded(voucher)
    plain = badge.kind == "ok" or (bool(note) and voucher.state not in Voucher.SENT_BACK)
    plain = plain and not is_returned(voucher)
    product = voucher.product  # what was given need not be a product of the shop
    return {
        "url": reverse("voucher_detail", args=[voucher.pk]),
        "title": voucher.title,
        "store_name": voucher.merchant.name,
        "valid_until": voucher.last_day,
        "left": ""
        if stamp(voucher) and not voucher.waits_for
        else word_progress(voucher, place=place),
        "state_label": "" if plain else badge.label,
        "state_kind": "" if plain else badge.kind,
        "gift": gift_line(voucher),
        "note": note or held_note(voucher),
        "spent": bool(stamp(voucher)) and not voucher.waits_for,
        "shows_code": not stamp(voucher),
        "picture": picture_url(voucher.cover_small or voucher.cover),  # type: ignore[attr-defined]
        "icon": trade_icon(product.category.trade if product else ""),
    }


def gift_line(voucher: Voucher) -> str:
    """Who gave it (merchant joined); "" for what was bought."""
    if not voucher.is_gift:
        return ""
    return gettext("Gift from %(merchant)s") % {"merchant": isolate(voucher.merchant.name)}


def held_note(voucher: Voucher) -> str:
    """What a held voucher waits for, in a sentence; "" for every other."""
    return held_sentence(voucher.waits_for) if voucher.waits_for else ""


def _partly_refunded(voucher: Voucher) -> str:
    """How much of a refunded voucher had been used; "" where all of it went back."""
    if voucher.state not in Voucher.SENT_BACK or not voucher.uses_used:
        return ""
    words = unit_of(voucher.kind).had_been_used
    return str(words % {"used": voucher.uses_used, "total": voucher.uses_total})


def _used_on(voucher: Voucher) -> str:
    """When a used-up voucher was used; of all others the end of the validity is what counts."""
    last_use = getattr(voucher, "last_use", None)
    if voucher.state != State.USED or last_use is None:
        return ""
    return gettext("Used on %(when)s") % {"when": datetime_local(last_use, voucher.zone)}


def _taken_back_on(voucher: Voucher) -> str:
    """When a gift was taken back (grant joined); its last day means nothing any more."""
    if voucher.state != State.REVOKED or voucher.grant is None or voucher.grant.revoked_at is None:
        return ""
    when = datetime_local(voucher.grant.revoked_at, voucher.zone)
    return gettext("Taken back on %(when)s") % {"when": when}


def wallet_tabs(current: str, counts: dict[str, int], words: str = "") -> list[dict[str, Any]]:
    """The tabs of the wallet for templates/components/tabs.html; a search has one for all."""
    labels = {
        "usable": gettext("Usable"),
        "held": gettext("Not usable yet"),
        "used": gettext("Used"),
        "refunding": gettext("Refunds"),
        "expired": gettext("Expired"),
        "revoked": gettext("Taken back"),
    }
    if words:
        labels = {"all": pgettext("vouchers in every state", "All"), **labels}
    return [
        {
            "label": label,
            "url": f"{reverse('voucher_list')}?{urlencode(_query(tab, words))}",
            "current": tab == current,
            "count": counts[tab],
        }
        for tab, label in labels.items()
        if tab not in RARE_TABS or counts[tab] or tab == current
    ]


RARE_TABS = ("held", "revoked")
"""Shown to whom they hold something for."""


def _query(tab: str, words: str) -> dict[str, str]:
    return {"q": words, "tab": tab} if words else {"tab": tab}


def money_is_back(refund: Refund, voucher: Voucher) -> bool:
    """Whether pages say that the money is back: never before the voucher's own state says so.

    The gateway's answer reaches the refund first and the voucher some moments later; badge, stamp and
    steps tell one story.
    """
    of_voucher = refund.reason in (Refund.Reason.UNUSED, Refund.Reason.EXPIRED)
    waits = of_voucher and voucher.state == State.REFUNDING
    return refund.state == Refund.State.SUCCEEDED and not waits


def refund_steps(refund: Refund, voucher: Voucher) -> list[dict[str, str]]:
    """Where the money is, for templates/components/steps.html."""
    asked = {
        "label": gettext("Refund requested"),
        "note": datetime_local(refund.created_at, voucher.zone),
        "state": "done",
    }
    if money_is_back(refund, voucher):
        note = datetime_local(refund.succeeded_at, voucher.zone)
        return [asked, {"label": gettext("Money returned"), "note": note, "state": "done"}]
    if refund.state == Refund.State.FAILED:
        note = gettext("The payment service refused it. We are looking into it; the money is safe.")
        return [asked, {"label": gettext("Delayed"), "note": note, "state": "failed"}]
    note = str(REFUND_TIME)
    return [asked, {"label": gettext("On its way to you"), "note": note, "state": "now"}]


def outcome_badge(redemption: Redemption) -> Badge:
    """What became of a redemption, in the customer's words."""
    if redemption.undone_at:
        return Badge(gettext("Undone"), "")
    if redemption.returned_uses:
        return standing_badge(fresh_state(redemption), value_fen=redemption.value_fen)
    return Badge(gettext("Redeemed"), "ok")


STANDING_KINDS = {
    RedemptionState.UNDO_OPEN: "warn",
    RedemptionState.PAYABLE: "ok",
    RedemptionState.ON_STATEMENT: "info",
    RedemptionState.PAID_OUT: "ok",
    RedemptionState.UNDONE: "",
    RedemptionState.PARTLY_RETURNED: "info",
    RedemptionState.RETURNED: "info",
}


def standing_badge(standing: str, *, value_fen: int) -> Badge:
    """Where a redemption worth ``value_fen`` stands, for the counter (vouchers/states.py)."""
    state = RedemptionState(standing)
    return Badge(capfirst(str(word_standing(state, value_fen=value_fen))), STANDING_KINDS[state])


def ago(moment: dt.datetime) -> str:
    """How long ago, as one says it at a counter: "12 minutes ago"."""
    minutes = int((now() - moment).total_seconds() // 60)
    if minutes < 1:
        return gettext("Less than a minute ago")
    if minutes < 60:
        text = ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes)
        return text % {"count": minutes}
    hours = minutes // 60
    if hours < 24:
        return ngettext("%(count)s hour ago", "%(count)s hours ago", hours) % {"count": hours}
    days = hours // 24
    return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}


def _ends_in(left: dt.timedelta) -> str:
    if left < dt.timedelta(days=1):
        return gettext("Ends within a day")
    days = left.days
    return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}
