"""What a guest is owed."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.aggregates import JSONBAgg
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import JSONArray
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Product, Variant
from kernel.bounds import read_zone
from kernel.clock import now
from stores.models import Merchant
from vouchers.models.component import Component, VoucherComponent
from vouchers.models.grant import Grant
from vouchers.models.terms import VoucherTerms


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

    OPEN: ClassVar[tuple[str, ...]] = (State.HELD, State.ACTIVE)
    SENT_BACK: ClassVar[tuple[str, ...]] = (State.REFUNDING, State.REFUNDED)
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
        pgettext_lazy("amount", "paid"),
        db_default=0,
        help_text=_("What the buyer pays for it, together."),
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
            models.Index(
                fields=["variant"],
                name="voucher_to_collect",
                condition=Q(kind="pickup", state__in=("held", "active")),
            ),
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
        """Uses that were never redeemed, whatever the state says: what refunds are worked out from."""
        return self.uses_total - self.uses_used

    @property
    def uses_open(self) -> int:
        """Uses that are still owed, as people are told: none of one that was refunded or has ended."""
        if self.state not in self.OPEN or self.valid_until <= now():
            return 0
        return self.uses_left

    @property
    def missing_fen(self) -> int:
        """What the buyer has still to pay before it can be used; nothing of one that waits no more."""
        return self.paid_fen - self.received_fen if self.state == self.State.HELD else 0

    @property
    def funded_fen(self) -> int:
        """What others pay for it: the funders of its discounts."""
        return self.value_fen - self.paid_fen

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
