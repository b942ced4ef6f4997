"""Addresses of the pages that sell."""

from __future__ import annotations

from django.urls import path

from catalog import views, views_occasions

urlpatterns = [
    path("", views.home, name="home"),
    path("occasions/", views_occasions.occasion_list, name="occasion_list"),
    path("occasions/<slug:code>/", views_occasions.occasion_detail, name="occasion_detail"),
    path("products/", views.product_list, name="product_list"),
    path("products/<id:pk>/", views.product_detail, name="product_detail"),
    path("products/<id:pk>/stores/", views.product_stores, name="product_stores"),
]
