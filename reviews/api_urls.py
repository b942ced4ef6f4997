from __future__ import annotations

from django.urls import path

from reviews import api

urlpatterns = [
    path("reviews", api.ReviewCreateView.as_view(), name="api_reviews"),
    path("reviews/<id:pk>/reply", api.ReviewReplyView.as_view(), name="api_review_reply"),
    path("products/<id:pk>/reviews", api.ProductReviewsView.as_view(), name="api_product_reviews"),
    path("stores/<id:pk>/reviews", api.StoreReviewsView.as_view(), name="api_store_reviews"),
]
