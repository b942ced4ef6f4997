"""Shares of campaigns in the admin: what a business, or the platform, is asked to bear, and agrees to."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.models import Funder
from campaigns.selectors import funders_with_terms
from campaigns.services.funders import agree_to_fund, why_not_agreed
from campaigns.terms import terms_of
from campaigns.wording import headline
from stores.admin_actions import asked, attempt
from stores.admin_base import TenantAdmin
from stores.admin_columns import moment
from stores.admin_rights import person
from stores.rights import Right


@admin.register(Funder)
class FunderAdmin(TenantAdmin):
    """Each party sees its own shares; a share of the platform is its people's."""

    see = Right.SEE_CAMPAIGNS
    edit = Right.EDIT_CAMPAIGNS
    operator_may = merchant_may = frozenset({"view"})
    list_display = (
        *("show_campaign", "show_of", "show_headline", "show_share"),
        moment("agreed_at", _("agreed")),
    )
    search_fields = ("campaign__name_en", "campaign__name_zh")
    search_help_text = _("Name")
    empty_text = _("What others ask you to bear a part of is listed here.")
    actions = ("agree",)
    fields = ("show_campaign", "show_of", "show_headline", "show_share", "agreed_at")
    readonly_fields = fields

    @admin.display(description=_("campaign"))
    def show_campaign(self, row: Funder) -> str:
        return row.campaign.name

    @admin.display(description=_("campaign of"))
    def show_of(self, row: Funder) -> str:
        return row.campaign.merchant.name

    @admin.display(description=_("takes off"))
    def show_headline(self, row: Funder) -> str:
        return headline(terms_of(row.campaign))

    @admin.display(description=_("bears"))
    def show_share(self, row: Funder) -> str:
        return f"{row.permille / 10:g} %"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Funder]:
        return funders_with_terms(super().get_queryset(request))

    @asked(
        _("Agree"),
        _("Your business bears this share of every discount that is used. You can't take it back."),
        why_not=why_not_agreed,
    )
    def agree(self, request: HttpRequest, queryset: QuerySet[Funder]) -> None:
        for row in queryset:
            act = partial(agree_to_fund, funder_id=row.pk, by=person(request))
            attempt(self, request, row, act, done=self.show_share)
