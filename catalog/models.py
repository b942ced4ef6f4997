"""Categories, products, variants, stock and offers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual
from kernel.bounds import (
    MAX_DAYS,
    MAX_TEXT_CHARS,
    MAX_USES,
    Bounded,
    validate_count,
    validate_days,
    validate_moment,
    validate_person_limit,
    validate_price_fen,
    validate_some,
    validate_uses,
    validate_waiting_hours,
    within_moments,
)
from kernel.clock import now
from kernel.money import MAX_AMOUNT_FEN
from kernel.words import BestWords
from stores.models import Merchant, Store


class Category(Bounded, models.Model):
    """A shelf of the shop; two levels. ``trade`` picks its icon, palette and pictures."""

    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    trade = models.CharField(_("trade"), max_length=20, default="gift")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    merchants = models.ManyToManyField(
        Merchant,
        verbose_name=_("merchants that may use it"),
        blank=True,
        related_name="categories",
    )
    name = Bilingual("name")

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> ProductQuerySet:
        """Products that customers can see: active, of an approved merchant, with an offer."""
        return self.filter(
            state=Product.State.ACTIVE,
            merchant__state=Merchant.State.APPROVED,
            price_fen__isnull=False,
        )


@pghistory.track(
    exclude=[
        "search_vector",
        "price_fen",
        "sales_count",
        "rating_sum",
        "rating_count",
        "rating_score",
        "updated_at",
    ]
)
class Product(Bounded, models.Model):
    """What is sold, with its honest terms.

    The terms are frozen into `vouchers.VoucherTerms` at purchase; a later edit touches no
    sold voucher. ``price_fen``, ``sales_count`` and ``rating_*`` are roll-ups that lists
    sort by; pages and checkout compute the price from the offers.
    """

    class Kind(models.TextChoices):
        VOUCHER = "voucher", _("voucher")
        TIMES_CARD = "times_card", _("times card")
        GOODS = "goods", _("goods to pick up")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("on sale")
        ARCHIVED = "archived", _("taken down")

    class RefundRule(models.TextChoices):
        ANYTIME = "anytime", _("any time until used")
        DAYS = "days", _("within some days of purchase")
        NONE = "none", _("no refund")

    merchant = models.ForeignKey(
        Merchant, verbose_name=_("merchant"), on_delete=models.PROTECT, related_name="products"
    )
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="products"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.VOUCHER)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    external_code = models.CharField(_("your own product code"), max_length=64, blank=True)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=160, blank=True)
    description_en = models.TextField(
        _("description (English)"), blank=True, max_length=MAX_TEXT_CHARS
    )
    description_zh = models.TextField(
        _("description (Chinese)"), blank=True, max_length=MAX_TEXT_CHARS
    )
    included = models.JSONField(
        _("what is included"),
        default=list,
        blank=True,
        help_text=_("A list of {name_en, name_zh, quantity, value_fen}."),
    )
    provenance = models.JSONField(
        _("provenance"),
        default=dict,
        blank=True,
        help_text=_("Farm, batch and harvest of produce."),
    )
    stores = models.ManyToManyField(
        Store,
        verbose_name=_("where it can be used"),
        blank=True,
        related_name="products",
        help_text=_("Empty means every store of the merchant."),
    )
    uses = models.PositiveSmallIntegerField(
        _("uses"),
        default=1,
        validators=[validate_uses],
        help_text=_("A times card has more than one."),
    )
    list_price_fen = models.PositiveBigIntegerField(
        _("list price"), validators=[validate_price_fen]
    )
    validity_days = models.PositiveSmallIntegerField(
        _("valid for days after purchase"), default=90, validators=[validate_days]
    )
    blackout = models.JSONField(
        _("blackout times"),
        default=list,
        blank=True,
        help_text=_(
            "A list of rules: {weekdays: [0-6]} or {from: date, to: date}, each with optional {start: HH:MM, end: HH:MM}, in the store's time."
        ),
    )
    refund_rule = models.CharField(
        _("refund rule"), max_length=8, choices=RefundRule.choices, default=RefundRule.ANYTIME
    )
    refund_days = models.PositiveSmallIntegerField(
        _("refund days"), null=True, blank=True, validators=[validate_days]
    )
    refund_on_expiry = models.BooleanField(
        _("refund what is unused when it expires"),
        default=True,
        help_text=_("Otherwise unused money becomes the merchant's on expiry; buyers are told."),
    )
    usable_after_hours = models.PositiveSmallIntegerField(
        _("first usable after (hours)"),
        default=0,
        validators=[validate_waiting_hours],
        help_text=_("For what has to be prepared or booked ahead."),
    )
    notes = models.JSONField(
        _("good to know"),
        default=list,
        blank=True,
        help_text=_("A list of {en, zh}: small print a guest should know beforehand."),
    )
    price_fen = models.PositiveBigIntegerField(null=True, editable=False)
    sales_count = models.PositiveIntegerField(default=0, editable=False)
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    rating_score = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text=_("Average stars × 100, the order of “best rated”.")
    )
    search_vector = SearchVectorField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    title = Bilingual("title")
    description = Bilingual("description")

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("-id",)
        indexes = (
            GinIndex(fields=["search_vector"], name="product_search"),
            GinIndex(BestWords("search_vector"), name="product_title_search"),
            models.Index(fields=["state", "-sales_count", "-id"], name="product_by_sales"),
            models.Index(fields=["state", "price_fen", "id"], name="product_by_price"),
            models.Index(fields=["state", "-rating_score", "-id"], name="product_by_rating"),
            models.Index(
                fields=["category", "state", "-sales_count", "-id"], name="product_by_category"
            ),
            models.Index(fields=["merchant", "state", "-id"], name="product_by_merchant"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(title_en="", title_zh=""), name="product_has_a_title"
            ),
            models.CheckConstraint(condition=Q(uses__gte=1), name="product_uses_positive"),
            models.CheckConstraint(condition=Q(uses__lte=MAX_USES), name="product_uses_bounded"),
            models.CheckConstraint(
                condition=Q(validity_days__gte=1, validity_days__lte=MAX_DAYS),
                name="product_validity_bounded",
            ),
            models.CheckConstraint(
                condition=~Q(refund_rule="days") | Q(refund_days__isnull=False),
                name="product_refund_days_given",
            ),
            models.UniqueConstraint(
                fields=["merchant", "external_code"],
                condition=~Q(external_code=""),
                name="product_external_code",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def rating(self) -> Decimal | None:
        """Average stars with one decimal, or None without reviews."""
        if not self.rating_count:
            return None
        return (Decimal(self.rating_sum) / self.rating_count).quantize(Decimal("0.1"))


class Picture(Bounded, models.Model):
    """A product's picture; the first by position is its cover."""

    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="pictures"
    )
    image = models.ImageField(
        _("picture"), upload_to="products/", width_field="width", height_field="height"
    )
    small = models.ImageField(_("small picture"), upload_to="products/", blank=True, editable=False)
    card = models.ImageField(
        _("picture of shared links"), upload_to="products/", blank=True, editable=False
    )
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    alt_en = models.CharField(_("what it shows (English)"), max_length=160, blank=True)
    alt_zh = models.CharField(_("what it shows (Chinese)"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    alt = Bilingual("alt")

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ("product", "position", "id")

    def __str__(self) -> str:
        return self.alt or str(self.image)


class Variant(Bounded, models.Model):
    """A choice within a product (size, colour, number of guests). Every product has one at least."""

    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="variants"
    )
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("on sale"), default=True)
    name = Bilingual("name")

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ("product", "position", "id")

    def __str__(self) -> str:
        return f"{self.product} · {self.name}" if self.name else str(self.product)


