from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "o2o.idempotency"
    label = "idempotency"
    verbose_name = "Idempotency keys"
