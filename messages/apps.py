from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagesConfig(AppConfig):
    name = "messages"
    label = "inbox"  # django.contrib.messages is called "messages" already
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Messages")
