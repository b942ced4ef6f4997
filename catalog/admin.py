"""Categories, products, stock and offers in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from catalog.models import Category, Offer, Picture, Product, Variant
from catalog.services.offers import end_offer, set_normal_price
from catalog.services.products import index_product, refresh_price
from catalog.services.stock import set_stock
from catalog.terms_text import format_blackout, format_included, parse_blackout, parse_included
from stores.admin_base import (
    ALL,
    VIEW,
    TenantAdmin,
    TenantTabularInline,
    YuanField,
    is_operator,
    moment,
    money,
    own_merchant_ids,
)

STATE_COLOURS = {"draft": "warning", "active": "success", "archived": "info"}


@admin.register(Category)
class CategoryAdmin(TenantAdmin):
    merchant_path = None
    list_display = ("name", "parent", "trade", "position")
    list_select_related = ("parent",)
    search_fields = ("name_en", "name_zh", "slug")
    filter_horizontal = ("merchants",)


class VariantForm(forms.ModelForm):
    """A variant with its normal price and its stock in one row."""

    price_fen = YuanField(label=_("price (yuan)"))
    available = forms.IntegerField(
        label=_("stock"),
        min_value=0,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("Empty means unlimited."),
    )

    class Meta:
        model = Variant
        fields = ("name_en", "name_zh", "position", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            return
        normal = next(
            (o for o in self.instance.offers.all() if o.kind == Offer.Kind.NORMAL and o.active),
            None,
        )
        self.fields["price_fen"].initial = normal.price_fen if normal else None
        stock = getattr(self.instance, "stock", None)
        self.fields["available"].initial = stock.available if stock else None

    def has_changed(self) -> bool:
        # A new product's first variant counts even when only its defaults are kept.
        return super().has_changed() or not self.instance.pk


class VariantInline(TenantTabularInline):
    model = Variant
    form = VariantForm
    min_num = 1
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("stock").prefetch_related("offers")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A sold variant is taken off sale, not deleted."""
        return False


class PictureInline(TenantTabularInline):
    model = Picture
    tab = True


