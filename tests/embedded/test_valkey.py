"""The embedded Valkey: started, adopted, killed, wiped."""

from collections.abc import Callable
from pathlib import Path

import redis
from kombu import Connection

from o2o.embedded.valkey import EmbeddedValkey

Make = Callable[..., EmbeddedValkey]


def test_it_starts_answers_and_is_adopted(folder: Path, valkey: Make) -> None:
    first, second = valkey(folder / "data one"), valkey(folder / "data one")
    assert first.start() is True
    assert second.start() is False
    assert first.pid == second.pid is not None
    assert redis.from_url(first.url).ping()
    second.stop()
    assert first.pid is None


def test_after_kill_9_its_data_is_there_and_a_wipe_loses_it(folder: Path, valkey: Make) -> None:
    server = valkey(folder / "data")
    server.start()
    redis.from_url(server.url).set("kept", "7")
    server.kill9()
    assert server.pid is None
    assert server.start() is True
    assert redis.from_url(server.url).get("kept") == b"7"
    server.kill9()
    server.wipe()
    server.start()
    assert redis.from_url(server.url).get("kept") is None


def test_celery_reaches_it_in_a_database_of_its_own(folder: Path, valkey: Make) -> None:
    server = valkey(folder / "data")
    server.start()
    with Connection(f"redis+socket://{server.socket}?virtual_host=3") as connection:
        queue = connection.SimpleQueue("work")
        queue.put({"n": 7})
        assert redis.from_url(f"unix://{server.socket}?db=3").llen("work") == 1
        assert redis.from_url(server.url).llen("work") == 0
        assert queue.get(timeout=5).payload == {"n": 7}
        queue.close()
