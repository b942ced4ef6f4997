from __future__ import annotations

from django.urls import path

from campaigns import api, api_grants

urlpatterns = [
    path("coupons", api.CouponList.as_view(), name="api_coupons"),
    path("campaigns", api.CampaignList.as_view(), name="api_campaigns"),
    path("campaigns/<id:pk>/codes", api_grants.CampaignCodes.as_view(), name="api_campaign_codes"),
    path("coupon-grants", api_grants.CouponGrants.as_view(), name="api_coupon_grants"),
    path(
        "coupon-revocations",
        api_grants.CouponRevocations.as_view(),
        name="api_coupon_revocations",
    ),
    path("campaigns/<id:pk>/coupons", api.CouponClaim.as_view(), name="api_campaign_coupons"),
    path(
        "products/<id:pk>/campaigns",
        api.ProductCampaigns.as_view(),
        name="api_product_campaigns",
    ),
    path("stores/<id:pk>/campaigns", api.StoreCampaigns.as_view(), name="api_store_campaigns"),
]
