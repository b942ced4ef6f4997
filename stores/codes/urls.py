"""The address of every code."""

from __future__ import annotations

from django.urls import path

from stores.codes import views

urlpatterns = [
    path("q/<token:code>", views.follow, name="code"),
    path("q/<token:code>/", views.follow, name="code_with_a_slash"),
]
