"""Categories, products, stock and offers in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from catalog.admin_forms import CategoryForm, PictureForm, ProductForm, VariantForm, VariantFormSet
from catalog.admin_offers import OfferAdmin
from catalog.admin_stock import StockDiscrepancyAdmin, StockLevelAdmin, StockMovementAdmin
from catalog.models import Category, Picture, Product, Variant
from catalog.services.by_store import keep_all_by_store, keep_one_number
from catalog.services.categories import create_category, delete_category, update_category
from catalog.services.occasions import set_occasions
from catalog.services.offers import set_normal_price
from catalog.services.pictures import add_picture, remove_picture, update_picture
from catalog.services.places import shops_of
from catalog.services.products import (
    VariantInput,
    add_variant,
    archive_product,
    draft_product,
    publish_product,
    update_product,
    update_variant,
    withdraw_product,
)
from catalog.services.stock import set_low_stock, set_stock
from catalog.usable import stores_of_products, taken_nowhere, with_usable_somewhere
from kernel.errors import Refusal
from kernel.numerals import read_number
from kernel.plaintext import isolate
from stores.admin_actions import ask_about, asked, choice_of
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, money, plain, stars, yes_or_no
from stores.admin_filters import MERCHANT, choices
from stores.admin_inlines import TenantTabularInline, note_rows
from stores.admin_rights import ALL, VIEW, is_operator, merchant_ids_with, person
from stores.models import Store
from stores.rights import Right

__all__ = [
    "CategoryAdmin",
    "OfferAdmin",
    "ProductAdmin",
    "StockDiscrepancyAdmin",
    "StockLevelAdmin",
    "StockMovementAdmin",
    "VariantAdmin",
]

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
TAKEN = choices(
    "taken", _("where it can be used"), {"nowhere": (_("no store takes it"), taken_nowhere)}
)
TOP = choices(
    "level",
    _("level"),
    {
        "top": (_("trades"), lambda rows: rows.filter(parent=None)),
        "below": (_("categories in a trade"), lambda rows: rows.exclude(parent=None)),
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
    see = edit = Right.EDIT_DIRECTORY
    form = CategoryForm
    merchant_path = None
    list_display = ("name", "parent", "position")
    list_filter = (TOP,)
    list_select_related = ("parent",)
    search_fields = ("name_en", "name_zh", "slug")
    search_help_text = _("Name")
    fields = ("name_en", "name_zh", "parent", "merchants", "position", "trade", "slug")
    autocomplete_fields = ("parent", "merchants")

    def save_model(self, request: Any, obj: Category, form: Any, change: bool) -> None:
        fields = {name: getattr(obj, name) for name in form.saved_fields()}
        merchants = form.cleaned_data.get("merchants") or ()
        if change:
            update_category(category=obj, merchants=merchants, **fields)
        else:
            adopt(obj, create_category(merchants=merchants, **fields))

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        delete_category(category=obj)


class VariantInline(TenantTabularInline):
    model = Variant
    form = VariantForm
    formset = VariantFormSet
    fields = (
        *("name_en", "name_zh", "price_fen"),
        *("available", "show_counting", "low_stock_at", "position", "active"),
    )
    readonly_fields = ("show_counting",)
    min_num = 1
    tab = True
    verbose_name_plural = _("price and stock")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("stock").prefetch_related("offers")

    @admin.display(description=_("counted"))
    def show_counting(self, variant: Variant) -> str:
        """One number, or one of each store; it leads to them."""
        stock = getattr(variant, "stock", None) if variant.pk else None
        if stock is None or not stock.by_store:
            return str(_("one number for all stores"))
        url = reverse("admin:catalog_stocklevel_changelist")
        query = urlencode({"q": variant.product.title})
        link = format_html(
            '<a class="desk__link" href="{}?{}">{}</a>', url, query, _("Stock at stores")
        )
        return format_html("{}<br>{}", _("by store"), link)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A sold variant is taken off sale, not deleted."""
        return False


class PictureInline(TenantTabularInline):
    model = Picture
    form = PictureForm
    tab = True


def _where_pieces_go(product: Product) -> list[tuple[str, Any]]:
    """Nowhere, or a store that hands the product over; nothing is asked where the web has none."""
    counted = product.variants.filter(stock__by_store=False, stock__available__gt=0)
    if not counted.exists():
        return []
    shops = Store.objects.filter(pk__in=shops_of(product)).order_by("pk")
    names = [(str(shop.pk), isolate(shop.name)) for shop in shops]
    return [("", _("At no store: each is counted anew")), *names]


