from __future__ import annotations

from django.urls import path

from members import api

urlpatterns = [
    path("auth/login", api.LoginView.as_view(), name="api_login"),
    path("auth/logout", api.LogoutView.as_view(), name="api_logout"),
]
