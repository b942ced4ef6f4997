"""Preview, redeem, undo: what happens at the counter."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from kernel.clock import now
from kernel.db.prepared import Statement
from kernel.errors import InvalidInput, Refusal
from kernel.outbox.services import publish
from payments.services import postings
from stores.access import access_store_for_staff
from stores.device_access import require_device
from stores.models import Device, Store
from stores.rights import Right
from vouchers.access import access_redemption_for_staff, access_voucher_for_staff
from vouchers.caps import lock_guest, most_now
from vouchers.components import portions_of, portions_of_uses, total_of
from vouchers.errors import (
    AlreadyReturned,
    AlreadyUndone,
    CounterRefusal,
    NonceReused,
    NotLatestRedemption,
    TryLater,
    UndoWindowClosed,
    refusal_of,
)
from vouchers.followers import follow_redeemed, follow_undone
from vouchers.models import Redemption, Voucher
from vouchers.rules import judge
from vouchers.terms import Terms, terms_of
from vouchers.verdicts import Case

LONGEST_OFFLINE = dt.timedelta(hours=48)
"""How long ago a redemption may have happened that is told now."""
CLOCK_SKEW = dt.timedelta(minutes=2)
"""How far the clock of a device may be ahead of ours."""


class Scan(NamedTuple):
    """What came from the counter."""

    uses: int
    device: Device | None
    nonce: str | None
    occurred_at: dt.datetime | None


class Preview(NamedTuple):
    """What the clerk sees before confirming; nothing was changed."""

    voucher: Voucher
    store: Store
    terms: Terms
    owner_name: str
    uses_now: int
    """How many uses can be redeemed at once now: fewer than are left where the terms say so."""


def preview_voucher(
    *, staff: Any, store_id: int, code: str, device: Device | None = None
) -> Preview:
    """Show what ``code`` is worth at the store now; no lock, no write.

    Two queries, two more where the terms limit what one guest uses.

    Raises NotFound for a store that is not the person's, DeviceNeeded, and the CounterRefusal
    that `redeem_voucher` would raise for one use.
    """
    store = access_store_for_staff(user=staff, store_id=store_id)
    require_device(store=store, device=device)
    voucher = access_voucher_for_staff(staff=staff, store=store, code=code)
    terms = terms_of(voucher)
    case = Case(voucher, terms, store, now(), uses=1)
    if verdict := judge(case):
        raise refusal_of(verdict, case)
    name = mask_name(voucher.owner.display_name)
    return Preview(voucher, store, terms, name, most_now(case))


def redeem_voucher(
    *,
    staff: Any,
    store_id: int,
    code: str,
    uses: int = 1,
    device: Device | None = None,
    nonce: str | None = None,
    occurred_at: dt.datetime | None = None,
) -> Redemption:
    """Redeem ``uses`` uses of the voucher that ``code`` (typed or scanned) names.

    ``device`` is what it is redeemed on (stores.device_access), recorded with it. ``nonce`` is
    the caller's own name of this redemption, one per voucher: sent again from the same device it
    answers the redemption that it made, undone ones too, and nothing is used twice; from another
    device, or for something else, it is refused. ``occurred_at`` (aware;
    default: now) is when it happened, for who was without a network: at most LONGEST_OFFLINE
    ago and CLOCK_SKEW ahead, which is a clock that is fast and counts as now. The terms are judged
    at that moment.

    Locks: the voucher, then its owner where the terms limit what one guest uses; of a gift what follows it
    (`vouchers.followers`: a coupon and its campaign). Writes: the
    voucher's uses by compare-and-set, the redemption, ledger ``redeem:ID`` (each component to
    pending, docs/money.md), outbox "voucher.redeemed" {redemption_id}. The answer has ``voucher`` (terms
    joined) and ``store`` set.

    Raises NotFound (store), DeviceNeeded, InvalidInput (uses, nonce, occurred_at), Unknown, TryLater,
    NonceReused and the refusals of `vouchers.rules.judge`. A refusal is raised after the block
    that took the lock, so that the caller's transaction stays usable without the price of a
    savepoint.
    """
    if uses < 1:
        raise InvalidInput(fields={"uses": [gettext("Redeem one use or more.")]})
    _judge_nonce(nonce)
    _judge_moment(occurred_at)
    scan = Scan(uses, device, nonce, occurred_at)
    store = access_store_for_staff(user=staff, store_id=store_id)
    require_device(store=store, device=device)
    redemption: Redemption | None = None
    refusal: Refusal | None = None
    with transaction.atomic(savepoint=False):
        try:
            voucher = access_voucher_for_staff(staff=staff, store=store, code=code, lock=True)
        except CounterRefusal as unknown:
            refusal = unknown
        else:
            redemption, refusal = _redeem(voucher, store, staff, scan)
    if redemption is None:
        raise refusal or TryLater
    return redemption


def undo_redemption(*, staff: Any, redemption_id: int, device: Device | None = None) -> Redemption:
    """Take a redemption back inside its undo window.

    Locks: the voucher, then the redemption. Writes: the redemption as undone and the
    voucher's uses by compare-and-set (a used voucher is active again, and expires as
    others do), ledger ``undo:ID``, outbox "redemption.undone" {redemption_id}.

    Raises NotFound (not a store of this person), DeviceNeeded, AlreadyUndone, UndoWindowClosed,
    NotLatestRedemption, or the state's refusal when the rest of the voucher was refunded or
    has expired meanwhile.
    """
    found = access_redemption_for_staff(user=staff, redemption_id=redemption_id, right=Right.UNDO)
    require_device(store=found.store, device=device)
    with transaction.atomic():
        voucher = (
            Voucher.objects.with_components()
            .select_related("terms")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=found.voucher_id)
        )
        redemption = Redemption.objects.select_for_update(of=("self",), no_key=True).get(
            pk=redemption_id
        )
        _check_undo(voucher, redemption, found.store)
        _write_undo(voucher, redemption, staff)
    redemption.voucher, redemption.store, redemption.staff = voucher, found.store, found.staff
    return redemption


def mask_name(name: str) -> str:
    """A name that its bearer recognises and nobody else learns: "Alice Chen" → "A*** C***"."""
    return " ".join(part[0] + "*" * min(3, max(1, len(part) - 1)) for part in name.split())


def _judge_moment(occurred_at: dt.datetime | None) -> None:
    moment = now()
    if occurred_at is None:
        return
    if not moment - LONGEST_OFFLINE <= occurred_at <= moment + CLOCK_SKEW:
        text = gettext(
            "Send when it happened: at most %(hours)d hours ago, and not in the future. "
            "Nothing was redeemed."
        )
        hours = LONGEST_OFFLINE // dt.timedelta(hours=1)
        raise InvalidInput(fields={"occurred_at": [text % {"hours": hours}]})


def _judge_nonce(nonce: str | None) -> None:
    if nonce is not None and not re.fullmatch(r"[!-~]{1,64}", nonce):
        text = gettext("Send a nonce of 1 to 64 letters, digits and signs, without spaces.")
        raise InvalidInput(fields={"nonce": [text]})


def _made_before(
    voucher: Voucher, store: Store, scan: Scan
) -> tuple[Redemption | None, Refusal | None]:
    """The redemption that this nonce has made, or why it cannot be the answer."""
    made = voucher.redemptions.select_related("staff").filter(nonce=scan.nonce).first()
    if made is None:
        return None, None
    device_id = scan.device.pk if scan.device else None
    if (made.store_id, made.uses, made.device_id) != (store.pk, scan.uses, device_id):
        return None, NonceReused(redemption=made.pk)
    # A moment may be told for the first time now: by who was heard, got no answer, and kept it.
    was_told = made.occurred_at != made.redeemed_at
    if was_told and scan.occurred_at not in (None, made.occurred_at):
        return None, NonceReused(redemption=made.pk)
    made.voucher, made.store = voucher, store
    return made, None


def _redeem(
    voucher: Voucher, store: Store, staff: Any, scan: Scan
) -> tuple[Redemption | None, Refusal | None]:
    if scan.nonce is not None:
        made, reused = _made_before(voucher, store, scan)
        if made or reused:
            return made, reused
    moment, uses = now(), scan.uses
    occurred_at = min(scan.occurred_at or moment, moment)
    terms = terms_of(voucher)
    if any(terms.caps):
        lock_guest(voucher)
    case = Case(voucher, terms, store, occurred_at, uses)
    if verdict := judge(case):
        return None, refusal_of(verdict, case)
    portions = portions_of_uses(voucher, voucher.uses_used, uses)
    redemption = Redemption(
        voucher=voucher,
        merchant_id=voucher.merchant_id,
        store=store,
        staff=staff,
        device=scan.device,
        nonce=scan.nonce,
        first_use=voucher.uses_used,
        uses=uses,
        value_fen=total_of(portions),
        redeemed_at=moment,
        occurred_at=occurred_at,
        undo_until=moment + dt.timedelta(minutes=settings.UNDO_WINDOW_MINUTES),
    )
    if not _take_uses(voucher, redemption):
        # Cannot happen behind the lock; if it ever does, say what is true now.
        voucher.refresh_from_db(fields=["state", "uses_used"])
        verdict = judge(case)
        return None, refusal_of(verdict, case) if verdict else None
    postings.redeem(
        redemption_id=redemption.pk,
        merchant_id=redemption.merchant_id,
        voucher_id=redemption.voucher_id,
        parts=[portion.posted for portion in portions],
    )
    if voucher.is_gift:
        follow_redeemed(redemption)
    publish("voucher.redeemed", redemption_id=redemption.pk)
    return redemption, None


_TAKE_USES = Statement(
    "WITH taken AS (UPDATE vouchers_voucher SET uses_used = %s, state = %s"
    " WHERE id = %s AND state = 'active' AND uses_used = %s RETURNING id, merchant_id)"
    " INSERT INTO vouchers_redemption (voucher_id, merchant_id, store_id, staff_id,"
    " device_id, nonce, first_use, uses, value_fen, redeemed_at, occurred_at,"
    " undo_until, returned_uses)"
    " SELECT id, merchant_id, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0 FROM taken"
    " RETURNING id::bigint",
    *("bigint", "text", "bigint", "bigint"),
    *("bigint", "bigint", "bigint", "text"),
    *("bigint", "bigint", "bigint"),
    *("timestamptz", "timestamptz", "timestamptz"),
)


def _take_uses(voucher: Voucher, redemption: Redemption) -> bool:
    """Compare-and-set the voucher's uses and insert the redemption, in one statement.

    False, and nothing written, when the voucher is not what was read.
    """
    before, after = redemption.first_use, redemption.first_use + redemption.uses
    state = Voucher.State.USED if after == voucher.uses_total else Voucher.State.ACTIVE
    made = _TAKE_USES.rows(
        *(after, state.value, voucher.pk, before),
        *(redemption.store_id, redemption.staff_id, redemption.device_id, redemption.nonce),
        *(before, redemption.uses, redemption.value_fen),
        *(redemption.redeemed_at, redemption.occurred_at, redemption.undo_until),
    )
    if not made:
        return False
    redemption.pk, redemption._state.adding = made[0][0], False
    voucher.uses_used, voucher.state = after, state
    return True


def _check_undo(voucher: Voucher, redemption: Redemption, store: Store) -> None:
    if redemption.undone_at:
        raise AlreadyUndone
    if redemption.returned_uses:
        raise AlreadyReturned
    if not redemption.can_undo():
        raise UndoWindowClosed(undo_until=redemption.undo_until.isoformat())
    if redemption.first_use + redemption.uses != voucher.uses_used:
        raise NotLatestRedemption
    over = voucher.state == Voucher.State.ACTIVE and now() >= voucher.valid_until
    if over or voucher.state not in (Voucher.State.ACTIVE, Voucher.State.USED):
        case = Case(voucher, terms_of(voucher), store, now(), uses=1)
        verdict = judge(case)
        raise refusal_of(verdict, case) if verdict else UndoWindowClosed


def _write_undo(voucher: Voucher, redemption: Redemption, staff: Any) -> None:
    moment = now()
    won = Redemption.objects.filter(
        pk=redemption.pk, undone_at__isnull=True, released_at__isnull=True
    ).update(undone_at=moment, undone_by=staff)
    won += Voucher.objects.filter(
        pk=voucher.pk, state=voucher.state, uses_used=voucher.uses_used
    ).update(uses_used=redemption.first_use, state=Voucher.State.ACTIVE)
    if won != 2:
        raise UndoWindowClosed
    redemption.undone_at, redemption.undone_by = moment, staff
    redemption.voucher = voucher
    voucher.uses_used, voucher.state = redemption.first_use, Voucher.State.ACTIVE
    postings.undo(
        redemption_id=redemption.pk,
        merchant_id=redemption.merchant_id,
        voucher_id=redemption.voucher_id,
        parts=[portion.posted for portion in portions_of(redemption)],
    )
    if voucher.is_gift:
        follow_undone(redemption)
    publish("redemption.undone", redemption_id=redemption.pk)
