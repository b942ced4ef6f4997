from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kernel.http.reading import register_converters
from kernel.http.reads import register_lookups


class WebConfig(AppConfig):
    name = "kernel.http"
    label = "web"
    verbose_name = _("Web pages")

    def ready(self) -> None:
        register_converters()
        register_lookups()
