"""Tests run on the real PostgreSQL and the real Valkey, started here."""

from __future__ import annotations

import os

os.environ.setdefault("O2O_MODE", "test")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o.settings")
