from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CodesConfig(AppConfig):
    name = "stores.codes"
    label = "codes"
    verbose_name = _("Codes")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Codes lead to pages of stores and businesses; other rooms register theirs."""
        import_module("stores.codes.targets").register_own()
