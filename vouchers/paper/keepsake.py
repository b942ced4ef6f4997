"""What a voucher says when it is taken along, put into words once for calendar, picture and PDF."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils.translation import gettext

from kernel.clock import now
from kernel.http.templatetags.fmt import code_groups, date_local, datetime_local, fen
from stores.models import Store
from vouchers.explain import TermLine, beside_places, explain
from vouchers.handover import collected_at, word_progress
from vouchers.models import Voucher
from vouchers.qr import payload
from vouchers.selectors import STORES_SHOWN
from vouchers.terms import terms_of


class Place(NamedTuple):
    """A store that takes the voucher."""

    name: str
    address: str
    phone: str


class Keepsake(NamedTuple):
    """A usable voucher in words of the active language."""

    voucher_id: int
    site: str
    url: str
    language: str
    title: str
    merchant: str
    code: str
    qr: str
    last_day: dt.date
    valid: str
    uses: str
    order: str
    price: str
    lines: list[TermLine]
    places: list[Place]
    more_places: str
    drawn: str
    keep_private: str


def keepsake(
    voucher: Voucher, stores: list[Store], *, site: str, url: str, language: str
) -> Keepsake:
    """Put ``voucher`` (terms and merchant joined) into words.

    ``stores`` as `selectors.stores_of` gives them: with hours, one more than are shown.
    """
    moment = now()
    terms = terms_of(voucher)
    when = datetime_local(moment, voucher.zone)
    return Keepsake(
        voucher_id=voucher.pk,
        site=site,
        url=url,
        language=language,
        title=voucher.title,
        merchant=voucher.merchant.name,
        code=code_groups(voucher.code),
        qr=payload(voucher),
        last_day=voucher.last_day,
        valid=_valid(voucher, moment),
        uses=word_progress(voucher, place=collected_at([voucher]).get(voucher.pk)),
        order=gettext("Gift")
        if voucher.is_gift
        else gettext("Order %(number)s") % {"number": voucher.order_number},
        price="" if voucher.is_gift else fen(voucher.paid_fen),
        lines=beside_places(explain(terms, last_day=voucher.last_day, zone=voucher.zone), stores),
        places=[Place(store.name, store.address, store.phone) for store in stores[:STORES_SHOWN]],
        more_places=gettext("More stores are on the voucher's page.")
        if len(stores) > STORES_SHOWN
        else "",
        drawn=gettext("Saved on %(when)s.") % {"when": when},
        keep_private=gettext("Anyone with this code can use the voucher. Keep it to yourself."),
    )


def _valid(voucher: Voucher, moment: dt.datetime) -> str:
    day = date_local(voucher.last_day)
    if voucher.valid_from > moment:
        first = date_local(voucher.valid_from, voucher.zone)
        return gettext("Valid from %(first)s until %(day)s") % {"first": first, "day": day}
    return gettext("Valid until %(day)s") % {"day": day}
