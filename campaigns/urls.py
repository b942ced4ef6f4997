from __future__ import annotations

from django.urls import path

from campaigns import views, views_sales

urlpatterns = [
    path("coupons/", views.coupon_list, name="coupon_list"),
    path("coupon-centre/", views.coupon_centre, name="coupon_centre"),
    path("coupons/code/", views.coupon_code, name="coupon_code"),
    path("campaigns/<id:pk>/", views.campaign_claim, name="campaign_claim"),
    path("sales/<id:pk>/", views_sales.sale_detail, name="sale_detail"),
    path("sales/<id:pk>/place/", views_sales.sale_place, name="sale_place"),
]
