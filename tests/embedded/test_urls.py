"""The addresses settings.py reads: from the environment or from DATA_DIR."""

from pathlib import Path

import pytest

from o2o.embedded import broker_url, data_dir, database_config, database_url, redis_url
from o2o.embedded.paths import PROJECT_ROOT


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)


def test_without_anything_set_data_lies_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_DIR", raising=False)
    assert data_dir() == PROJECT_ROOT / ".data"
    monkeypatch.setenv("DATA_DIR", "elsewhere/data")
    assert data_dir() == PROJECT_ROOT / "elsewhere" / "data"


def test_embedded_addresses_name_sockets_of_this_data_dir(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(folder / "one"))
    one = (database_config()["HOST"], redis_url(), broker_url())
    assert one[0].startswith("/")
    assert one[1].startswith("unix:///")
    assert one[2].startswith("redis+socket:///")
    monkeypatch.setenv("DATA_DIR", str(folder / "two"))
    assert not {database_config()["HOST"], redis_url(), broker_url()} & set(one)


def test_a_database_url_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgres://shop:p%40ss%2Fw@db.example:6432/o2o_live?sslmode=require"
    )
    assert database_url().startswith("postgres://shop:")
    assert database_config() == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "o2o_live",
        "USER": "shop",
        "PASSWORD": "p@ss/w",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgres://shop@[::1]:6432/o2o", "::1", "6432"),
        ("postgres://shop@[::1]/o2o", "::1", ""),
        ("postgres://shop@%2Fvar%2Frun%2Fpg/o2o", "/var/run/pg", ""),
        ("postgres://shop@/o2o?host=/var/run/pg", "/var/run/pg", ""),
    ],
)
def test_hosts_of_every_kind(
    monkeypatch: pytest.MonkeyPatch, url: str, host: str, port: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert (database_config()["HOST"], database_config()["PORT"]) == (host, port)


@pytest.mark.parametrize(
    ("given", "cache", "other_cache", "broker"),
    [
        ("redis://h:6379/2", "redis://h:6379/2", "redis://h:6379/7", "redis://h:6379/3"),
        ("rediss://:pw@h", "rediss://:pw@h", "rediss://:pw@h/7", "rediss://:pw@h/1"),
        (
            "unix:///run/v.sock",
            "unix:///run/v.sock",
            "unix:///run/v.sock?db=7",
            "redis+socket:///run/v.sock?virtual_host=1",
        ),
    ],
)
def test_queue_and_cache_never_share_a_database(
    monkeypatch: pytest.MonkeyPatch, given: str, cache: str, other_cache: str, broker: str
) -> None:
    monkeypatch.setenv("REDIS_URL", given)
    assert (redis_url(), redis_url(7), broker_url()) == (cache, other_cache, broker)


def test_a_broker_of_its_own_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/0")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://queue:6379/0")
    assert broker_url() == "redis://queue:6379/0"
