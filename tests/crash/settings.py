"""The real settings; workers load tests/crash/handlers.py, which can make a reaction hang."""

from __future__ import annotations

import os

from o2o.settings import *  # noqa: F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"  # noqa: F405
if port := os.environ.get("CRASH_SMTP_PORT"):  # a server of the test's own, that hangs
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(port)
CELERY_IMPORTS = ["tests.crash.handlers"]