class ProductForm(forms.ModelForm):
    """Products with their terms typed as lines of text."""

    included_text = forms.CharField(
        label=_("what is included"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=_("One line each: 2 × Pork dumplings | 猪肉水饺 | 36.00 (value in yuan)."),
    )
    blackout_text = forms.CharField(
        label=_("blackout times"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_(
            "One line each: “Sat Sun 11:30-13:30” or “2026-10-01..2026-10-07”, store time."
        ),
    )

    class Meta:
        model = Product
        exclude = ("included", "blackout", "provenance")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["included_text"].initial = format_included(self.instance.included)
            self.fields["blackout_text"].initial = format_blackout(self.instance.blackout)

    def clean_included_text(self) -> str:
        self.instance.included = parse_included(self.cleaned_data["included_text"])
        return self.cleaned_data["included_text"]

    def clean_blackout_text(self) -> str:
        self.instance.blackout = parse_blackout(self.cleaned_data["blackout_text"])
        return self.cleaned_data["blackout_text"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        merchant = data.get("merchant") or getattr(self.instance, "merchant", None)
        category = data.get("category")
        if merchant and category and not category.merchants.filter(pk=merchant.pk).exists():
            self.add_error("category", _("This merchant may not use this category yet."))
        if merchant and any(s.merchant_id != merchant.pk for s in data.get("stores") or []):
            self.add_error("stores", _("Choose stores of this merchant only."))
        if data.get("refund_rule") == Product.RefundRule.DAYS and not data.get("refund_days"):
            self.add_error("refund_days", _("Say within how many days a refund is possible."))
        if data.get("kind") == Product.Kind.TIMES_CARD and (data.get("uses") or 1) < 2:
            self.add_error("uses", _("A times card has at least 2 uses."))
        return data


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
        "sales_count",
        "show_rating",
        "show_state",
    )
    list_filter = ("state", "kind", ("merchant", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("merchant", "category")
    search_fields = ("title_en", "title_zh", "external_code")
    filter_horizontal = ("stores",)
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
                    "blackout_text",
                    "refund_rule",
                    "refund_days",
                    "stores",
                ],
                "description": _("Sold vouchers keep the terms they were sold with."),
            },
        ),
    )

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def show_state(self, product: Product) -> tuple[str, str]:
        return product.state, product.get_state_display()

    @admin.display(description=_("rating"), ordering="rating_score")
    def show_rating(self, product: Product) -> str:
        return f"{product.rating} ★ ({product.rating_count})" if product.rating else "—"

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "category" and not is_operator(request):
            kwargs["queryset"] = Category.objects.filter(
                merchants__in=own_merchant_ids(request)
            ).distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            if formset.model is Variant:
                for row in formset.forms:
                    if row.instance.pk:
                        _save_price_and_stock(row)
        index_product(form.instance)
        refresh_price([form.instance.pk])

    @admin.action(description=_("Put on sale"))
    def put_on_sale(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        queryset.update(state=Product.State.ACTIVE)

    @admin.action(description=_("Take down"))
    def take_down(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        queryset.update(state=Product.State.ARCHIVED)


def _save_price_and_stock(row: VariantForm) -> None:
    data = row.cleaned_data
    if "price_fen" in row.changed_data and data.get("price_fen"):
        set_normal_price(variant=row.instance, price_fen=data["price_fen"])
    if "available" in row.changed_data or not hasattr(row.instance, "stock"):
        set_stock(variant_id=row.instance.pk, available=data.get("available"))


class OfferForm(forms.ModelForm):
    class Meta:
        model = Offer
        fields = (
            "variant",
            "price_fen",
            "starts_at",
            "ends_at",
            "quota",
            "per_person_limit",
            "active",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        variant = data.get("variant")
        if variant:
            self.instance.product = variant.product
            self.instance.merchant = variant.product.merchant
        if not self.instance.pk:
            self.instance.kind = Offer.Kind.FLASH
        if self.instance.kind == Offer.Kind.FLASH and not (
            data.get("starts_at") and data.get("ends_at")
        ):
            raise ValidationError(_("A limited-time price needs a start and an end."))
        if data.get("quota") is not None and data["quota"] < self.instance.quota_sold:
            self.add_error("quota", _("More than this have been sold already."))
        return data


@admin.register(Variant)
class VariantAdmin(TenantAdmin):
    """Only searched from the offer form; variants are edited on their product."""

    merchant_path = "product__merchant"
    operator_may = VIEW
    merchant_may = VIEW
    search_fields = ("product__title_en", "product__title_zh", "name_en", "name_zh")
    list_display = ("product", "name", "active")
    list_select_related = ("product",)


@admin.register(Offer)
class OfferAdmin(TenantAdmin):
    """Limited-time prices; normal prices are changed on the product."""

    form = OfferForm
    operator_may = ALL - {"delete"}
    merchant_may = ALL - {"delete"}
    scoped_choices = {"variant": "product__merchant"}
    list_display = (
        "product",
        "variant",
        "kind",
        money("price_fen", _("price")),
        moment("starts_at", _("starts")),
        moment("ends_at", _("ends")),
        "show_quota",
        "active",
    )
    list_filter = ("kind", "active", ("merchant", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("product", "variant", "merchant")
    search_fields = ("product__title_en", "product__title_zh")
    autocomplete_fields = ("variant",)
    actions = ("end_now",)

    @admin.display(description=_("sold / quota"))
    def show_quota(self, offer: Offer) -> str:
        return f"{offer.quota_sold} / {'∞' if offer.quota is None else offer.quota}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("variant",) if obj else ()

    def save_model(self, request: Any, obj: Offer, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        refresh_price([obj.product_id])

    @admin.action(description=_("End now"))
    def end_now(self, request: HttpRequest, queryset: QuerySet[Offer]) -> None:
        for offer in queryset:
            end_offer(offer=offer)
