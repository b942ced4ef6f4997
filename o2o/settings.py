"""Settings, all from the environment; docs/operations.md lists every variable.

``O2O_MODE`` picks the defaults: ``dev`` (the default), ``demo`` (`make demo`), ``test`` or
``production``. In production the secrets and the hosts must be given.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from email.utils import formataddr
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from kernel.watch.logs import chosen_style, logging_config
from o2o.admin_theme import COLOURS, NAVIGATION, favicon, script, stylesheet
from o2o.embedded import broker_url, data_dir, database_config, hear_only_ours, redis_url
from o2o.production import check_settings

hear_only_ours()
env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_dir()
MODE = env.str("O2O_MODE", "dev")
if MODE not in {"dev", "demo", "test", "production"}:
    raise ImproperlyConfigured(f"O2O_MODE is {MODE!r}; use dev, demo, test or production.")
PRODUCTION = MODE == "production"

DEBUG = env.bool("DEBUG", MODE == "dev")


def _local_secret(name: str) -> str:
    """Read a secret kept beside the data, or make it on first use (never in production)."""
    path = DATA_DIR / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        # Several processes may start at once: the first link wins, and all read that one.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


SECRET_KEY = env.str("SECRET_KEY", "") or ("" if PRODUCTION else _local_secret("secret_key"))
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY: 50 random characters, the same for all processes.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
QR_SECRET = env.str("QR_SECRET", "") or SECRET_KEY
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", env.str("HOST", "127.0.0.1")],
)
if "0.0.0.0" in ALLOWED_HOSTS and not PRODUCTION:  # noqa: S104 - the demo was bound to every address
    ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = env.str(
    "BASE_URL", f"http://{env.str('HOST', '127.0.0.1')}:{env.str('PORT', '8000')}"
).rstrip("/")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "kernel.watch",
    "kernel.outbox",
    "kernel.idempotency",
    "kernel.facts",
    "kernel.http",
    "stores",
    "stores.codes",
    "members",
    "messages",
    "catalog",
    "payments",
    "vouchers",
    "campaigns",
    "orders",
    "reviews",
    "insights",
    "o2o",
]
# Neither stands in the image of production (.dockerignore).
if not PRODUCTION:
    INSTALLED_APPS += ["demo", "tools"]

MIDDLEWARE = [
    "kernel.watch.requests.RequestMiddleware",  # sees everything that is answered
    "o2o.metrics.MetricsMiddleware",
    "kernel.http.middleware.HealthMiddleware",  # early: probes come over plain http, by address
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kernel.http.compression.PageCompressionMiddleware",  # static files were compressed beforehand
    "kernel.http.seo.exposure.ExposureMiddleware",  # after whitenoise: static files stay cacheable
    "kernel.http.net.InputMiddleware",  # before all that reads cookies and forms
    "kernel.http.visits.VisitMiddleware",
    "kernel.http.sessions.SessionMiddleware",
    "kernel.http.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kernel.http.middleware.ContentPolicyMiddleware",
    "kernel.http.maintenance.MaintenanceMiddleware",
    "kernel.http.middleware.RefusalMiddleware",
    "kernel.http.busy.BusyMiddleware",
]

ROOT_URLCONF = "o2o.urls"
WSGI_APPLICATION = "o2o.wsgi.application"
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["members.backends.IdentifierBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "kernel.http.context.site",
                "orders.context.basket",
                "messages.context.inbox",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {"default": database_config()}
DATABASES["default"]["ENGINE"] = "kernel.db"
# A pooler that lends a connection per transaction keeps neither cursors nor prepared statements.
DATABASE_POOLED = env.bool("DATABASE_POOLED", False)
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = DATABASE_POOLED
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 600)
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
CACHES = {
    "default": {
        "BACKEND": "kernel.cache.backend.ForgivingRedisCache",
        "LOCATION": redis_url(),
        "KEY_PREFIX": "o2o",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1.0},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"

# Workers -----------------------------------------------------------------------------
CELERY_BROKER_URL = broker_url()
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 3
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
    "visibility_timeout": 3600,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # its lines look like all others
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_ENABLE_UTC = True

# Passwords, sessions, transport ------------------------------------------------------
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Read by Django itself; where rooms lead people to is registered in o2o/apps.py.
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "home"
HTTPS = env.bool("HTTPS", PRODUCTION)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "kernel.http.failures.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS and env.bool("SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
TRUST_PROXY = env.bool("TRUST_PROXY", False)
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Languages and time ------------------------------------------------------------------
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "o2o.formats"

# Files -------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", str(DATA_DIR / "static"))()
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", str(DATA_DIR / "media"))()
# One machine serves uploads itself; many machines leave them to the proxy or the bucket.
SERVE_MEDIA = env.bool("SERVE_MEDIA", not PRODUCTION)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE in {"dev", "test"}
        else "kernel.http.statics.BundlingStorage"
    },
}
WHITENOISE_USE_FINDERS = MODE in {"dev", "test"}
WHITENOISE_AUTOREFRESH = MODE in {"dev", "test"}

# E-mail ------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# Seconds for each step of a talk with the mail server; without it a hanging one never ends.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 10)
SITE_NAME = env.str("SITE_NAME", "")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "") or formataddr(
    (SITE_NAME or "Linli", "no-reply@localhost")
)

# The API -----------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["members.api_auth.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kernel.http.negotiation.PlainFirst",
    "DEFAULT_PARSER_CLASSES": ["kernel.http.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "kernel.http.api_paging.CursorPages",
    "PAGE_SIZE": 20,
    "DEFAULT_SCHEMA_CLASS": "kernel.http.scoped_schema.ScopedSchema",
    "EXCEPTION_HANDLER": "kernel.http.problems.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Linli API",
    "DESCRIPTION": "Sell online, redeem in store. Errors are problem documents (RFC 9457); "
    "amounts are integers in fen; money and redemption POSTs take an Idempotency-Key.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kernel.http.openapi.document_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ProductKind": "catalog.models.Product.Kind",
        "OfferKind": "catalog.models.Offer.Kind",
        "VoucherKind": "vouchers.models.Voucher.Kind",
        "VoucherState": "vouchers.models.Voucher.State",
        "VoucherWait": "vouchers.models.Voucher.Wait",
        "GrantReason": "vouchers.models.BY_HAND",
        "CodeKind": "stores.codes.models.Code.Kind",
        "CodeChannel": "stores.codes.models.Code.Channel",
        "CampaignState": "campaigns.models.Campaign.State",
        "CampaignWay": "campaigns.models.Campaign.Way",
        "BenefitKind": "campaigns.models.Benefit.Kind",
        "ConditionKind": "campaigns.models.Condition.Kind",
        "OrderState": "orders.models.Order.State",
        "OrderStanding": "orders.states.OrderState",
        "VoucherStanding": "vouchers.outcome.VoucherState",
        "StatementState": "payments.models.Statement.State",
        "PayoutState": "payments.models.Payout.State",
        "MessageChannel": "kernel.message_kinds.Channel",
        "MessagePace": "kernel.message_kinds.Pace",
        "RedemptionState": "vouchers.states.RedemptionState",
        "StaffRole": "stores.models.StaffMembership.Role",
        "AccountRole": "members.api.ROLES",
    },
}

# The shop ----------------------------------------------------------------------------
OPERATOR_EMAIL = env.str("OPERATOR_EMAIL", "")
OPERATOR_PHONE = env.str("OPERATOR_PHONE", "")
# Off closes a staging site to search engines, whatever its pages say.
SEARCH_INDEXING = env.bool("SEARCH_INDEXING", True)
MAINTENANCE_FILE = env.path("MAINTENANCE_FILE", str(DATA_DIR / "maintenance"))()
ORDER_TIMEOUT_MINUTES = env.int("ORDER_TIMEOUT_MINUTES", 15)
UNDO_WINDOW_MINUTES = env.int("UNDO_WINDOW_MINUTES", 10)
RETURN_DAYS = env.int("RETURN_DAYS", 30)  # a merchant takes redemptions back: at most so old,
RETURN_MAX_FEN = env.int("RETURN_MAX_FEN", 500_000)  # and so much of one (docs/money.md)
# The lowest price of so many days before a reduction is what it is measured by (docs/prices.md).
PRIOR_PRICE_USUAL_DAYS = env.int("PRIOR_PRICE_USUAL_DAYS", 30)
PRIOR_PRICE_DAYS = {"CN": 7} | env.dict("PRIOR_PRICE_DAYS", {"value": int}, default={})
# Off says that the operator works alone: what needs a second person is then done at once.
APPROVALS = env.str("APPROVALS", "on") != "off"
API_TOKEN_DAYS = env.int("API_TOKEN_DAYS", 30)
SANDBOX_GATEWAY = env.bool("SANDBOX_GATEWAY", not PRODUCTION)
PAYMENT_GATEWAYS = ["sandbox"] if SANDBOX_GATEWAY else []
SANDBOX_REFUND_SECONDS = env.int("SANDBOX_REFUND_SECONDS", 0)
RATE_LIMITS = env.bool("RATE_LIMITS", True)
# How long parts of public pages are kept (kernel/cache/shared_parts.py); tests see every change at once.
SHARED_PART_SECONDS = env.int("SHARED_PART_SECONDS", 0 if MODE == "test" else 15)
NEAR_SECONDS = env.int("NEAR_SECONDS", 0 if MODE == "test" else 5)  # kernel/cache/near.py
# Facts and touches of codes wait so long for the others of their batch; 0: nobody writes unasked.
BATCH_SECONDS = env.float("BATCH_SECONDS", 0.0 if MODE == "test" else 1.0)
STYLEGUIDE = env.bool("STYLEGUIDE", not PRODUCTION)

METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# What production refuses, unless it is named here one by one (o2o/production.py).
ALLOW_UNSAFE = [name.strip() for name in env.list("ALLOW_UNSAFE", default=[]) if name.strip()]
if PRODUCTION:
    check_settings(
        debug=DEBUG,
        secret_key=SECRET_KEY,
        fallbacks=SECRET_KEY_FALLBACKS,
        qr_secret=QR_SECRET,
        metrics_token=METRICS_TOKEN,
        hosts=ALLOWED_HOSTS,
        sandbox=SANDBOX_GATEWAY,
        allowed=ALLOW_UNSAFE,
    )


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Linli back office"),
    "SITE_HEADER": _("Linli back office"),
    "SITE_SYMBOL": "storefront",
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "COLORS": COLOURS,
    "STYLES": [stylesheet],
    "SCRIPTS": [script],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": favicon}],
    "DASHBOARD_CALLBACK": "insights.dashboard.dashboard",
    "SIDEBAR": {"navigation": NAVIGATION},
}

# Watching ----------------------------------------------------------------------------
LOGGING = logging_config(
    level=env.str("LOG_LEVEL", "INFO"),
    style=chosen_style(os.environ),
    access_log=env.str("ACCESS_LOG", ""),
)
SENTRY_DSN = env.str("SENTRY_DSN", "")
if SENTRY_DSN:
    start_sentry = import_string("kernel.watch.sentry.start")  # costs memory where nobody wants it
    start_sentry(dsn=SENTRY_DSN, environment=env.str("SENTRY_ENVIRONMENT", MODE))
