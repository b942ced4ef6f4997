"""Limited-time prices in the admin; normal prices are changed on the product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalog.admin_forms import OfferForm
from catalog.models import Offer, OfferQuerySet
from catalog.services.offers import change_limited_offer, create_limited_offer, end_offer
from catalog.usable import with_usable_somewhere
from stores.admin_actions import asked
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, moment, money
from stores.admin_filters import MERCHANT, DayFilter, choices
from stores.admin_rights import ALL
from stores.rights import Right

STAGES = {
    Offer.Stage.RUNNING: "success",
    Offer.Stage.SOON: "warning",
    Offer.Stage.SOLD_OUT: "danger",
    Offer.Stage.PAUSED: "warning",
    Offer.Stage.OFF_SALE: "warning",
    Offer.Stage.OVER: "info",
}


def _at(stage: Offer.Stage) -> tuple[Any, Callable[[QuerySet[Any]], QuerySet[Any]]]:
    return stage.label, lambda rows: cast(OfferQuerySet, rows).at_stage(stage)


RUNNING = choices(
    "running",
    _("state"),
    {
        **{stage.value: _at(stage) for stage in STAGES},
        "ending": (
            _("ends within three days"),
            lambda rows: cast(OfferQuerySet, rows).ending_soon(),
        ),
    },
)
PRICE = money("price_fen", _("price"))
WAS = money("was_fen", _("compared with"))
STARTS = moment("starts_at", _("starts"))
ENDS = moment("ends_at", _("ends"))


@admin.register(Offer)
class OfferAdmin(TenantAdmin):
    """Limited-time prices; normal prices are changed on the product."""

    see = Right.SEE_CATALOG
    edit = Right.EDIT_CATALOG
    form = OfferForm
    operator_may = ALL - {"delete"}
    merchant_may = ALL - {"delete"}
    scoped_choices = {"variant": "product__merchant"}
    list_display = (
        "product",
        "variant_name",
        "kind",
        PRICE,
        STARTS,
        ENDS,
        "show_quota",
        "show_running",
    )
    list_filter = ("kind", RUNNING, ("ends_at", DayFilter), MERCHANT)
    list_select_related = ("product", "variant", "merchant")
    search_fields = ("product__title_en", "product__title_zh")
    search_help_text = _("Product")
    empty_text = _(
        "A limited-time price brings guests on quiet days: choose a product, a price, a start and an end."
    )
    autocomplete_fields = ("variant",)
    fieldsets = (
        (_("What and how much"), {"fields": ["variant", "price_fen"]}),
        (
            _("When"),
            {
                "fields": ["starts_at", "ends_at"],
                "description": format_lazy(
                    _("Times are those of the platform: {zone}."), zone=settings.TIME_ZONE
                ),
            },
        ),
        (_("How many"), {"fields": ["quota", "per_person_limit"]}),
    )
    actions = ("end_now",)

    @admin.display(description=_("variant"))
    def variant_name(self, offer: Offer) -> str:
        return offer.variant.name or "—"

    @admin.display(description=_("sold / quota"))
    def show_quota(self, offer: Offer) -> str:
        """Pieces are counted only where they are limited; how many are sold, the product's list says."""
        return "—" if offer.quota is None else f"{offer.quota_sold} / {offer.quota}"

    @admin.display(description=_("state"), ordering="active")
    def show_running(self, offer: Any) -> str:
        stage = offer.stage()
        if stage == Offer.Stage.RUNNING and not getattr(offer, "is_usable", True):
            return badge("danger", _("running, but no store takes it"))
        return badge(STAGES[stage], stage.label)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        return with_usable_somewhere(super().get_queryset(request), product="product")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A normal price, and an offer that has ended, can only be read here."""
        closed = obj is not None and (
            obj.kind == Offer.Kind.NORMAL or obj.stage() == Offer.Stage.OVER
        )
        return not closed and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("variant", PRICE, WAS, STARTS, ENDS, "show_running") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is sold at a price stands; when it ends and how many are left can change."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        ends = "ends_at" if self.has_change_permission(request, obj) else ENDS
        fixed = ["variant", PRICE, WAS, "show_running", STARTS, ends]
        return ((None, {"fields": [*fixed, "quota", "per_person_limit"]}),)

    def save_model(self, request: Any, obj: Offer, form: Any, change: bool) -> None:
        if not change:
            made = create_limited_offer(
                variant=obj.variant,
                **{name: getattr(obj, name) for name in form.fields if name != "variant"},
            )
            adopt(obj, made)
            return
        change_limited_offer(
            offer=obj,
            ends_at=obj.ends_at,
            quota=obj.quota,
            per_person_limit=obj.per_person_limit,
        )

    @asked(
        _("End now"),
        _("The normal price applies from now on. An ended price cannot be started again."),
    )
    def end_now(self, request: HttpRequest, queryset: QuerySet[Offer]) -> None:
        for offer in cast(OfferQuerySet, queryset).limited():
            end_offer(offer=offer)
