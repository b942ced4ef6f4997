"""May this voucher be redeemed here and now? One judge for preview and redemption."""

from __future__ import annotations

from typing import Any

from stores.models import Store
from vouchers.caps import judge_caps
from vouchers.kinds import KINDS
from vouchers.models import Redemption, Voucher
from vouchers.verdicts import Case, Verdict

STORES_TOLD = 5
_CLOSED = (Voucher.State.REFUNDED, Voucher.State.REFUNDING, Voucher.State.REVOKED)


def judge(case: Case) -> Verdict | None:
    """Return the one reason why the uses cannot be redeemed, or None for a yes.

    Order (docs/states.md): state, used up, validity, store, blackout, the kind's own rule, caps.
    No query when the answer is yes, one where the terms have caps; details cost one where it is no.
    """
    voucher, terms = case.voucher, case.terms
    if voucher.state in _CLOSED:
        details = {"used": voucher.uses_used, "total": voucher.uses_total, "kind": voucher.kind}
        return Verdict(voucher.state, details)
    if voucher.state == Voucher.State.HELD:
        return Verdict("held", {"waits_for": voucher.held_for})
    if voucher.state == Voucher.State.EXPIRED:
        return _expired(case)
    if voucher.uses_left == 0:
        return Verdict("already_redeemed", {"last": _last_redemption(voucher)})
    if case.moment < voucher.valid_from:
        return Verdict("not_yet_valid", {"valid_from": voucher.valid_from, "zone": case.store.zone})
    if case.moment >= voucher.valid_until:
        return _expired(case)
    if not terms.allows_store(case.store.pk):
        return Verdict("wrong_store", _stores(case))
    if terms.blackout and (refused := _blackout(case)):
        return refused
    return KINDS[voucher.kind].judge(case) or judge_caps(case)


def _expired(case: Case) -> Verdict:
    return Verdict("expired", {"valid_until": case.voucher.valid_until, "zone": case.store.zone})


def _last_redemption(voucher: Voucher) -> Redemption | None:
    standing = Redemption.objects.filter(voucher_id=voucher.pk, undone_at__isnull=True)
    return standing.select_related("store", "staff").order_by("-first_use").first()


def _stores(case: Case) -> dict[str, Any]:
    ids = sorted(case.terms.store_ids or ())
    stores = list(Store.objects.filter(pk__in=ids[:STORES_TOLD]).order_by("id"))
    set_aside = case.terms.collect_at is not None
    return {"stores": stores, "more": len(ids) - len(stores), "set_aside": set_aside}


def _blackout(case: Case) -> Verdict | None:
    zone = case.store.zone
    rule = case.terms.blackout_at(case.moment, zone)
    if rule is None:
        return None
    free = case.terms.usable_from(case.moment, zone)
    in_time = free is not None and free < case.voucher.valid_until
    details = {"rule": rule, "usable_from": free if in_time else None, "zone": zone}
    return Verdict("blackout", details)
