from __future__ import annotations

from django.urls import path

from campaigns import views, views_sales

urlpatterns = [
    path("coupons/", views.coupon_list, name="coupon_list"),
    path("campaigns/<id:pk>/", views.campaign_claim, name="campaign_claim"),
    path("sales/<id:pk>/", views_sales.sale_detail, name="sale_detail"),
    path("sales/<id:pk>/place/", views_sales.sale_place, name="sale_place"),
]
