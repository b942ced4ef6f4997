from django.apps import AppConfig
from django.utils.module_loading import import_string

from kernel.http.places import register_place
from kernel.outbox.lanes import register_consumers
from kernel.watch import tasks as watch_tasks
from o2o.celery import app as celery_app

__all__ = ["O2OConfig", "celery_app", "watch_tasks"]


class O2OConfig(AppConfig):
    """Holds the management commands of the composition root and loads the Celery app."""

    name = "o2o"
    label = "o2o"
    verbose_name = "O2O"

    def ready(self) -> None:
        """Tell the outbox who reacts to what, and rooms below where their people go.

        The rooms' models can be imported only now.
        """
        register_consumers(import_string("o2o.reactions.CONSUMERS"))
        register_place("front", "home")
        register_place("counter", "console_home")
        register_place("enrol", "console_enrol")
