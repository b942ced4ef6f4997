from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Holds commands; installed everywhere but in production."""

    name = "demo"
