"""Categories, products, stock and offers in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin_forms import OfferForm, PictureForm, ProductForm, VariantForm
from catalog.models import Category, Offer, Picture, Product, Stock, Variant
from catalog.services.offers import create_flash_offer, end_offer, set_normal_price
from catalog.services.products import (
    archive_product,
    index_product,
    publish_product,
    refresh_price,
    withdraw_product,
)
from catalog.services.search_index import announce_category_rename
from catalog.services.stock import set_stock
from o2o.clock import now
from o2o.errors import Refusal
from stores.admin_base import (
    ALL,
    VIEW,
    TenantAdmin,
    TenantTabularInline,
    is_operator,
    moment,
    money,
    own_merchant_ids,
    state,
)
from stores.admin_filters import MERCHANT, DayFilter, choices

SUPPLY = choices(
    "supply",
    _("stock"),
    {
        "out": (
            _("sold out"),
            lambda rows: rows.filter(
                variants__active=True, variants__stock__available=0
            ).distinct(),
        ),
        "low": (
            _("at most 5 left"),
            lambda rows: rows.filter(
                variants__active=True, variants__stock__available__range=(1, 5)
            ).distinct(),
        ),
    },
)
RUNNING = choices(
    "running",
    _("state"),
    {
        "now": (
            _("running"),
            lambda rows: rows.filter(active=True).exclude(starts_at__gt=now()),
        ),
        "soon": (_("not begun yet"), lambda rows: rows.filter(active=True, starts_at__gt=now())),
        "over": (_("ended"), lambda rows: rows.filter(active=False)),
    },
)
STATE_COLOURS = {"draft": "warning", "active": "success", "archived": "info"}
STEPS = {
    Product.State.DRAFT: withdraw_product,
    Product.State.ACTIVE: publish_product,
    Product.State.ARCHIVED: archive_product,
}


@admin.register(Category)
class CategoryAdmin(TenantAdmin):
    merchant_path = None
    list_display = ("name", "parent", "trade", "position")
    list_select_related = ("parent",)
    search_fields = ("name_en", "name_zh", "slug")
    autocomplete_fields = ("parent", "merchants")

    def save_model(self, request: Any, obj: Category, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and {"name_en", "name_zh", "parent"} & set(form.changed_data):
            announce_category_rename(category_id=obj.pk)


class VariantInline(TenantTabularInline):
    model = Variant
    form = VariantForm
    fields = ("name_en", "name_zh", "price_fen", "available", "position", "active")
    min_num = 1
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("stock").prefetch_related("offers")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A sold variant is taken off sale, not deleted."""
        return False


class PictureInline(TenantTabularInline):
    model = Picture
    form = PictureForm
    tab = True


