from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VouchersConfig(AppConfig):
    name = "vouchers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Vouchers")

    def ready(self) -> None:
        """Tell payments how vouchers are called."""
        import_module("vouchers.naming").register_names()
        import_module("kernel.message_kinds").register_kinds(
            import_module("vouchers.messages").KINDS
        )
