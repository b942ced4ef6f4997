"""Coupons: so many are there, each belongs to a person, and each use of one is a row."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from kernel.clock import now
from vouchers.models import Redemption, Voucher


class Batch(models.Model):
    """How many coupons a campaign has, and how many were claimed. The row that claims wait for.

    ``claiming`` is how a coupon comes to a guest. ``made`` is how many codes there are of it already.
    """

    class Claiming(models.TextChoices):
        OPEN = "open", _("anybody claims one")
        CODE = "code", _("with a code, a different one for each coupon")
        GRANTED = "granted", _("the business gives it to a guest")

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, related_name="batch", verbose_name=_("campaign")
    )
    count = models.PositiveIntegerField(_("coupons"))
    claimed = models.PositiveIntegerField(_("claimed"), default=0)
    claiming = models.CharField(
        _("how guests get a coupon"),
        max_length=7,
        choices=Claiming.choices,
        default=Claiming.OPEN,
        db_default=Claiming.OPEN,
    )
    made = models.PositiveIntegerField(_("codes made"), default=0, db_default=0)

    class Meta:
        verbose_name = _("batch of coupons")
        verbose_name_plural = _("batches of coupons")
        constraints = (
            models.CheckConstraint(condition=Q(count__gte=1), name="batch_has_coupons"),
            models.CheckConstraint(condition=Q(claimed__lte=F("count")), name="batch_count_kept"),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.claimed} / {self.count}"


class Coupon(models.Model):
    """A person's right to what a campaign gives, until ``ends_at``; whatever becomes of the campaign.

    ``ordinal`` is which of the person's coupons of this campaign it is: 1, 2 … ``voucher`` is what the
    store hands an item over for, of a campaign that gives one without a purchase.
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", _("claimed")
        RESERVED = "reserved", _("in an unpaid order")
        USED = "used", _("used")
        RETURNED = "returned", _("given back, can be used again")
        ENDED = "ended", _("ended")
        REVOKED = "revoked", _("taken back")

    USABLE = (State.CLAIMED, State.RETURNED)
    IN_USE = (State.RESERVED, State.USED)

    number = models.CharField(_("number"), max_length=20, unique=True)
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        related_name="coupons",
        verbose_name=_("campaign"),
        db_index=False,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="coupons",
        db_index=False,
    )
    ordinal = models.PositiveSmallIntegerField(_("which of the person's"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.CLAIMED)
    claimed_at = models.DateTimeField(_("claimed at"), default=now)
    ends_at = models.DateTimeField(_("ends"))
    voucher = models.OneToOneField(
        Voucher,
        on_delete=models.PROTECT,
        null=True,
        related_name="coupon",
        verbose_name=_("voucher"),
        editable=False,
    )

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["owner", "-id"], name="coupon_owner"),
            models.Index(
                fields=["ends_at"],
                name="coupon_to_end",
                condition=Q(state__in=["claimed", "returned"]),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "owner", "ordinal"], name="coupon_once_per_person"
            ),
        )

    def __str__(self) -> str:
        return self.number


class CouponUse(models.Model):
    """A coupon in an order: reserved when it is placed, used when it is paid, or given back.

    Or handed over in a store without an order: used with a ``redemption``, given back when that is undone.
    """

    class State(models.TextChoices):
        RESERVED = "reserved", _("reserved")
        USED = "used", _("used")
        RETURNED = "returned", _("given back")

    LIVE = (State.RESERVED, State.USED)

    coupon = models.ForeignKey(
        Coupon,
        on_delete=models.PROTECT,
        related_name="uses",
        verbose_name=_("coupon"),
        db_index=False,
    )
    order_number = models.CharField(_("order"), max_length=32)
    amount_fen = models.PositiveBigIntegerField(_("discount"))
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.RESERVED
    )
    created_at = models.DateTimeField(_("reserved at"), default=now)
    payer = models.CharField(_("payer"), max_length=64, default="", db_default="", editable=False)
    redemption = models.OneToOneField(
        Redemption,
        on_delete=models.PROTECT,
        null=True,
        related_name="coupon_use",
        verbose_name=_("redemption"),
        editable=False,
    )

    class Meta:
        verbose_name = _("use of a coupon")
        verbose_name_plural = _("uses of coupons")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["order_number"], name="coupon_use_order"),
            models.Index(
                fields=["payer"],
                name="coupon_use_of_payer",
                condition=Q(state="used") & ~Q(payer=""),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["coupon"],
                name="coupon_used_once",
                condition=Q(state__in=["reserved", "used"]),
            ),
            models.UniqueConstraint(fields=["coupon", "order_number"], name="coupon_use_of_order"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, redemption__isnull=True)
                | Q(amount_fen=0, redemption__isnull=False, order_number=""),
                name="coupon_use_takes_off",
            ),
        )

    def __str__(self) -> str:
        return f"{self.coupon_id} {self.order_number}"
