"""One machine: real PostgreSQL and real Valkey from wheels, started and stopped by us.

For settings.py (pure, nothing is started):

    data_dir() -> Path
    database_config() -> dict          an entry of DATABASES
    database_url() -> str
    redis_url(db: int | None = None) -> str
    broker_url(db: int | None = None) -> str
    hear_only_ours() -> None           forgets the variables meant for other programs

For commands and tests:

    with running(): ...                what is not running is started, and stopped by its last user
    start_for_tests(fast=True)         at the top of tests/conftest.py, before Django's settings are read
    EmbeddedPostgres(folder, fast=False)   .start() .stop() .kill9() .pid .url
    EmbeddedValkey(folder)                 .start() .stop() .kill9() .wipe() .pid .url

This package imports neither Django nor any other package of others, except `translations` (Babel).
`python -m o2o.embedded demo` is what `make demo` runs.
"""

from o2o.embedded.environment import hear_only_ours
from o2o.embedded.errors import LaunchError
from o2o.embedded.paths import data_dir
from o2o.embedded.postgres import EmbeddedPostgres
from o2o.embedded.session import running, start_for_tests
from o2o.embedded.urls import broker_url, database_config, database_url, redis_url
from o2o.embedded.valkey import EmbeddedValkey

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedValkey",
    "LaunchError",
    "broker_url",
    "data_dir",
    "database_config",
    "database_url",
    "hear_only_ours",
    "redis_url",
    "running",
    "start_for_tests",
]
