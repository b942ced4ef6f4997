from __future__ import annotations

from django.urls import path

from campaigns import api, api_gallery, api_grants, api_office, api_sales

urlpatterns = [
    path("coupons", api.CouponList.as_view(), name="api_coupons"),
    path("campaigns", api.CampaignList.as_view(), name="api_campaigns"),
    path(
        "campaigns/<id:pk>/coupon-codes",
        api_grants.CampaignCodes.as_view(),
        name="api_coupon_codes",
    ),
    path("coupon-grants", api_grants.CouponGrants.as_view(), name="api_coupon_grants"),
    path(
        "coupon-revocations",
        api_grants.CouponRevocations.as_view(),
        name="api_coupon_revocations",
    ),
    path("campaigns/<id:pk>/coupons", api.CouponClaim.as_view(), name="api_campaign_coupons"),
    path("sales/<id:pk>", api_sales.SaleView.as_view(), name="api_sale"),
    path("sales/<id:pk>/place", api_sales.SalePlace.as_view(), name="api_sale_place"),
    path(
        "products/<id:pk>/campaigns",
        api.ProductCampaigns.as_view(),
        name="api_product_campaigns",
    ),
    path("stores/<id:pk>/campaigns", api.StoreCampaigns.as_view(), name="api_store_campaigns"),
    path(
        "business/campaigns/templates",
        api_gallery.CampaignTemplates.as_view(),
        name="api_campaign_templates",
    ),
    path("business/campaigns", api_office.OfficeCampaigns.as_view(), name="api_office_campaigns"),
    path(
        "business/campaigns/<id:pk>",
        api_office.OfficeCampaign.as_view(),
        name="api_office_campaign",
    ),
    path(
        "business/campaigns/<id:pk>/plan",
        api_office.OfficeCampaignPlan.as_view(),
        name="api_office_campaign_plan",
    ),
    path(
        "business/campaigns/<id:pk>/start",
        api_office.OfficeCampaignStart.as_view(),
        name="api_office_campaign_start",
    ),
    path(
        "business/campaigns/<id:pk>/pause",
        api_office.OfficeCampaignPause.as_view(),
        name="api_office_campaign_pause",
    ),
    path(
        "business/campaigns/<id:pk>/end",
        api_office.OfficeCampaignEnd.as_view(),
        name="api_office_campaign_end",
    ),
    path(
        "business/campaigns/<id:pk>/copy",
        api_office.OfficeCampaignCopy.as_view(),
        name="api_office_campaign_copy",
    ),
]
