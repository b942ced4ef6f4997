from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    name = "stores"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Stores")

    def ready(self) -> None:
        """Make known what of this room needs a second person."""
        import_module("stores.approval_kinds").register()
        import_module("kernel.message_kinds").register_kinds(import_module("stores.messages").KINDS)
