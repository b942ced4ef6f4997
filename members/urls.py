from __future__ import annotations

from django.urls import path

from members import views, views_keys, views_privacy

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("register/", views.register_view, name="register"),
    path("password/forgot/", views.password_reset, name="password_reset"),
    path(
        "password/reset/<uidb64>/<token>/",
        views.PasswordResetConfirm.as_view(),
        name="password_reset_confirm",
    ),
    path("account/", views.account, name="account"),
    path("account/settings/", views.settings_view, name="settings"),
    path("account/password/", views.password_change, name="password_change"),
    path("account/email/", views.email_add, name="email_add"),
    path("account/email/<token:token>/", views.email_confirm, name="email_confirm"),
    path("account/keys/", views_keys.api_keys, name="api_keys"),
    path("account/log-out-others/", views.log_out_others, name="log_out_others"),
    path("privacy/", views_privacy.privacy, name="privacy"),
    path("i18n/setlang/", views.set_language, name="set_language"),
]
