"""Look up a voucher or a redemption and check the right to it in one step. Other people's rows answer 404."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from kernel.db.prepared import Prepared
from kernel.errors import NotFound, TooManyAttempts
from kernel.http.limits import Hit, hit
from stores.access import access_store_for_staff, lacking_at
from stores.models import Store
from stores.rights import Right, may
from vouchers.codes import Code, read_code
from vouchers.errors import TryLater, Unknown
from vouchers.models import Redemption, Voucher
from vouchers.outcome import with_outcome

UNKNOWN_LIMIT = 20
UNKNOWN_PERIOD_SECONDS = 5 * 60
_SCOPE = "voucher-code"


def access_voucher_for_owner(*, user: Any, voucher_id: int, lock: bool = False) -> Voucher:
    """Return the person's own voucher, terms and merchant joined; raises NotFound.

    Its components and its outcome (vouchers/outcome.py) are read along. ``lock`` takes the
    voucher's row (docs/locking.md: after its payments).
    """
    vouchers = with_outcome(Voucher.objects.with_components().filter(owner_id=user.pk))
    vouchers = vouchers.select_related("terms", "merchant")
    if lock:
        vouchers = vouchers.select_for_update(of=("self",), no_key=True)
    voucher = vouchers.filter(pk=voucher_id).first()
    if voucher is None:
        raise NotFound
    return voucher


def access_voucher_for_staff(*, staff: Any, store: Store, code: str, lock: bool = False) -> Voucher:
    """Return the voucher that ``code`` (typed digits or a scanned QR text) names.

    ``store`` was reached through `access_store_for_staff`; a voucher of another merchant is
    unknown. One query, terms joined; with ``lock`` it takes the row and reads the components,
    without it the owner is joined. Raises Unknown (NotACode for what cannot be a code), and TryLater when this
    person guessed UNKNOWN_LIMIT codes within the period. Only what may be a guess is counted:
    neither the pay code beside the till nor a genuine code of another business.
    """
    named = read_code(code)
    guess = _count_guess(staff) if named.is_guess else None
    voucher = _find(store.merchant_id, named, lock)
    if voucher is None:
        raise Unknown
    if guess is not None:
        guess.give_back()
    return voucher


def find_by_code(vouchers: QuerySet[Voucher], code: str, *, person: Any) -> QuerySet[Voucher]:
    """Those of ``vouchers`` with the whole ``code``; a wrong one counts as a guess at the counter does.

    Raises TryLater, until the period is over, for a person who guessed too often.
    """
    guess = _count_guess(person)
    found = vouchers.filter(code=code)
    if found.exists():
        guess.give_back()
    return found


def _count_guess(staff: Any) -> Hit:
    """Count a code that may be made up before it is looked at. Raises TryLater."""
    try:
        return hit(
            _SCOPE, str(staff.pk), limit=UNKNOWN_LIMIT, period_seconds=UNKNOWN_PERIOD_SECONDS
        )
    except TooManyAttempts as refusal:
        raise TryLater(**refusal.extra) from refusal


def access_redemption_for_staff(
    *, user: Any, redemption_id: int, right: Right = Right.REDEEM
) -> Redemption:
    """Return a redemption of a store where ``user`` may redeem (or undo); raises NotFound.

    Joined: store, staff, voucher and its terms.
    """
    redemption = (
        Redemption.objects.select_related("store", "staff", "voucher__terms")
        .filter(pk=redemption_id)
        .first()
    )
    if redemption is None:
        raise NotFound
    access_store_for_staff(user=user, store_id=redemption.store_id, right=right)
    return redemption


def access_redemption_to_take_back(*, user: Any, redemption_id: int) -> Redemption:
    """Return a redemption that ``user`` may take back after sales; raises `lacking_at` its store.

    A store that is closed since counts: its guests still come back.
    """
    redemption = Redemption.objects.filter(pk=redemption_id).first()
    if redemption is None:
        raise NotFound
    if not may(user, Right.TAKE_BACK, store_id=redemption.store_id):
        raise lacking_at(user, Right.TAKE_BACK, store_id=redemption.store_id)
    return redemption


def _vouchers_at_counter(merchant_id: int, lock: bool) -> QuerySet[Voucher]:
    vouchers = Voucher.objects.filter(merchant_id=merchant_id).order_by()
    if lock:
        vouchers = vouchers.select_related("terms").with_components()
        return vouchers.select_for_update(of=("self",), no_key=True)
    return vouchers.select_related("terms", "owner")


def _prepare(lock: bool) -> tuple[Prepared[Voucher], Prepared[Voucher]]:
    """The two ways to a voucher of a merchant: by QR (id and version) and by typed code."""
    return (
        Prepared(
            lambda merchant_id, pk, version: _vouchers_at_counter(merchant_id, lock).filter(
                pk=pk, qr_version=version
            ),
            int,
            int,
            int,
        ),
        Prepared(
            lambda merchant_id, code: _vouchers_at_counter(merchant_id, lock).filter(code=code),
            int,
            str,
        ),
    )


_LOOK, _LOCK = _prepare(lock=False), _prepare(lock=True)


def _find(merchant_id: int, named: Code, lock: bool) -> Voucher | None:
    by_qr, by_code = _LOCK if lock else _LOOK
    if named.reading is not None:
        return by_qr.first(merchant_id, named.reading.voucher_id, named.reading.version)
    return by_code.first(merchant_id, named.digits) if named.digits else None
