from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from payments.gateways.base import all_gateways


class PaymentsConfig(AppConfig):
    name = "payments"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Payments")

    def ready(self) -> None:
        """Start every gateway once: one that is not set up properly stops the process here.

        Tell stores that a payout needs a second person.
        """
        all_gateways()
        import_module("payments.approvals").register()
        import_module("kernel.message_kinds").register_kinds(
            import_module("payments.messages").KINDS
        )
