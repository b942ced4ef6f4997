from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Reviews")

    def ready(self) -> None:
        """Make known what this room tells people."""
        import_module("kernel.message_kinds").register_kinds(
            import_module("reviews.messages").KINDS
        )
