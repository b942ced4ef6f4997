"""Uploads that wait for the form they were chosen in (catalog/services/kept_pictures.py)."""

from __future__ import annotations

from django.db import models

from o2o.clock import now


class KeptPicture(models.Model):
    """The files of a picture whose form was refused; an hour later a sweep deletes them."""

    image = models.ImageField(upload_to="products/")
    small = models.ImageField(upload_to="products/")
    card = models.ImageField(upload_to="products/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    kept_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return str(self.image)
