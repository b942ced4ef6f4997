from __future__ import annotations

from django.urls import path

from members import api, api_keys

urlpatterns = [
    path("auth/login", api.LoginView.as_view(), name="api_login"),
    path("auth/logout", api.LogoutView.as_view(), name="api_logout"),
    path("auth/email", api.EmailView.as_view(), name="api_email"),
    path("auth/email/confirm", api.EmailConfirmView.as_view(), name="api_email_confirm"),
    path("auth/keys", api_keys.KeysView.as_view(), name="api_keys_list"),
    path("auth/keys/<id:pk>", api_keys.KeyView.as_view(), name="api_key"),
]
