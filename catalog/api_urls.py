"""Addresses of the product API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from catalog import api

urlpatterns = [
    path("products", api.ProductList.as_view(), name="api_product_list"),
    path("products/<id:pk>", api.ProductDetail.as_view(), name="api_product_detail"),
    path("products/<id:pk>/stores", api.ProductStores.as_view(), name="api_product_stores"),
]
