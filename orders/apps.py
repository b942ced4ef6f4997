from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Orders")

    def ready(self) -> None:
        """Tell payments what a payment has paid for, members what a guest leaves to who
        signs in, the catalog what stores keep for guests, and campaigns what was sold. Campaigns and
        coupons are rules of price.
        """
        register = import_module("orders.fulfilment.base").register_method
        register(import_module("orders.fulfilment.redeem").Redeem())
        register(import_module("orders.fulfilment.pickup").Pickup())
        totals = import_module("orders.selectors").spent_by_payment
        import_module("payments.sides").register_voucher_totals(totals)
        waiting = import_module("orders.set_aside").pieces_set_aside
        import_module("catalog.set_aside").register_set_aside(waiting)
        inherit = import_module("orders.access").inherit_basket
        import_module("members.arrivals").register_arrival(inherit)
        import_module("kernel.message_kinds").register_kinds(import_module("orders.messages").KINDS)
        register_rules = import_module("orders.pricing.rules").register_rules
        register_rules(import_module("orders.pricing.promised").campaign_rules)
        sold = import_module("orders.history").OrderHistory()
        import_module("campaigns.history").register_history(sold)
