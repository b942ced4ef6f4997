"""The addresses settings.py uses: from the environment, or those of the embedded servers.

Pure functions of the environment and DATA_DIR; nothing is started or touched here.
"""

import os
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from o2o.embedded.paths import data_dir, postgres_socket_dir, valkey_socket
from o2o.embedded.tuning import PORT

DATABASE_NAME = "o2o"
DATABASE_USER = "o2o"
ENGINE = "django.db.backends.postgresql"
# Django's cache.clear() empties its whole database, so queue and cache never share one.
EMBEDDED_CACHE_DB = 0
SOCKET_SCHEMES = ("unix", "redis+socket")


def database_is_embedded() -> bool:
    """True when no DATABASE_URL names a PostgreSQL of somebody else."""
    return not os.environ.get("DATABASE_URL")


def redis_is_embedded() -> bool:
    """True when no REDIS_URL names a Redis or Valkey of somebody else."""
    return not os.environ.get("REDIS_URL")


def database_url() -> str:
    """DATABASE_URL, or the embedded server's, in libpq's form (the socket folder percent-encoded)."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    host = quote(str(postgres_socket_dir(data_dir())), safe="")
    # The port only names the socket; left out, libpq takes the one of PGPORT.
    return f"postgresql://{DATABASE_USER}@{host}:{PORT}/{DATABASE_NAME}"


def database_config() -> dict[str, Any]:
    """The same address as an entry of Django's DATABASES (ENGINE, NAME, USER, PASSWORD, HOST, PORT, OPTIONS)."""
    parts = urlsplit(database_url())
    login, _, address = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    if ":" in address and not address.endswith("]"):
        host, _, port = address.rpartition(":")
    else:
        host, port = address, ""
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": ENGINE,
        "NAME": unquote(parts.path.lstrip("/")) or DATABASE_NAME,
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": options.pop("host", "") or unquote(host).strip("[]"),
        "PORT": options.pop("port", "") or port,
        "OPTIONS": options,
    }


def redis_url(db: int | None = None) -> str:
    """The cache's address for redis-py and Django's RedisCache: REDIS_URL or `unix://...?db=0`.

    `db` replaces the database number (parallel test workers take one each).
    """
    given = os.environ.get("REDIS_URL")
    url = given or f"unix://{valkey_socket(data_dir())}?db={EMBEDDED_CACHE_DB}"
    return url if db is None else _with_database(url, db)


def broker_url(db: int | None = None) -> str:
    """Celery's address: CELERY_BROKER_URL, or the server of `redis_url()` one database further on."""
    given = os.environ.get("CELERY_BROKER_URL")
    if given and db is None:
        return given
    url = given or redis_url()
    url = _with_database(url, _database_of(url) + 1 if db is None else db)
    return _for_kombu(url)


def _database_of(url: str) -> int:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    text = query.get("db") or query.get("virtual_host") or ""
    if not text and parts.scheme not in SOCKET_SCHEMES:
        text = parts.path.strip("/")
    return int(text) if text.isdigit() else 0


def _with_database(url: str, db: int) -> str:
    # Joined by hand: urlunsplit drops the empty host of a socket's URL and two slashes with it.
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    path = parts.path
    if parts.scheme in SOCKET_SCHEMES:
        query["virtual_host" if parts.scheme == "redis+socket" else "db"] = str(db)
    else:
        query.pop("db", None)
        path = f"/{db}"
    tail = f"?{urlencode(query)}" if query else ""
    return f"{parts.scheme}://{parts.netloc}{path}{tail}"


def _for_kombu(url: str) -> str:
    """kombu calls a socket `redis+socket://` and its database `virtual_host`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = dict(parse_qsl(parts.query))
    query["virtual_host"] = query.pop("db", "0")
    return f"redis+socket://{parts.netloc}{parts.path}?{urlencode(query)}"
