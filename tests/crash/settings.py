"""The real settings; workers load tests/crash/handlers.py, which can make a reaction hang."""

from __future__ import annotations

from o2o.settings import *  # noqa: F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"  # noqa: F405
CELERY_IMPORTS = ["tests.crash.handlers"]
