from __future__ import annotations

from django.urls import path

from campaigns import views

urlpatterns = [
    path("coupons/", views.coupon_list, name="coupon_list"),
    path("coupon-centre/", views.coupon_centre, name="coupon_centre"),
    path("coupons/code/", views.coupon_code, name="coupon_code"),
    path("campaigns/<id:pk>/", views.campaign_claim, name="campaign_claim"),
]
