from __future__ import annotations

from django.urls import path

from messages import views

urlpatterns = [
    path("mail/off/<token:token>/", views.mail_off, name="mail_off"),
    path("inbox/preferences/", views.message_preferences, name="message_preferences"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/bell/", views.bell, name="bell"),
    path("inbox/read/", views.inbox_read, name="inbox_read"),
    path("inbox/<id:pk>/", views.notification_open, name="notification_open"),
]
