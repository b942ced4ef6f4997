"""Uploads that wait for the form they were chosen in (stores/services/kept_pictures.py)."""

from __future__ import annotations

from django.db import models

from kernel.clock import now


class KeptPicture(models.Model):
    """A picture whose form may be refused, as WebP; a sweep deletes it when its time is over.

    In the row and not in a file: what nobody uses leaves nothing behind.
    """

    content = models.BinaryField()
    kept_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return f"{self.kept_at:%Y-%m-%d %H:%M:%S}"
