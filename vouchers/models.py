"""Vouchers, their frozen terms, redemptions and returns."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.aggregates import JSONBAgg
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import JSONArray, Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Variant
from kernel.bilingual import pick
from kernel.bounds import read_zone
from kernel.clock import now
from stores.models import Device, Merchant, Store
from vouchers.components import (
    Component,
    Rebate,
    RefundPart,
    ReturnPart,
    VoucherComponent,
    total_of,
    unused_portions,
)

__all__ = [
    "Grant",
    "Rebate",
    "Redemption",
    "RefundPart",
    "ReturnPart",
    "Voucher",
    "VoucherComponent",
    "VoucherReturn",
    "VoucherTerms",
]


class VoucherTerms(models.Model):
    """Terms as they were at purchase, shared by every voucher sold under them.

    ``body`` is written by vouchers.services.terms.freeze_terms and read by
    vouchers.terms.Terms; ``digest`` is its SHA-256, so equal terms are one row.
    """

    digest = models.CharField(max_length=64, unique=True)
    body = models.JSONField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("frozen terms")
        verbose_name_plural = _("frozen terms")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The product's title at purchase, in the active language."""
        return pick(*self.titles)

    @property
    def titles(self) -> tuple[str, str]:
        """The title in English and in Chinese; blank where a damaged row has none."""
        body = self.body if isinstance(self.body, dict) else {}
        return str(body.get("title_en") or ""), str(body.get("title_zh") or "")


