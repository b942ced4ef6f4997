from __future__ import annotations

from django.db import models

from kernel.clock import now


class IdempotencyKey(models.Model):
    """The stored first answer to one action of one caller."""

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_scope_key"),
        )

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
