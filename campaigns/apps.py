from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Say what the people of a business are told about its campaigns, and which page codes lead to."""
        import_module("kernel.message_kinds").register_kinds(
            import_module("campaigns.messages").KINDS
        )
        import_module("campaigns.code_pages").register()
