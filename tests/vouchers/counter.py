"""What the tests of this room need: vouchers sold and paid without the rooms above it.

`sell` writes a succeeded payment, issues through the real service and books the escrow as
orders does; the ledger of every test here is therefore complete.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
from typing import Any

import zxingcpp
from django.db.models import Sum
from PIL import Image

from catalog.models import Product, Variant
from kernel.clock import now
from members.models import User
from payments.models import LedgerEntry, Payment
from payments.services import moves, postings
from tests.factories import make_user, offer_of, variant_of
from vouchers.models import Voucher, VoucherTerms
from vouchers.services.issue import IssueLine, issue_vouchers
from vouchers.services.split import Tender
from vouchers.services.terms import freeze_all

_count = itertools.count(1)


def freeze_terms(
    product: Product, variant: Variant | None = None, *, price_fen: int | None = None
) -> VoucherTerms:
    """Freeze the terms of one product and return their row."""
    (terms_id,) = freeze_all([(product, variant, price_fen)])
    return VoucherTerms.objects.get(pk=terms_id)


def decode(picture: bytes) -> str:
    """The text of the QR code in a picture that we made; "" without one."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    return next((barcode.text for barcode in zxingcpp.read_barcodes(image)), "")


def sell(product: Product, *, buyer: User | None = None, quantity: int = 1) -> list[Voucher]:
    """Sell and pay ``quantity`` pieces at the normal price now; return the vouchers."""
    buyer = buyer or make_user(display_name="Mei Lin")
    number = next(_count)
    offer = offer_of(product)
    total_fen = offer.price_fen * quantity
    payment = Payment.objects.create(
        number=f"P{number:010d}",
        reference=f"O{number:010d}",
        payer=buyer,
        gateway="sandbox",
        amount_fen=total_fen,
        state=Payment.State.SUCCEEDED,
        expires_at=now() + dt.timedelta(minutes=15),
        succeeded_at=now(),
    )
    terms = freeze_terms(product, variant_of(product), price_fen=offer.price_fen)
    line = IssueLine(
        order_line_id=number,
        merchant_id=product.merchant_id,
        product_id=product.pk,
        product_kind=product.kind,
        variant_id=offer.variant_id,
        offer_id=offer.pk,
        terms=terms,
        quantity=quantity,
        unit_price_fen=offer.price_fen,
        commission_rate=product.merchant.commission_rate,
        validity_days=product.validity_days,
        uses=product.uses,
        tenders=[Tender(payment.purpose, total_fen, payment.pk, payment.gateway)],
    )
    vouchers = issue_vouchers(buyer_id=buyer.pk, order_number=payment.reference, lines=[line])
    postings.pay(
        payment_number=payment.number,
        custodian=payment.gateway,
        amount_fen=total_fen,
        vouchers=[moves.Sold(row.pk, row.merchant_id, row.paid_fen) for row in vouchers],
    )
    return vouchers


def sell_one(product: Product, *, buyer: User | None = None, quantity: int = 1) -> Voucher:
    """The first voucher of a sale."""
    return sell(product, buyer=buyer, quantity=quantity)[0]


def credit(voucher: Voucher) -> dict[str, int]:
    """What the voucher's ledger entries add up to per account, as positive credits; no zeros."""
    sums = (
        LedgerEntry.objects.filter(voucher_ref=voucher.pk)
        .order_by()
        .values_list("account")
        .annotate(total=Sum("amount_fen"))
    )
    return {account: -total for account, total in sums if total}


def moved(voucher: Voucher, **fields: Any) -> Voucher:
    """The voucher with fields set behind the services' back: what a test needs as a fact."""
    Voucher.objects.filter(pk=voucher.pk).update(**fields)
    voucher.refresh_from_db()
    return voucher
