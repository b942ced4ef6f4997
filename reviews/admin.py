"""Reviews in the admin: the merchant replies, the operator hides."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from kernel.http.forms import TextField
from reviews.models import Review
from reviews.services.reviews import hide_review, reply_to_review, unhide_review
from stores.admin_actions import asked
from stores.admin_base import TenantAdmin
from stores.admin_columns import badge, moment, plain, state
from stores.admin_filters import MERCHANT, STORE, DayFilter, choices
from stores.admin_forms import TenantForm
from stores.admin_rights import EDIT
from stores.rights import Right

ANSWERED = choices(
    "answered",
    _("reply"),
    {
        "no": (_("waiting for a reply"), lambda rows: rows.filter(reply="")),
        "yes": (_("replied"), lambda rows: rows.exclude(reply="")),
    },
)


STATE = state({"published": "success", "hidden": "danger"})
WRITTEN = moment("created_at", _("written"), "store.time_zone")


class ReplyForm(TenantForm):
    class Meta:
        model = Review
        fields = ("reply",)
        widgets = {"reply": UnfoldAdminTextareaWidget(attrs={"rows": 4})}
        field_classes = {"reply": TextField}
        help_texts = {
            "reply": _("Everyone can read it below the review; its author gets an e-mail.")
        }


@admin.register(Review)
class ReviewAdmin(TenantAdmin):
    see = Right.SEE_REVIEWS
    edit = Right.REPLY
    act = Right.MODERATE
    store_path = "store"
    form = ReplyForm
    operator_may = EDIT
    merchant_may = EDIT
    list_display = (
        "product",
        "show_stars",
        "short_text",
        "show_reply",
        STATE,
        "store",
        WRITTEN,
    )
    list_filter = (ANSWERED, "rating", "state", ("created_at", DayFilter), STORE, MERCHANT)
    list_select_related = ("product", "store", "author")
    search_fields = ("text", "product__title_en", "product__title_zh")
    search_help_text = _("Text of the review, or the product")
    empty_text = _("Guests are asked for a review after their visit.")
    fields = (
        "show_stars",
        "text",
        "product",
        "store",
        plain("author", _("author")),
        STATE,
        WRITTEN,
        "reply",
    )
    readonly_fields = fields[:-1]
    actions = ("hide", "show_again")

    @admin.display(description=_("stars"), ordering="rating")
    def show_stars(self, review: Review) -> str:
        return "★" * review.rating + "☆" * (5 - review.rating)

    @admin.display(description=_("text"))
    def short_text(self, review: Review) -> str:
        return Truncator(review.text).chars(60, truncate="…") or "—"

    @admin.display(description=_("reply"), ordering="reply")
    def show_reply(self, review: Review) -> str:
        return badge("success", _("replied")) if review.reply else badge("warning", _("waiting"))

    def save_model(self, request: Any, obj: Review, form: Any, change: bool) -> None:
        reply_to_review(review_id=obj.pk, by=request.user, text=form.cleaned_data["reply"])

    @asked(
        _("Hide from the shop"),
        _("Nobody sees the review any more, and its stars no longer count. You can show it again."),
    )
    def hide(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset:
            hide_review(review_id=review.pk, by=request.user)

    @admin.action(description=_("Show again"))
    def show_again(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset:
            unhide_review(review_id=review.pk, by=request.user)