class Grant(models.Model):
    """Why a voucher was given and not sold: by whom, for what; told to the business alone."""

    class Reason(models.TextChoices):
        APOLOGY = "apology", _("something went wrong")
        REPLACEMENT = "replacement", _("in place of another voucher")
        THANKS = "thanks", _("a thank-you")
        OTHER = "other", _("another reason")

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="grants",
        db_index=False,
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("guest"),
        on_delete=models.PROTECT,
        related_name="grants",
        db_index=False,
    )
    issuer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    note = models.CharField(
        _("internal note"),
        max_length=500,
        blank=True,
        help_text=_("Read by your business and the platform, never by the guest."),
    )
    created_at = models.DateTimeField(_("given"), default=now)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken back by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["merchant", "-created_at"], name="grant_merchant"),
            models.Index(fields=["recipient", "merchant", "-created_at"], name="grant_recipient"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="grant_revoked_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.get_reason_display()


def _usable() -> Q:
    return Q(state=Voucher.State.ACTIVE, valid_until__gt=now())


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def with_components(self) -> VoucherQuerySet:
        """Read the components along with each row: `components_of` asks nothing then."""
        parts = VoucherComponent.objects.filter(voucher=models.OuterRef("pk")).order_by()
        rows = parts.values("voucher").annotate(
            rows=JSONBAgg(JSONArray(*Component._fields), order_by="position")
        )
        return self.annotate(component_rows=models.Subquery(rows.values("rows")))

    def usable(self) -> VoucherQuerySet:
        """Active and not past their last moment."""
        return self.filter(_usable())

    def with_usable(self) -> models.QuerySet[Any]:
        """Annotate ``is_usable``: whether a row is among the `usable` ones."""
        return self.annotate(
            is_usable=models.ExpressionWrapper(_usable(), output_field=models.BooleanField())
        )

    def due_to_expire(self) -> VoucherQuerySet:
        """Past their last moment, and not closed yet: the usable ones and those that wait."""
        return self.filter(state__in=Voucher.OPEN, valid_until__lte=now())


class Voucher(models.Model):
    """What a guest is owed: ``uses_total`` uses at the counter, worth ``value_fen`` together.

    It comes from a line of an order (``order_number``, ``order_line_ref``, ``product``,
    ``variant``, ``offer_ref``) or from a ``grant``
    (no order, no money; ``product`` unless it is told in the giver's own words).

    Uses are taken in order: ``uses_used`` counts live redemptions. The money is a list of
    `VoucherComponent`: the value of uses i+1…j is the sum of
    ``money.share(component, i, j - i, uses_total)`` over them, never a share of the sum.
    """

    class Kind(models.TextChoices):
        SINGLE = "single", _("single voucher")
        TIMES_CARD = "times_card", _("times card")
        PICKUP = "pickup", _("goods to pick up")

    class State(models.TextChoices):
        HELD = "held", _("not usable yet")
        ACTIVE = "active", _("usable")
        USED = "used", _("used")
        REFUNDING = "refunding", _("refund on its way")
        REFUNDED = "refunded", _("refunded")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("taken back")

    class Wait(models.TextChoices):
        """What has to happen before a held voucher can be used."""

        GROUP = "group", _("the group is full")
        BALANCE = "balance", _("the balance is paid")
        BOOKING = "booking", _("the booking is confirmed")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.HELD: {
            State.ACTIVE,
            State.REFUNDING,
            State.REFUNDED,
            State.EXPIRED,
            State.REVOKED,
        },
        State.ACTIVE: {
            State.USED,
            State.REFUNDING,
            State.REFUNDED,
            State.EXPIRED,
            State.REVOKED,
        },
        State.USED: {State.ACTIVE},  # undo
        State.REFUNDING: {State.REFUNDED},
        State.REFUNDED: set(),
        State.EXPIRED: {State.REFUNDING, State.REFUNDED},
        State.REVOKED: set(),
    }
    OPEN: ClassVar[tuple[str, ...]] = (State.HELD, State.ACTIVE)
    """Not closed: what is left on it is still owed."""

    code = models.CharField(_("code"), max_length=12, unique=True)
    qr_version = models.PositiveSmallIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="vouchers",
        db_index=False,
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="vouchers",
        db_index=False,
    )
    kind = models.CharField(
        _("kind"), max_length=12, choices=Kind.choices, default=Kind.SINGLE, db_default=Kind.SINGLE
    )
    grant = models.ForeignKey(
        Grant,
        verbose_name=_("gift"),
        on_delete=models.PROTECT,
        related_name="vouchers",
        null=True,
        blank=True,
        db_index=False,
    )
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        on_delete=models.PROTECT,
        related_name="vouchers",
        null=True,
        blank=True,
    )
    variant = models.ForeignKey(
        Variant,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
    )
    offer_ref = models.BigIntegerField(null=True, blank=True)
    units = models.PositiveIntegerField(
        _("units"), default=1, help_text=_("How many pieces of stock this voucher stands for.")
    )
    terms = models.ForeignKey(
        VoucherTerms, on_delete=models.PROTECT, related_name="vouchers", db_index=False
    )
    order_number = models.CharField(_("order"), max_length=32, blank=True, db_index=True)
    order_line_ref = models.BigIntegerField(null=True, blank=True)
    paid_fen = models.PositiveBigIntegerField(
        _("paid"), db_default=0, help_text=_("What the buyer pays for it, together.")
    )
    value_fen = models.PositiveBigIntegerField(
        _("value"),
        db_default=0,
        help_text=_("What the merchant is owed for all of its uses, whoever pays it."),
    )
    received_fen = models.PositiveBigIntegerField(
        _("received"), db_default=0, help_text=_("What has arrived of what the buyer pays.")
    )
    commission_rate = models.DecimalField(_("commission rate"), max_digits=5, decimal_places=4)
    commission_fixed_fen = models.PositiveIntegerField(_("commission per use"), db_default=0)
    referrer = models.ForeignKey(
        Merchant,
        verbose_name=_("referred by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    referral_fen = models.PositiveBigIntegerField(
        _("referral fee"), db_default=0, help_text=_("For all uses together.")
    )
    uses_total = models.PositiveIntegerField(_("uses"), default=1)
    uses_used = models.PositiveIntegerField(_("used"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    held_for = models.CharField(
        _("waits until"), max_length=12, choices=Wait.choices, blank=True, default="", db_default=""
    )
    valid_from = models.DateTimeField(_("valid from"), default=now)
    valid_until = models.DateTimeField(_("valid until"))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Asia/Shanghai",
        help_text=_("The zone whose day ends the validity; the last of the stores' zones."),
    )
    created_at = models.DateTimeField(_("issued"), default=now)

    component_rows: Any
    """What ``with_components`` has read along; `components_of` tells it."""

    objects = VoucherQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["owner", "state", "-id"], name="voucher_wallet"),
            models.Index(fields=["merchant", "-id"], name="voucher_merchant"),
            models.Index(
                fields=["valid_until"],
                name="voucher_expiry",
                condition=Q(state__in=("held", "active")),
            ),
            models.Index(fields=["grant"], name="voucher_grant", condition=Q(grant__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(uses_used__lte=F("uses_total")), name="voucher_never_over_used"
            ),
            models.CheckConstraint(condition=Q(uses_total__gte=1), name="voucher_has_uses"),
            models.CheckConstraint(
                condition=~Q(state="used") | Q(uses_used=F("uses_total")),
                name="voucher_used_means_all",
            ),
            models.CheckConstraint(
                condition=Q(
                    grant__isnull=True,
                    order_line_ref__isnull=False,
                    offer_ref__isnull=False,
                    product__isnull=False,
                    variant__isnull=False,
                )
                | Q(
                    grant__isnull=False,
                    order_line_ref__isnull=True,
                    order_number="",
                    value_fen=0,
                ),
                name="voucher_sold_or_given",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(uses_used=0) & ~Q(held_for="")),
                name="voucher_held_waits_unused",
            ),
            models.CheckConstraint(
                condition=Q(received_fen__lte=F("paid_fen"), paid_fen__lte=F("value_fen")),
                name="voucher_received_paid_value",
            ),
        )

    def __str__(self) -> str:
        """Never the whole code: it is the customer's, and back offices print this."""
        return f"•••• {self.code[8:]}"

    @property
    def is_gift(self) -> bool:
        """Whether it was given and not sold."""
        return self.grant_id is not None

    @property
    def waits_for(self) -> str:
        """What a held voucher waits for (Wait); "" for every other."""
        return self.held_for if self.state == self.State.HELD else ""

    @property
    def uses_left(self) -> int:
        """Uses that can still be redeemed, whatever the state says about now."""
        return self.uses_total - self.uses_used

    @property
    def missing_fen(self) -> int:
        """What the buyer has still to pay before it can be used."""
        return self.paid_fen - self.received_fen

    @property
    def funded_fen(self) -> int:
        """What others pay for it: the funders of its discounts."""
        return self.value_fen - self.paid_fen

    @property
    def unused_fen(self) -> int:
        """What the buyer has paid for the uses that are left: the amount of a refund."""
        return total_of(unused_portions(self))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the dates of this voucher are told."""
        return read_zone(self.time_zone)

    @property
    def last_day(self) -> dt.date:
        """The last calendar day of the validity."""
        return self.valid_until.astimezone(self.zone).date()

    @property
    def title(self) -> str:
        """The title at purchase (select_related terms)."""
        return self.terms.title


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    def kept(self) -> RedemptionQuerySet:
        """What stands: neither undone nor given back whole."""
        return self.filter(undone_at__isnull=True, returned_uses__lt=F("uses"))

    def sum_of_kept(self) -> tuple[int, int]:
        """How many redemptions stand, and how many of their uses; one query."""
        sums = self.kept().aggregate(
            number=models.Count("pk"), left=models.Sum(F("uses") - F("returned_uses"))
        )
        return sums["number"], sums["left"] or 0


class Redemption(models.Model):
    """Uses handed over at a counter. ``first_use`` counts from 0 and is taken once.

    ``occurred_at`` is when it happened at the counter, ``redeemed_at`` when it was written down;
    they differ where a device was without a network. ``nonce`` is the device's own name of it.
    """

    voucher = models.ForeignKey(
        Voucher, verbose_name=_("voucher"), on_delete=models.PROTECT, related_name="redemptions"
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    store = models.ForeignKey(
        Store,
        verbose_name=_("store"),
        on_delete=models.PROTECT,
        related_name="redemptions",
        db_index=False,
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("redeemed by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    device = models.ForeignKey(
        Device,
        verbose_name=_("redeemed on"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    first_use = models.PositiveIntegerField()
    uses = models.PositiveIntegerField(_("uses"), default=1)
    value_fen = models.PositiveBigIntegerField(_("value"))
    redeemed_at = models.DateTimeField(_("redeemed"), default=now)
    occurred_at = models.DateTimeField(_("happened"), default=now, db_default=Now())
    nonce = models.CharField(max_length=64, null=True, blank=True, editable=False)
    undo_until = models.DateTimeField(_("undo until"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    released_at = models.DateTimeField(_("became payable"), null=True, blank=True)
    commission_fen = models.PositiveBigIntegerField(_("commission"), null=True, blank=True)
    returned_uses = models.PositiveIntegerField(_("returned uses"), default=0)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["store", "-redeemed_at"], name="redemption_store_day"),
            models.Index(fields=["merchant", "-redeemed_at"], name="redemption_merchant"),
            models.Index(
                fields=["undo_until"],
                name="redemption_to_release",
                condition=Q(undone_at__isnull=True, released_at__isnull=True),
            ),
        )
        constraints = (
            # The last line of defence: one live redemption starts at each use.
            models.UniqueConstraint(
                fields=["voucher", "first_use"],
                condition=Q(undone_at__isnull=True),
                name="redemption_use_taken_once",
            ),
            models.UniqueConstraint(
                fields=["voucher", "nonce"],
                condition=Q(nonce__isnull=False),
                name="redemption_nonce_once",
            ),
            models.CheckConstraint(condition=Q(uses__gte=1), name="redemption_uses_positive"),
            models.CheckConstraint(
                condition=Q(returned_uses__lte=F("uses")), name="redemption_never_over_returned"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(released_at__isnull=True, returned_uses=0),
                name="redemption_undone_or_released",
            ),
        )

    def __str__(self) -> str:
        return f"{self.voucher.title} {self.voucher}"

    @property
    def kept_uses(self) -> int:
        """The uses that stand: none of an undone one, the others less what was given back."""
        return 0 if self.undone_at else self.uses - self.returned_uses

    def can_undo(self, moment: dt.datetime | None = None) -> bool:
        """Whether the undo window is open (the service also asks for the latest redemption)."""
        at: Any = moment or now()
        return self.undone_at is None and self.released_at is None and at < self.undo_until


class VoucherReturn(models.Model):
    """After-sales: redeemed uses taken back, out of the merchant's credit; its parts say how."""

    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="returns")
    uses = models.PositiveIntegerField(_("uses"))
    value_fen = models.PositiveBigIntegerField(_("value"))
    commission_fen = models.PositiveBigIntegerField(_("commission given back"))
    created_at = models.DateTimeField(_("created"), default=now)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.redemption} ← {self.uses}"
