"""The Celery application with the settings of tests/crash/settings.py, which it reads later."""

from __future__ import annotations

import os

from o2o.celery import app

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.crash.settings"

__all__ = ["app"]
