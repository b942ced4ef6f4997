from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Say what guests and businesses are told, which pages codes lead to, and who follows the counter."""
        import_module("campaigns.code_pages").register()
        import_module("campaigns.services.items").register()
        import_module("kernel.message_kinds").register_kinds(
            import_module("campaigns.messages").KINDS
        )
