"""Addresses of the store pages."""

from __future__ import annotations

from django.urls import path

from stores import views, views_apply, views_invitations

urlpatterns = [
    path("stores/", views.store_list, name="store_list"),
    path("stores/<id:pk>/", views.store_detail, name="store_detail"),
    path("merchants/apply/", views_apply.merchant_apply, name="merchant_apply"),
    path("invitations/<token:token>/", views_invitations.invitation, name="invitation"),
    path("city/", views.choose_city, name="choose_city"),
]
