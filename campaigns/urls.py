from __future__ import annotations

from django.urls import path

from campaigns import views

urlpatterns = [
    path("coupons/", views.coupon_list, name="coupon_list"),
    path("campaigns/<id:pk>/", views.campaign_claim, name="campaign_claim"),
]
