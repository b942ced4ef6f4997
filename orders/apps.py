from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Orders")

    def ready(self) -> None:
        """Tell payments what a payment has paid for."""
        totals = import_module("orders.selectors").spent_by_payment
        import_module("payments.sides").register_voucher_totals(totals)
        import_module("kernel.message_kinds").register_kinds(import_module("orders.messages").KINDS)
