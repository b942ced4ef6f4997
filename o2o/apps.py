from django.apps import AppConfig

from o2o.celery import app as celery_app

__all__ = ["O2OConfig", "celery_app"]


class O2OConfig(AppConfig):
    """Holds the management commands of the composition root and loads the Celery app."""

    name = "o2o"
    label = "o2o"
    verbose_name = "O2O"
