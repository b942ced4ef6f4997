"""The one address payments need: where the sandbox gateway lets people pay."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path


def cashier(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(token)


urlpatterns = [path("cashier/<token:token>/", cashier, name="sandbox_cashier")]