class Stock(Bounded, models.Model):
    """How many of a variant can still be sold; NULL means no limit.

    A table of its own: it is the row that gets scarce, so it is the row that is locked.
    """

    variant = models.OneToOneField(
        Variant, verbose_name=_("variant"), on_delete=models.CASCADE, primary_key=True
    )
    available = models.IntegerField(
        _("available"),
        null=True,
        blank=True,
        validators=[validate_count],
        help_text=_("Empty means unlimited."),
    )

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = (
            models.CheckConstraint(
                condition=Q(available__isnull=True) | Q(available__gte=0),
                name="stock_never_negative",
            ),
        )

    def __str__(self) -> str:
        return "∞" if self.available is None else str(self.available)


ENDING_SOON = dt.timedelta(days=3)


class OfferQuerySet(models.QuerySet["Offer"]):
    def in_period(self, moment: Any = None) -> OfferQuerySet:
        """Offers inside their period, of an active variant, whether pieces are left or not."""
        at = moment or now()
        return self.filter(
            Q(starts_at__isnull=True) | Q(starts_at__lte=at),
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
            active=True,
            variant__active=True,
        )

    def running(self, moment: Any = None) -> OfferQuerySet:
        """Offers inside their period with quota left."""
        return self.in_period(moment).filter(Q(quota__isnull=True) | Q(quota_sold__lt=F("quota")))

    def best_first(self) -> OfferQuerySet:
        """What a buyer would take first: with pieces in stock before without, then the cheapest.

        The first of the running ones is the product's price; `catalog.cards.price_now` says the
        same of offers in hand. A variant without a stock row has no pieces.
        """
        stock = "variant__stock"
        out = Q((f"{stock}__isnull", True)) | Q((f"{stock}__available", 0))
        return self.order_by(Case(When(out, then=1), default=0), "price_fen", "id")

    def ending_soon(self, moment: Any = None) -> OfferQuerySet:
        """Limited-time prices that run and end within `ENDING_SOON`."""
        at = moment or now()
        running = self.running(at).filter(kind=Offer.Kind.FLASH)
        return running.filter(ends_at__lt=at + ENDING_SOON)

    def at_stage(self, stage: str, moment: Any = None) -> OfferQuerySet:
        """Offers that stand at a stage of `Offer.Stage`, as `Offer.stage` says it of one."""
        at = moment or now()
        in_period, running = self.in_period(at), self.running(at)
        if stage == Offer.Stage.RUNNING:
            return running
        if stage == Offer.Stage.SOLD_OUT:
            return in_period.exclude(pk__in=running.order_by().values("pk"))
        over = Q(active=False) | Q(ends_at__isnull=False, ends_at__lte=at)
        if stage == Offer.Stage.OVER:
            return self.filter(over)
        alive = self.exclude(over)
        if stage == Offer.Stage.SOON:
            return alive.filter(starts_at__gt=at)
        return alive.exclude(starts_at__isnull=False, starts_at__gt=at).filter(
            variant__active=False
        )


