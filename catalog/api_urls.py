"""Addresses of the product API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from catalog import api, api_occasions, api_stock

urlpatterns = [
    path("products", api.ProductList.as_view(), name="api_product_list"),
    path("products/<id:pk>", api.ProductDetail.as_view(), name="api_product_detail"),
    path("products/<id:pk>/stores", api.ProductStores.as_view(), name="api_product_stores"),
    path("occasions", api_occasions.OccasionList.as_view(), name="api_occasions"),
    path("stock", api_stock.StockList.as_view(), name="api_stock"),
    path("stock/movements", api_stock.StockMovements.as_view(), name="api_stock_movements"),
    path("stock/counts", api_stock.StockCounts.as_view(), name="api_stock_counts"),
    path("stock/transfers", api_stock.StockTransfers.as_view(), name="api_stock_transfers"),
]
