"""Addresses of the pages that sell."""

from __future__ import annotations

from django.urls import path

from catalog import views

urlpatterns = [
    path("", views.home, name="home"),
    path("products/", views.product_list, name="product_list"),
    path("products/<id:pk>/", views.product_detail, name="product_detail"),
    path("products/<id:pk>/stores/", views.product_stores, name="product_stores"),
]
