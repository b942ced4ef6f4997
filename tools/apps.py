from django.apps import AppConfig


class ToolsConfig(AppConfig):
    """Holds commands; installed everywhere but in production."""

    name = "tools"
