from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VouchersConfig(AppConfig):
    name = "vouchers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Vouchers")

    def ready(self) -> None:
        """Tell payments how vouchers are called and what those of a payment cost."""
        import_module("vouchers.naming").register_names()
        totals = import_module("vouchers.selectors").prices_by_payment
        import_module("payments.sides").register_voucher_totals(totals)
