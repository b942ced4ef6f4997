from __future__ import annotations

from django.urls import path

from reviews import views

urlpatterns = [
    path("vouchers/<id:pk>/review/", views.review_write, name="review_write"),
    path("products/<id:pk>/reviews/", views.product_review_list, name="product_review_list"),
    path("stores/<id:pk>/reviews/", views.store_review_list, name="store_review_list"),
]
