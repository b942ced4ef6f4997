from __future__ import annotations

from django.urls import path

from orders import views, views_gateway
from payments.sandbox import CASHIER

urlpatterns = [
    path("basket/", views.basket, name="basket"),
    path("basket/add/", views.basket_add, name="basket_add"),
    path("basket/stores/", views.basket_stores, name="basket_stores"),
    path("basket/lines/<id:offer_id>/", views.basket_line, name="basket_line"),
    path("basket/lines/<id:offer_id>/renew/", views.basket_renew, name="basket_renew"),
    path("checkout/", views.checkout, name="checkout"),
    path("orders/", views.order_list, name="order_list"),
    path("orders/<number:number>/", views.order_detail, name="order_detail"),
    path("orders/<number:number>/pay/", views.order_pay, name="order_pay"),
    path("orders/<number:number>/cancel/", views.order_cancel, name="order_cancel"),
    path("payments/notify/<token:gateway>/", views_gateway.payment_notify, name="payment_notify"),
    path(f"{CASHIER}<token:token>/", views_gateway.sandbox_cashier, name="sandbox_cashier"),
]
