"""How far goods and vouchers are on their way to the guest: the same words for order, wallet, counter and API."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from kernel.plaintext import isolate
from stores.models import Store
from vouchers.kinds import unit_of, word_uses_left
from vouchers.models import Voucher
from vouchers.terms import terms_of


def word_handover(*, pickup: bool, done: int, pieces: int) -> str:
    """So many of so many were collected, or used."""
    counted = {"done": done, "pieces": pieces}
    if not done:
        return _("To be collected") if pickup else _("Not used yet")
    if done < pieces:
        if pickup:
            return _("%(done)d of %(pieces)d collected") % counted
        return _("%(done)d of %(pieces)d used") % counted
    return _("Collected") if pickup else _("Used")


def word_progress(voucher: Voucher, *, here: int | None = None, place: Store | None = None) -> str:
    """How far a voucher (terms joined) is; of goods also where the rest waits, where one store has it.

    ``here`` is the store that asks, ``place`` the one that its pieces were set aside at, where it
    was read. Cards say what is left; "" of a single voucher, and of goods that nobody collects
    any more. No query.
    """
    if voucher.kind != Voucher.Kind.PICKUP:
        return word_uses_left(voucher)
    done, total = voucher.uses_used, voucher.uses_total
    if done >= total:
        return word_handover(pickup=True, done=done, pieces=total)
    if not voucher.uses_open:
        return word_uses_left(voucher)
    at_home = here is not None and terms_of(voucher).collect_at == here
    if done:
        said = word_handover(pickup=True, done=done, pieces=total)
        rest = _rest(at_home, place)
        return f"{said} · {rest}" if rest else said
    said = _waiting(at_home, place)
    return said if total == 1 else f"{said} · {unit_of(voucher.kind).counted % {'count': total}}"


def collected_at(vouchers: Iterable[Voucher]) -> dict[int, Store]:
    """The store of each of ``vouchers`` (terms joined) whose pieces were set aside at one; by voucher.

    One query, none where nothing is set aside.
    """
    wanted = {
        voucher.pk: store_id
        for voucher in vouchers
        if voucher.kind == Voucher.Kind.PICKUP and (store_id := terms_of(voucher).collect_at)
    }
    if not wanted:
        return {}
    stores = Store.objects.in_bulk(set(wanted.values()))
    return {pk: stores[store_id] for pk, store_id in wanted.items() if store_id in stores}


def _waiting(at_home: bool, place: Store | None) -> str:
    if at_home:
        return _("To be collected here")
    if place is not None:
        return _("To be collected at %(store)s") % {"store": isolate(place.name)}
    return _("To be collected")


def _rest(at_home: bool, place: Store | None) -> str:
    if at_home:
        return _("the rest is here")
    return _("the rest is at %(store)s") % {"store": isolate(place.name)} if place else ""
