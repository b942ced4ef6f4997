"""API: write a review, reply to one, read those of a product or store."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Product
from kernel.errors import NotFound
from kernel.http.bodies import read_body
from kernel.http.fields import PlainTextField, WholeField
from kernel.http.scopes import Scope
from members.models import User
from reviews.models import Review
from reviews.selectors import published_reviews
from reviews.services.reviews import TEXT_MAX_LENGTH, reply_to_review, write_review
from stores.models import Store


class ReviewInputSerializer(serializers.Serializer[Any]):
    voucher = WholeField(help_text="Id of your redeemed voucher.")
    rating = WholeField(min_value=1, max_value=5)
    text = PlainTextField(required=False, allow_blank=True, default="", max_length=TEXT_MAX_LENGTH)


class ReviewSerializer(serializers.ModelSerializer[Review]):
    author = serializers.CharField(source="author.display_name", read_only=True)
    store_name = serializers.CharField(source="store.name", read_only=True)
    product_title = serializers.CharField(
        source="voucher.title", read_only=True, help_text="As it was called when bought."
    )

    class Meta:
        model = Review
        fields = (
            "id",
            "author",
            "product",
            "product_title",
            "store",
            "store_name",
            "rating",
            "text",
            "created_at",
            "reply",
            "replied_at",
        )
        read_only_fields = fields


class ReviewCreateView(APIView):
    scope = Scope.REVIEWS_WRITE

    @extend_schema(
        tags=["reviews"],
        summary="Write a review",
        request=ReviewInputSerializer,
        responses={201: ReviewSerializer},
    )
    def post(self, request: Request) -> Response:
        """Review a voucher that you own and have redeemed; once per voucher."""
        facts = read_body(ReviewInputSerializer, request.data)
        assert isinstance(request.user, User)
        review = write_review(
            author=request.user,
            voucher_id=facts["voucher"],
            rating=facts["rating"],
            text=facts["text"],
        )
        review = published_reviews(pk=review.pk).get()
        return Response(ReviewSerializer(review).data, status=status.HTTP_201_CREATED)


class ReplySerializer(serializers.Serializer[Any]):
    text = PlainTextField(max_length=TEXT_MAX_LENGTH)


_REPLY = OpenApiExample(
    "An answer", value={"text": "Thank you, Mei. The window seat is yours."}, request_only=True
)


class ReviewReplyView(APIView):
    """For who may reply for the store where the guest was."""

    scope = Scope.REVIEWS_REPLY

    @extend_schema(
        tags=["reviews"],
        operation_id="review_reply_write",
        summary="Reply to a review, or change the reply",
        description="Everyone can read it below the review; its author is told. Refusals: `not_trading`.",
        request=ReplySerializer,
        responses=ReviewSerializer,
        examples=[_REPLY],
    )
    def put(self, request: Request, pk: int) -> Response:
        text = read_body(ReplySerializer, request.data)["text"]
        review = reply_to_review(review_id=pk, by=request.user, text=text)
        return Response(ReviewSerializer(review).data)

    @extend_schema(
        tags=["reviews"],
        operation_id="review_reply_delete",
        summary="Take the reply to a review away",
        description="Safe to repeat.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        reply_to_review(review_id=pk, by=request.user, text="")
        return Response(status=status.HTTP_204_NO_CONTENT)


class PublishedReviewsView(generics.ListAPIView[Review]):
    """What anybody may read, newest first."""

    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)
    serializer_class = ReviewSerializer
    queryset = Review.objects.none()


@extend_schema(tags=["reviews"], summary="Reviews of a product")
class ProductReviewsView(PublishedReviewsView):
    """Published reviews of a product on sale, newest first."""

    def get_queryset(self) -> QuerySet[Review]:
        pk = self.kwargs["pk"]
        if not Product.objects.on_sale().filter(pk=pk).exists():
            raise NotFound
        return published_reviews(product_id=pk)


@extend_schema(tags=["reviews"], summary="Reviews of a store")
class StoreReviewsView(PublishedReviewsView):
    """Published reviews of a store, newest first."""

    def get_queryset(self) -> QuerySet[Review]:
        pk = self.kwargs["pk"]
        if not Store.objects.open_for_business().filter(pk=pk).exists():
            raise NotFound
        return published_reviews(store_id=pk)