@pghistory.track(exclude=["quota_sold"])
class Offer(Bounded, models.Model):
    """A price at which a variant can be bought, always or for a limited time."""

    class Kind(models.TextChoices):
        NORMAL = "normal", _("normal price")
        FLASH = "flash", _("limited-time price")

    class Stage(models.TextChoices):
        """Where an offer stands at a moment; `Offer.stage` and `OfferQuerySet.at_stage`."""

        RUNNING = "now", _("running")
        SOON = "soon", _("not begun yet")
        SOLD_OUT = "sold_out", _("all sold")
        PAUSED = "paused", _("choice not on sale")
        OVER = "over", _("ended")

    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="offers", editable=False
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="offers"
    )
    variant = models.ForeignKey(
        Variant, verbose_name=_("variant"), on_delete=models.CASCADE, related_name="offers"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.NORMAL)
    price_fen = models.PositiveBigIntegerField(_("price"), validators=[validate_price_fen])
    starts_at = models.DateTimeField(
        _("starts"), null=True, blank=True, validators=[validate_moment]
    )
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True, validators=[validate_moment])
    quota = models.PositiveIntegerField(
        _("quota"),
        null=True,
        blank=True,
        validators=[validate_some],
        help_text=_("How many may be sold at this price. Empty means no limit."),
    )
    quota_sold = models.PositiveIntegerField(_("sold"), default=0, editable=False)
    per_person_limit = models.PositiveSmallIntegerField(
        _("limit per person"), null=True, blank=True, validators=[validate_person_limit]
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=now)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ("product", "variant", "price_fen")
        indexes = (
            models.Index(fields=["kind", "active", "ends_at"], name="offer_period"),
            models.Index(
                fields=["starts_at"], name="offer_starts", condition=Q(starts_at__isnull=False)
            ),
            models.Index(fields=["ends_at"], name="offer_ends", condition=Q(ends_at__isnull=False)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["variant"],
                condition=Q(kind="normal", active=True),
                name="offer_one_normal_price",
            ),
            models.CheckConstraint(
                condition=Q(kind="normal") | Q(starts_at__isnull=False, ends_at__isnull=False),
                name="offer_flash_has_a_period",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="offer_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(quota__isnull=True) | Q(quota_sold__lte=F("quota")),
                name="offer_quota_never_exceeded",
            ),
            models.CheckConstraint(
                condition=within_moments("starts_at") & within_moments("ends_at"),
                name="offer_moments_bounded",
            ),
            # One that has ended may keep what an older release let in: its orders name it.
            models.CheckConstraint(
                condition=Q(active=False) | Q(price_fen__lte=MAX_AMOUNT_FEN),
                name="offer_price_bounded",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product} · {self.get_kind_display()}"

    def stage(self, moment: Any = None) -> Offer.Stage:
        """Where the offer stands, by the clock and not by what a sweep has done; reads the variant."""
        at = moment or now()
        if not self.active or (self.ends_at and self.ends_at <= at):
            return Offer.Stage.OVER
        if self.starts_at and self.starts_at > at:
            return Offer.Stage.SOON
        if not self.variant.active:
            return Offer.Stage.PAUSED
        return Offer.Stage.SOLD_OUT if self.remaining == 0 else Offer.Stage.RUNNING

    @property
    def remaining(self) -> int | None:
        """How many are left at this price, or None without a quota."""
        return None if self.quota is None else self.quota - self.quota_sold


class OfferPurchase(models.Model):
    """How many one person holds of an offer with a per-person limit."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="purchases")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["offer", "buyer"], name="offer_purchase_person"),
        )

    def __str__(self) -> str:
        return f"{self.buyer} × {self.quantity}"
