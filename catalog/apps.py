from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        """Say which trades businesses ask for (stores.trades), which pages codes lead to,
        and what follows a store that closes.
        """
        trades = import_module("catalog.trades").CategoryTrades()
        import_module("stores.trades").register_trades(trades)
        import_module("kernel.message_kinds").register_kinds(
            import_module("catalog.messages").KINDS
        )
        import_module("catalog.code_pages").register()
        follow = import_module("catalog.services.places").follow_store
        import_module("stores.openings").register_opening(follow)
