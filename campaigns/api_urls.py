from __future__ import annotations

from django.urls import path

from campaigns import api, api_sales

urlpatterns = [
    path("coupons", api.CouponList.as_view(), name="api_coupons"),
    path("campaigns/<id:pk>/coupons", api.CouponClaim.as_view(), name="api_campaign_coupons"),
    path("sales/<id:pk>", api_sales.SaleView.as_view(), name="api_sale"),
    path("sales/<id:pk>/place", api_sales.SalePlace.as_view(), name="api_sale_place"),
    path(
        "products/<id:pk>/campaigns",
        api.ProductCampaigns.as_view(),
        name="api_product_campaigns",
    ),
    path("stores/<id:pk>/campaigns", api.StoreCampaigns.as_view(), name="api_store_campaigns"),
]