@admin.register(Product)
class ProductAdmin(TenantAdmin):
    form = ProductForm
    operator_may = ALL - {"delete"}
    merchant_may = ALL - {"delete"}
    scoped_choices = {"stores": "merchant"}
    list_display = (
        "title",
        "merchant",
        "category",
        money("price_fen", _("price")),
        "show_sales",
        "show_rating",
        state(STATE_COLOURS),
    )
    list_filter = (
        "state",
        SUPPLY,
        ("category", admin.RelatedOnlyFieldListFilter),
        "kind",
        MERCHANT,
    )
    list_select_related = ("merchant", "category")
    search_fields = ("title_en", "title_zh", "external_code")
    search_help_text = _("Title or your own number")
    empty_text = _("Add your first product, give it a price, and put it on sale.")
    autocomplete_fields = ("stores",)
    inlines = (VariantInline, PictureInline)
    actions = ("put_on_sale", "take_down")
    fieldsets = (
        (
            None,
            {
                "fields": [
                    "merchant",
                    "category",
                    "kind",
                    "state",
                    "title_en",
                    "title_zh",
                    "description_en",
                    "description_zh",
                    "external_code",
                    "list_price_fen",
                ]
            },
        ),
        (
            _("Terms"),
            {
                "fields": [
                    "included_text",
                    "uses",
                    "validity_days",
                    "usable_after_hours",
                    "blackout_text",
                    "notes_text",
                    "refund_rule",
                    "refund_days",
                    "refund_on_expiry",
                    "stores",
                    "provenance_text",
                ],
                "description": _("Sold vouchers keep the terms they were sold with."),
            },
        ),
    )

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, product: Product) -> str:
        return product.title

    @admin.display(description=_("sold"), ordering="sales_count")
    def show_sales(self, product: Product) -> int:
        return product.sales_count

    @admin.display(description=_("rating"), ordering="rating_score")
    def show_rating(self, product: Product) -> str:
        return f"{product.rating} ★ ({product.rating_count})" if product.rating else "—"

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "category" and not is_operator(request):
            mine = own_merchant_ids(request)
            kwargs["queryset"] = Category.objects.filter(
                Q(merchants__in=mine) | Q(parent__merchants__in=mine)
            ).distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Product, form: Any, change: bool) -> None:
        """Save all but the state; `save_related` moves it when variants and prices stand."""
        wanted, obj.state = obj.state, form.state_before if change else Product.State.DRAFT
        super().save_model(request, obj, form, change)
        form.state_wanted = wanted

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            if formset.model is Variant:
                for row in formset.forms:
                    if row.instance.pk:
                        _save_price_and_stock(row)
        index_product(form.instance)
        refresh_price([form.instance.pk])
        if form.state_wanted != form.instance.state:
            self._move(request, [form.instance], STEPS[form.state_wanted])

    def _move(self, request: Any, products: Iterable[Product], step: Any) -> None:
        for product in products:
            try:
                step(product=product)
            except Refusal as refusal:
                self.message_user(request, f"{product}: {refusal}", messages.ERROR)

    @admin.action(description=_("Put on sale"))
    def put_on_sale(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._move(request, queryset, publish_product)

    @admin.action(description=_("Take down"))
    def take_down(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._move(request, queryset, archive_product)


def _save_price_and_stock(row: VariantForm) -> None:
    data = row.cleaned_data
    if "price_fen" in row.changed_data:
        set_normal_price(variant=row.instance, price_fen=data["price_fen"])
    if not hasattr(row.instance, "stock"):
        Stock.objects.create(variant=row.instance, available=data.get("available"))
    elif "available" in row.changed_data:
        set_stock(variant_id=row.instance.pk, available=data.get("available"))


@admin.register(Variant)
class VariantAdmin(TenantAdmin):
    """Only searched from the offer form; variants are edited on their product."""

    merchant_path = "product__merchant"
    operator_may = VIEW
    merchant_may = VIEW
    search_fields = ("product__title_en", "product__title_zh", "name_en", "name_zh")
    list_display = ("product", "name", "active")
    list_select_related = ("product",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("product")


@admin.register(Offer)
class OfferAdmin(TenantAdmin):
    """Limited-time prices; normal prices are changed on the product."""

    form = OfferForm
    operator_may = ALL - {"delete"}
    merchant_may = ALL - {"delete"}
    scoped_choices = {"variant": "product__merchant"}
    list_display = (
        "product",
        "variant_name",
        "kind",
        money("price_fen", _("price")),
        moment("starts_at", _("starts")),
        moment("ends_at", _("ends")),
        "show_quota",
        "active",
    )
    list_filter = ("kind", RUNNING, ("ends_at", DayFilter), MERCHANT)
    list_select_related = ("product", "variant", "merchant")
    search_fields = ("product__title_en", "product__title_zh")
    search_help_text = _("Product")
    empty_text = _(
        "A limited-time price brings guests on quiet days: choose a product, a price, a start and an end."
    )
    autocomplete_fields = ("variant",)
    fields = ("variant", "price_fen", "starts_at", "ends_at", "quota", "per_person_limit", "active")
    actions = ("end_now",)

    @admin.display(description=_("variant"))
    def variant_name(self, offer: Offer) -> str:
        return offer.variant.name or "—"

    @admin.display(description=_("sold / quota"))
    def show_quota(self, offer: Offer) -> str:
        return f"{offer.quota_sold} / {'∞' if offer.quota is None else offer.quota}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A normal price, and an offer that has ended, can only be read here."""
        closed = obj is not None and (obj.kind == Offer.Kind.NORMAL or not obj.active)
        return not closed and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("variant", "price_fen", "starts_at", "active") if obj else ("active",)

    def save_model(self, request: Any, obj: Offer, form: Any, change: bool) -> None:
        if not change:
            made = create_flash_offer(
                variant=obj.variant,
                **{name: getattr(obj, name) for name in form.fields if name != "variant"},
            )
            obj.pk, obj._state.adding = made.pk, False
            return
        super().save_model(request, obj, form, change)
        refresh_price([obj.product_id])

    @admin.action(description=_("End now"))
    def end_now(self, request: HttpRequest, queryset: QuerySet[Offer]) -> None:
        for offer in queryset.filter(kind=Offer.Kind.FLASH):
            end_offer(offer=offer)
