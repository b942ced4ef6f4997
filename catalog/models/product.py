"""What is sold, and its pictures."""

from __future__ import annotations

from decimal import Decimal

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.category import Category
from catalog.occasions import Occasion
from kernel.bilingual import Bilingual
from kernel.bounds import (
    MAX_DAYS,
    MAX_TEXT_CHARS,
    MAX_USES,
    Bounded,
    validate_days,
    validate_price_fen,
    validate_uses,
    validate_waiting_hours,
)
from kernel.clock import now
from kernel.words import BestWords
from stores.models import Merchant, Store


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
    sort by; cards say the price of `ListingFact`, pages and checkout that of the offers.
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
            "A list of rules: {weekdays: [0-6]} or {from: date, to: date}, each with optional "
            "{start: HH:MM, end: HH:MM}, in the store's time."
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
    uses_per_visit = models.PositiveSmallIntegerField(
        _("most uses per guest and visit"),
        null=True,
        blank=True,
        validators=[validate_uses],
        help_text=_(
            "Empty: as many as there are. What one guest uses at one store within three hours "
            "is one visit."
        ),
    )
    uses_per_day = models.PositiveSmallIntegerField(
        _("most uses per guest and day"),
        null=True,
        blank=True,
        validators=[validate_uses],
        help_text=_("At all stores together, however many vouchers the guest has."),
    )
    uses_per_person = models.PositiveSmallIntegerField(
        _("most uses per guest"),
        null=True,
        blank=True,
        validators=[validate_uses],
        help_text=_("In all, however many vouchers the guest has; for offers to newcomers."),
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


class ProductOccasion(models.Model):
    """A product is good for an occasion: the pages of occasions list it."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="occasion_rows", db_index=False
    )
    occasion = models.CharField(_("occasion"), max_length=24, choices=Occasion.choices)

    class Meta:
        verbose_name = _("occasion of a product")
        verbose_name_plural = _("occasions of products")
        ordering = ("product", "id")
        indexes = (models.Index(fields=["occasion", "product"], name="occasion_of_products"),)
        constraints = (
            models.UniqueConstraint(fields=["product", "occasion"], name="product_occasion_once"),
        )

    def __str__(self) -> str:
        return f"{self.product_id} {self.occasion}"


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
