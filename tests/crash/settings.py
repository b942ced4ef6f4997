"""The real settings, with the outbox handlers of tests/crash/handlers.py around the real ones."""

from __future__ import annotations

from o2o.settings import *  # noqa: F403

OUTBOX_HANDLERS = "tests.crash.handlers.HANDLERS"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"  # noqa: F405
CELERY_IMPORTS = ["tests.crash.handlers"]
