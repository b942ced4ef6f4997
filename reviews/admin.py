"""Reviews in the admin: the merchant replies, the operator hides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from reviews.models import Review
from reviews.services.reviews import hide_review, reply_to_review, unhide_review
from stores.admin_base import EDIT, OperatorActions, TenantAdmin, moment, plain, state
from stores.admin_filters import MERCHANT, STORE, DayFilter, choices

ANSWERED = choices(
    "answered",
    _("reply"),
    {
        "no": (_("waiting for a reply"), lambda rows: rows.filter(reply="")),
        "yes": (_("replied"), lambda rows: rows.exclude(reply="")),
    },
)


class ReplyForm(forms.ModelForm):
    class Meta:
        model = Review
        fields = ("reply",)
        widgets = {"reply": UnfoldAdminTextareaWidget(attrs={"rows": 4})}


@admin.register(Review)
class ReviewAdmin(OperatorActions, TenantAdmin):
    form = ReplyForm
    operator_may = EDIT
    merchant_may = EDIT
    list_display = (
        "show_stars",
        "product",
        "store",
        "short_text",
        "has_reply",
        state({"published": "success", "hidden": "danger"}),
        moment("created_at", _("written"), "store.time_zone"),
    )
    list_filter = (ANSWERED, "rating", "state", ("created_at", DayFilter), STORE, MERCHANT)
    list_select_related = ("product", "store", "author")
    search_fields = ("text", "product__title_en", "product__title_zh")
    search_help_text = _("Words of the review, or the product")
    empty_text = _("Guests are asked for a review after their visit.")
    fields = (
        "show_stars",
        "product",
        "store",
        plain("author", _("author")),
        "text",
        "state",
        moment("created_at", _("written"), "store.time_zone"),
        "reply",
    )
    readonly_fields = fields[:-1]
    actions = ("hide", "show_again")

    @admin.display(description=_("stars"), ordering="rating")
    def show_stars(self, review: Review) -> str:
        return "★" * review.rating + "☆" * (5 - review.rating)

    @admin.display(description=_("text"))
    def short_text(self, review: Review) -> str:
        return review.text[:60] + ("…" if len(review.text) > 60 else "")

    @admin.display(description=_("replied"), boolean=True)
    def has_reply(self, review: Review) -> bool:
        return bool(review.reply)

    def save_model(self, request: Any, obj: Review, form: Any, change: bool) -> None:
        reply_to_review(review_id=obj.pk, by=request.user, text=form.cleaned_data["reply"])

    @admin.action(description=_("Hide from the shop"))
    def hide(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset:
            hide_review(review_id=review.pk, by=request.user)

    @admin.action(description=_("Show again"))
    def show_again(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset:
            unhide_review(review_id=review.pk, by=request.user)