@admin.register(Product)
class ProductAdmin(TenantAdmin):
    see = Right.SEE_CATALOG
    edit = Right.EDIT_CATALOG
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
        "show_state",
    )
    list_filter = (
        "state",
        SUPPLY,
        TAKEN,
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
    actions = ("put_on_sale", "take_down", "count_by_store", "one_number")
    actions_detail = ("count_by_store_here", "one_number_here")
    fieldsets = (
        (
            _("What guests see"),
            {"fields": ["merchant", "title_en", "title_zh", "description_en", "description_zh"]},
        ),
        (
            _("In the shop"),
            {
                "fields": [
                    "category",
                    "kind",
                    "list_price_fen",
                    "state",
                    "occasions",
                    "external_code",
                ]
            },
        ),
        (
            _("What guests get, and when"),
            {
                "fields": [
                    "included_text",
                    "uses",
                    "stores",
                    "validity_days",
                    "usable_after_hours",
                    *("uses_per_visit", "uses_per_day", "uses_per_person"),
                    "blackout_text",
                    "notes_text",
                    "provenance_text",
                ],
                "description": _("Sold vouchers keep the terms they were sold with."),
            },
        ),
        (
            _("Money back"),
            {"fields": ["refund_rule", "refund_days", "refund_on_expiry"]},
        ),
    )

    @admin.display(description=_("product"), ordering="title_en")
    def title(self, product: Product) -> str:
        return product.title

    @admin.display(description=_("sold"), ordering="sales_count")
    def show_sales(self, product: Product) -> int:
        return product.sales_count

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, product: Any) -> str:
        """On sale for whom? What no store takes, nobody can buy."""
        if product.state == Product.State.ACTIVE and not product.is_usable:
            return badge("danger", _("on sale, but no store takes it"))
        return badge(STATE_COLOURS[product.state], product.get_state_display())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return with_usable_somewhere(super().get_queryset(request), product="pk")

    @admin.display(description=_("rating"), ordering="rating_score")
    def show_rating(self, product: Product) -> str:
        return stars(product)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "category" and not is_operator(request):
            mine = merchant_ids_with(request, self.see)
            kwargs["queryset"] = Category.objects.filter(
                Q(merchants__in=mine) | Q(parent__merchants__in=mine)
            ).distinct()
            if not kwargs["queryset"].exists():
                kwargs["help_text"] = no_category_yet()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def render_change_form(self, request: Any, *args: Any, obj: Any = None, **kwargs: Any) -> Any:
        if obj and request.method == "GET":
            self._warn_where_nobody_takes(request, [obj])
        return super().render_change_form(request, *args, obj=obj, **kwargs)

    def _warn_where_nobody_takes(self, request: Any, products: Iterable[Product]) -> None:
        on_sale = [product for product in products if product.state == Product.State.ACTIVE]
        stores = stores_of_products(on_sale)
        text = _(
            "“%(product)s” is on sale, but nobody can buy it: none of its stores is open for business. "
            "Open a store, or choose others for it."
        )
        for product in on_sale:
            if not stores[product.pk].total:
                self.message_user(
                    request, text % {"product": isolate(str(product))}, messages.WARNING
                )

    def save_model(self, request: Any, obj: Product, form: Any, change: bool) -> None:
        """Save all but the state; `save_related` moves it when variants and prices stand."""
        wanted, obj.state = obj.state, form.state_before if change else Product.State.DRAFT
        form.state_wanted = wanted
        names = form.saved_fields() if change else form.saved_fields() | {"merchant"}
        if change:  # what prices are compared with is written when the prices stand
            names -= set(LAST_WRITTEN)
        fields = {name: getattr(obj, name) for name in names}
        stores = form.cleaned_data.get("stores") or ()
        if change:
            update_product(product=obj, stores=stores, **fields)
        else:
            adopt(obj, draft_product(stores=stores, **fields))

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        note_rows(formset)
        save = _save_variant if formset.model is Variant else _save_picture
        for row in formset.forms:
            if row.has_changed() and row not in formset.deleted_forms:
                save(row, form.instance, person(request))
        for picture in formset.deleted_objects:
            remove_picture(picture=picture)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            last = {name: getattr(form.instance, name) for name in LAST_WRITTEN}
            update_product(product=form.instance, **last)
        if "occasions" in form.changed_data:
            set_occasions(product=form.instance, occasions=form.cleaned_data["occasions"])
        if form.state_wanted != form.instance.state:
            STEPS[form.state_wanted](product=form.instance)

    def _move(self, request: Any, products: Iterable[Product], step: Any) -> None:
        for product in products:
            try:
                step(product=product)
            except Refusal as refusal:
                self.message_user(request, f"{product}: {refusal}", messages.ERROR)

    @admin.action(description=_("Put on sale"))
    def put_on_sale(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._move(request, queryset, publish_product)
        self._warn_where_nobody_takes(request, queryset.all())

    @asked(
        _("Take down"),
        _(
            "Nobody can buy these products any more. Vouchers already sold stay valid until they expire."
        ),
    )
    def take_down(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._move(request, queryset, archive_product)

    @asked(
        _("Count by store"),
        _(
            "Each store gets a number of its own, and guests choose where they collect it. What the web "
            "had goes to the store that you choose; where there are none, count or receive it, or it "
            "is sold out online."
        ),
        choices=_where_pieces_go,
        choices_label=_("Where are the pieces that the web has?"),
    )
    def count_by_store(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        for product in queryset:
            try:
                keep_all_by_store(
                    product_id=product.pk,
                    by=person(request),
                    store_id=read_number(choice_of(request, product)),
                )
            except Refusal as refusal:
                self.message_user(request, f"{product}: {refusal}", messages.ERROR)

    @action(description=_("Count by store"), url_path="count-by-store")
    def count_by_store_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.count_by_store.question, "count_by_store")

    @action(description=_("One number for all stores"), url_path="one-number")
    def one_number_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.one_number.question, "one_number")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """The way that its stock is not counted yet; where its variants differ, both."""
        product = self.get_object(request, str(object_id))
        if product is None or not self._acts(request):
            return []
        by_store = {bool(s) for s in product.variants.values_list("stock__by_store", flat=True)}
        needless = [
            name
            for name, way in (("count_by_store_here", False), ("one_number_here", True))
            if by_store and way not in by_store
        ]
        found = super().get_actions_detail(request, object_id)
        return [row for row in found if not row.action_name.endswith(tuple(needless))]

    @asked(
        _("One number for all stores"),
        _(
            "The pieces of all stores become one number, which the web sells from; guests choose no "
            "store any more. What is set aside for guests stays with its store."
        ),
    )
    def one_number(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        variants = Variant.objects.filter(product__in=queryset, stock__by_store=True)
        for variant in variants.order_by("pk"):
            keep_one_number(variant_id=variant.pk, by=person(request))


LAST_WRITTEN = ("list_price_fen", "included")


def no_category_yet() -> str:
    """Why the list of categories is empty, and whom to ask."""
    text = _("No category is open for your business yet. Tell us your trade and we open it:")
    reach = [part for part in (settings.OPERATOR_EMAIL, settings.OPERATOR_PHONE) if part]
    return f"{text} {' · '.join(reach) or settings.BASE_URL}"


def _save_variant(row: VariantForm, product: Product, by: Any) -> None:
    """Its names and place, its price and its stock: each through its own service, where changed."""
    data = row.cleaned_data
    names = {name: data[name] for name in ("name_en", "name_zh")}
    place = {name: data[name] for name in ("position", "active")}
    if row.instance.pk is None:
        choice = VariantInput(**names, price_fen=data["price_fen"], available=data["available"])
        row.instance = add_variant(product=product, choice=choice, by=by, **place)
        if data["low_stock_at"] is not None:
            set_low_stock(variant_id=row.instance.pk, low_stock_at=data["low_stock_at"])
        return
    if {*names, *place} & set(row.changed_data):
        update_variant(variant=row.instance, **names, **place)
    if "price_fen" in row.changed_data:
        set_normal_price(variant=row.instance, price_fen=data["price_fen"])
    if "available" in row.changed_data:
        set_stock(variant_id=row.instance.pk, available=data["available"], by=by)
    if "low_stock_at" in row.changed_data:
        set_low_stock(variant_id=row.instance.pk, low_stock_at=data["low_stock_at"])


def _save_picture(row: PictureForm, product: Product, _by: Any) -> None:
    texts = {name: row.cleaned_data[name] for name in ("alt_en", "alt_zh", "position")}
    if row.instance.pk is None:
        assert row.content is not None, "the form asks for a file"
        row.instance = add_picture(product=product, content=row.content, **texts)
    else:
        update_picture(picture=row.instance, content=row.content, **texts)


@admin.register(Variant)
class VariantAdmin(TenantAdmin):
    """Only searched from the offer form; variants are edited on their product."""

    see = Right.SEE_CATALOG
    edit = Right.EDIT_CATALOG
    merchant_path = "product__merchant"
    operator_may = VIEW
    merchant_may = VIEW
    search_fields = ("product__title_en", "product__title_zh", "name_en", "name_zh")
    search_help_text = _("Product or variant")
    list_display = (
        "product",
        plain("name", _("variant")),
        yes_or_no("active", _("state"), (_("on sale"), _("off sale"))),
    )
    list_select_related = ("product",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("product")
