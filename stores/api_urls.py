"""Addresses of the store API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from stores import api

urlpatterns = [
    path("stores", api.StoreList.as_view(), name="api_store_list"),
    path("stores/<id:pk>", api.StoreDetail.as_view(), name="api_store_detail"),
]
