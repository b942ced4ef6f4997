"""The double-entry ledger: append only, balanced per transaction (docs/money.md)."""

from __future__ import annotations

import datetime as dt

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.money import fen_to_yuan
from payments.wording import word_transaction
from stores.models import Merchant


class Account(models.TextChoices):
    """The chart of accounts. A merchant's account is the pair (account, merchant).

    A partner, who pays a part of other merchants' discounts, is a merchant, too.
    """

    GATEWAY = "gateway", _("money at the gateway")  # asset
    BANK = "bank", _("paid out from the platform's bank")  # asset
    ESCROW = "escrow", _("paid, not redeemed yet")  # liability, per merchant
    PENDING = "pending", _("redeemed, undo window open")  # liability, per merchant
    PAYABLE = "payable", _("earned, to be settled")  # liability, per merchant
    SETTLED = "settled", _("on a statement, to be paid out")  # liability, per merchant
    RECEIVABLE = "receivable", _("owed by a partner, undo window open")  # asset, per partner
    PROMOTIONS = "promotions", _("the platform's part of discounts")  # expense
    POINTS_LIABILITY = "points_liability", _("points not spent yet")  # liability
    COMMISSION = "commission", _("commission earned")  # income
    REFUND_DUE = "refund_due", _("owed back to customers")  # liability
    UNCLAIMED = "unclaimed", _("received for a closed order")  # liability
    FEES = "fees", _("gateway fees")  # expense
    LOSS = "loss", _("owed to the platform and given up")  # expense
    CLEARING = "clearing", _("moved between custodians")  # its sum is 0


class Purpose(models.TextChoices):
    """Why an entry moves money; the same account may move for several reasons in one event."""

    VALUE = "value", _("value")  # what buyers have paid
    COMMISSION = "commission", _("commission")
    DUES = "dues", _("a partner's part of a discount")
    REFERRAL = "referral", _("referral fee")
    FEE = "fee", _("gateway fee")
    NET = "net", _("statement")  # what a statement comes to, on its way to the merchant


BANK, BOOKS = "bank", "books"
"""The custodians that are no gateway: the platform's bank, and what exists only in the books."""

EARLIER = dt.date(2000, 1, 1)
"""The month of all entries from before entries had one (docs/money.md)."""

MERCHANT_ACCOUNTS = ["escrow", "pending", "payable", "settled", "receivable"]


class ThisMonth(models.Func):
    """The first day of the database's month, UTC: for the release before, which names none."""

    template = "(date_trunc('month', now() AT TIME ZONE 'UTC'))::date"
    output_field = models.DateField()


class LedgerTransaction(models.Model):
    """One event's entries. ``key`` makes writing an event twice impossible (``redeem:17``)."""

    kind = models.CharField(_("kind"), max_length=24)
    key = models.CharField(_("key"), max_length=80, unique=True)
    occurred_at = models.DateTimeField(_("occurred"), default=now)

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        ordering = ("-id",)
        indexes = (models.Index(fields=["kind", "occurred_at"], name="ledger_kind_time"),)
        triggers = (
            pgtrigger.Protect(
                name="ledger_transaction_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        )

    def __str__(self) -> str:
        return word_transaction(self)


class LedgerEntry(models.Model):
    """One side of a transaction: a debit is positive, a credit negative, in fen.

    It says whose account moved (``party``), where the money is (``custodian``: a gateway's
    code, ``bank`` or ``books``), what it is about (``subject``: "voucher:17") and why
    (``purpose``). Every transaction sums to zero at each custodian.

    The database knows it by (month, id), so that the table can be split by months; ids come
    from one sequence, and are unique by themselves.
    """

    month = models.DateField(_("month"), db_default=ThisMonth(), editable=False)
    """The first day of its transaction's month, UTC; `EARLIER` for what is older than this column."""

    transaction = models.ForeignKey(
        LedgerTransaction,
        verbose_name=_("transaction"),
        on_delete=models.PROTECT,
        related_name="entries",
        db_index=False,
    )
    account = models.CharField(_("account"), max_length=24, choices=Account.choices)
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    amount_fen = models.BigIntegerField(_("amount"))
    voucher_ref = models.BigIntegerField(_("voucher"), null=True)
    party = models.CharField(_("party"), max_length=40)
    custodian = models.CharField(_("custodian"), max_length=24)
    subject = models.CharField(_("about"), max_length=80)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-month", "-id")  # the key's own order
        indexes = (
            models.Index(fields=["transaction"], name="ledger_entry_transaction"),
            models.Index(
                fields=["merchant", "account", "id"], include=["amount_fen"], name="ledger_balance"
            ),
            models.Index(
                fields=["voucher_ref"],
                name="ledger_voucher",
                condition=models.Q(voucher_ref__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(amount_fen=0), name="ledger_entry_moves_something"
            ),
            models.CheckConstraint(
                condition=models.Q(account__in=MERCHANT_ACCOUNTS, merchant__isnull=False)
                | (~models.Q(account__in=MERCHANT_ACCOUNTS) & models.Q(merchant__isnull=True))
                # What a buyer has paid of the platform's own fees.
                | models.Q(account="escrow", merchant__isnull=True, subject__startswith="line:"),
                name="ledger_merchant_accounts_name_one",
            ),
            models.CheckConstraint(
                condition=~(
                    models.Q(party="")
                    | models.Q(custodian="")
                    | models.Q(subject="")
                    | models.Q(purpose="")
                ),
                name="ledger_entry_says_what_it_is",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="ledger_entry_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="ledger_balanced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Row,
                timing=pgtrigger.Deferred,
                declare=[("total", "numeric"), ("linked", "numeric")],
                func="""
                    SELECT SUM(amount_fen) FILTER (WHERE custodian = NEW.custodian),
                        SUM(amount_fen) FILTER (WHERE account = 'clearing')
                        INTO total, linked FROM payments_ledgerentry
                        WHERE transaction_id = NEW.transaction_id;
                    IF total <> 0 OR linked <> 0 THEN
                        RAISE EXCEPTION 'ledger transaction % is off balance by % fen at %',
                            NEW.transaction_id, coalesce(nullif(total, 0), linked), NEW.custodian
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_account_display()} {fen_to_yuan(self.amount_fen):+}"
