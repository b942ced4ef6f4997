from __future__ import annotations

from django.urls import path

from orders import api

urlpatterns = [
    path("orders", api.OrderCollection.as_view(), name="api_orders"),
    path("orders/<str:number>", api.OrderDetail.as_view(), name="api_order"),
    path("orders/<str:number>/cancel", api.OrderCancel.as_view(), name="api_order_cancel"),
    path("orders/<str:number>/payments", api.OrderPayments.as_view(), name="api_order_payments"),
]
