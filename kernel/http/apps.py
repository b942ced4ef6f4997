from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from kernel.http.plain_words import speak_in_api, speak_in_forms
from kernel.http.reading import register_converters
from kernel.http.reads import register_lookups


class WebConfig(AppConfig):
    name = "kernel.http"
    label = "web"
    verbose_name = _("Web pages")

    def import_models(self) -> None:
        """Before any form is made: admin pages are discovered before this app is ready."""
        super().import_models()
        speak_in_forms()

    def ready(self) -> None:
        speak_in_api()
        register_converters()
        register_lookups()
