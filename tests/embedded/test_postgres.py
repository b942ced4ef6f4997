"""The embedded PostgreSQL: started, adopted, killed, in awkward folders, for root and others."""

import os
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from o2o.embedded.errors import LaunchError
from o2o.embedded.paths import postgres_socket_dir
from o2o.embedded.postgres import EmbeddedPostgres

Make = Callable[..., EmbeddedPostgres]


def query(server: EmbeddedPostgres, sql: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def setting(server: EmbeddedPostgres, name: str) -> str:
    return str(query(server, f"SHOW {name}")[0][0])


def test_a_new_cluster_is_durable_speaks_chinese_and_opens_no_port(
    shared_folder: Path, postgres: Make
) -> None:
    server = postgres(shared_folder / "data", fast=False)
    assert server.start() is True
    assert setting(server, "fsync") == "on"
    assert setting(server, "synchronous_commit") == "on"
    assert setting(server, "full_page_writes") == "on"
    assert setting(server, "listen_addresses") == ""
    assert setting(server, "server_encoding") == "UTF8"
    # With plain C as locale this is empty and every Chinese search finds nothing.
    assert query(server, "SELECT to_tsvector('simple', '川菜 火锅')::text") == [
        ("'川菜':1 '火锅':2",)
    ]


def test_the_socket_is_closed_to_other_accounts(shared_folder: Path, postgres: Make) -> None:
    server = postgres(shared_folder / "data")
    server.start()
    assert postgres_socket_dir(server.data).stat().st_mode & 0o077 == 0


def test_a_live_server_is_adopted_and_stays_the_same(shared_folder: Path, postgres: Make) -> None:
    first, second = postgres(shared_folder / "data"), postgres(shared_folder / "data")
    assert first.start() is True
    assert second.start() is False
    assert second.pid == first.pid
    second.stop()
    assert first.pid is None


def test_data_survives_stop_and_start(shared_folder: Path, postgres: Make) -> None:
    server = postgres(shared_folder / "data")
    server.start()
    query(server, "CREATE TABLE kept_over_stop AS SELECT 7 AS n")
    server.stop()
    server.start()
    assert query(server, "SELECT n FROM kept_over_stop") == [(7,)]


def test_after_kill_9_what_was_committed_is_there(shared_folder: Path, postgres: Make) -> None:
    server = postgres(shared_folder / "data", fast=False)
    server.start()
    query(server, "CREATE TABLE kept AS SELECT 7 AS n")
    held = psycopg2.connect(server.url)  # a client whose backend outlives the kill for a moment
    server.kill9()
    assert server.pid is None
    assert server.start() is True
    assert query(server, "SELECT n FROM kept") == [(7,)]
    held.close()


def test_a_lock_file_with_a_recycled_process_id_does_not_block(
    shared_folder: Path, postgres: Make
) -> None:
    server = postgres(shared_folder / "data")
    server.start()
    server.kill9()
    for lock in (
        server.cluster / "postmaster.pid",
        postgres_socket_dir(server.data) / ".s.PGSQL.5432.lock",
    ):
        _, _, rest = lock.read_text().partition("\n")
        lock.write_text(f"{os.getpid()}\n{rest}")  # alive, and no PostgreSQL
    assert server.pid is None
    assert server.start() is True


@pytest.mark.parametrize(
    "name",
    ["with space", "中文, 100% 'odd' \"name\"", "deep/" + "/".join(["folder-number"] * 12)],
    ids=["space", "odd", "deep"],
)
def test_awkward_folders_work(folder: Path, postgres: Make, name: str) -> None:
    server = postgres(folder / name)
    assert server.start() is True
    assert query(server, "SELECT 1") == [(1,)]
    assert len(os.fsencode(postgres_socket_dir(server.data))) < 100
    server.stop()
    shutil.rmtree(postgres_socket_dir(server.data).parent)


def test_a_recreated_database_is_empty(shared_folder: Path, postgres: Make) -> None:
    server = postgres(shared_folder / "data")
    server.start()
    query(server, "CREATE TABLE thrown_away ()")
    server.recreate_database()
    with pytest.raises(psycopg2.errors.UndefinedTable):
        query(server, "SELECT * FROM thrown_away")


def test_two_copies_run_side_by_side(folder: Path, postgres: Make) -> None:
    one, two = postgres(folder / "one"), postgres(folder / "two")
    one.start()
    two.start()
    query(one, "CREATE TABLE only_here ()")
    assert one.pid != two.pid
    with pytest.raises(psycopg2.errors.UndefinedTable):
        query(two, "SELECT * FROM only_here")


def test_a_half_made_cluster_is_made_again(folder: Path, postgres: Make) -> None:
    half = folder / "data" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    (folder / "data").chmod(0o711)
    server = postgres(folder / "data")
    assert server.start() is True
    assert query(server, "SELECT 1") == [(1,)]


def test_data_of_another_major_version_is_refused_in_one_line(folder: Path, postgres: Make) -> None:
    server = postgres(folder / "data")
    server.start()
    server.stop()
    (server.cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(LaunchError, match="was made by PostgreSQL 12") as caught:
        server.start()
    assert "\n" not in str(caught.value)


def test_a_program_listening_on_the_tcp_port_is_no_obstacle(
    shared_folder: Path, postgres: Make
) -> None:
    with socket.socket() as other:
        with suppress(OSError):  # somebody has it already: the better
            other.bind(("127.0.0.1", 5432))
        assert postgres(shared_folder / "data").start() is True


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a closed home and another account")
def test_root_in_a_closed_home_keeps_the_cluster_outside(
    tmp_path: Path, postgres: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    server = postgres(home / "data")
    server.start()
    query(server, "CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    server.start()
    assert query(server, "SELECT n FROM kept") == [(7,)]
    outside = server.cluster.resolve()
    assert server.cluster.is_symlink()
    assert not outside.is_relative_to(home)
    assert home.stat().st_mode & 0o077 == 0  # nobody's way was opened
    server.stop()
    shutil.rmtree(outside)
    shutil.rmtree(postgres_socket_dir(server.data).parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another account")
def test_as_root_the_server_is_not_root(shared_folder: Path, postgres: Make) -> None:
    server = postgres(shared_folder / "data")
    server.start()
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0
