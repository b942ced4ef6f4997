from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from o2o.web.reading import register_converters
from o2o.web.reads import register_lookups


class WebConfig(AppConfig):
    name = "o2o.web"
    label = "web"
    verbose_name = _("Web pages")

    def ready(self) -> None:
        register_converters()
        register_lookups()
