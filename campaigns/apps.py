from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Say which pages codes lead to."""
        import_module("campaigns.code_pages").register()
