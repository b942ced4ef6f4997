"""A cache that may disappear: Valkey going away makes pages slower, never wrong."""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class _KeptClient(RedisCacheClient):
    """Django makes a new client object for every command; ours keeps one per pool of connections."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]
        if index not in self._clients:
            self._clients[index] = super().get_client(key, write=write)
        return self._clients[index]


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, answering as an empty cache while the server cannot be reached.

    ``add`` answers False then: nobody may conclude from a lost cache that they were first.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient

    def _lost(self, what: str) -> None:
        logger.warning("cache unreachable, %s skipped", what)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError:
            self._lost("get")
            return default

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        try:
            return super().get_many(keys, version)
        except RedisError:
            self._lost("get_many")
            return {}

    def set(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(*args, **kwargs)
        except RedisError:
            self._lost("set")

    def add(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().add(*args, **kwargs)
        except RedisError:
            self._lost("add")
            return False

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        try:
            return super().set_many(data, *args, **kwargs)
        except RedisError:
            self._lost("set_many")
            return list(data)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        try:
            return super().has_key(key, version)
        except RedisError:
            self._lost("has_key")
            return False

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().touch(*args, **kwargs)
        except RedisError:
            self._lost("touch")
            return False

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().delete_many(*args, **kwargs)
        except RedisError:
            self._lost("delete_many")

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().delete(*args, **kwargs)
        except RedisError:
            self._lost("delete")
            return False

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        try:
            return super().incr(key, delta, version)
        except RedisError:
            self._lost("incr")
            raise ValueError("cache unreachable") from None

    def count(self, key: str, delta: int, *, timeout: int) -> int | None:
        """Add ``delta`` to a counter (from 0) that lives ``timeout`` seconds more; one round trip.

        Returns the new count, or None while the server cannot be reached.
        """
        full = self.make_and_validate_key(key)
        try:
            with self._cache.get_client(full, write=True).pipeline() as pipe:
                pipe.incrby(full, delta)
                pipe.expire(full, timeout)
                return int(pipe.execute()[0])
        except RedisError:
            self._lost("count")
            return None
