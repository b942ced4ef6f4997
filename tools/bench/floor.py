"""The floor: the leanest possible voucher shop in bare SQL, on the same server.

The schema and the two transactions are those of the published floor. pgbench drives them
where it is installed; otherwise psycopg2 threads do the same and the output says so.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings

DATABASE = "o2o_bench_floor"
SCHEMA = """
CREATE TABLE voucher(id bigint PRIMARY KEY, code text NOT NULL UNIQUE, store_id int NOT NULL,
  status smallint NOT NULL DEFAULT 0, redeemed_at timestamptz, redeemed_by int);
CREATE TABLE redemption(id bigserial PRIMARY KEY, voucher_id bigint NOT NULL REFERENCES voucher,
  staff_id int NOT NULL, store_id int NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON redemption(voucher_id);
CREATE TABLE stock(id int PRIMARY KEY, available int NOT NULL CHECK (available >= 0));
CREATE TABLE orders(id bigserial PRIMARY KEY, code text NOT NULL UNIQUE, customer_id int NOT NULL,
  status smallint NOT NULL, total numeric(12,2) NOT NULL, created timestamptz NOT NULL DEFAULT now());
CREATE TABLE order_line(id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders,
  stock_id int NOT NULL REFERENCES stock, qty int NOT NULL, price numeric(12,2) NOT NULL);
CREATE INDEX ON order_line(order_id);
CREATE SEQUENCE vseq; CREATE SEQUENCE oseq;
INSERT INTO stock SELECT g, 1000000000 FROM generate_series(1,1000) g;
INSERT INTO voucher SELECT g, 'V'||lpad(g::text,12,'0'), 1+g%20 FROM generate_series(1,1000000) g;
"""
REDEEM = r"""
SELECT nextval('vseq') AS v \gset
\set staff random(1,200)
BEGIN;
UPDATE voucher SET status=1, redeemed_at=now(), redeemed_by=:staff
  WHERE code='V'||lpad(:v::text,12,'0') AND status=0 RETURNING id, store_id \gset
INSERT INTO redemption(voucher_id,staff_id,store_id) VALUES(:id,:staff,:store_id);
COMMIT;
"""
ORDER = r"""
\set s random(1,1000)
\set cust random(1,100000)
BEGIN;
UPDATE stock SET available=available-1 WHERE id=:s AND available>=1 RETURNING id;
INSERT INTO orders(code,customer_id,status,total)
  VALUES('O'||nextval('oseq'),:cust,1,19.90) RETURNING id AS oid \gset
INSERT INTO order_line(order_id,stock_id,qty,price) VALUES(:oid,:s,1,19.90);
COMMIT;
"""


def connect(database: str = DATABASE) -> Any:
    """A plain connection to a database on the product's server."""
    config = settings.DATABASES["default"]
    return psycopg2.connect(
        dbname=database,
        user=config["USER"],
        password=config["PASSWORD"] or None,
        host=config["HOST"] or None,
        port=config["PORT"] or None,
    )


def make_floor() -> None:
    """Make the lean shop in a database of its own, replacing an older one."""
    drop_floor()
    with_admin(f"CREATE DATABASE {DATABASE}")
    connection = connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def drop_floor() -> None:
    """Remove the lean shop."""
    with_admin(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def with_admin(statement: str) -> None:
    """Run one statement that cannot be in a transaction, on the product's own database."""
    connection = connect(settings.DATABASES["default"]["NAME"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def driver() -> str:
    """What drives the floor: "pgbench", or "psycopg2 threads" where there is none."""
    return "pgbench" if shutil.which("pgbench") else "psycopg2 threads"


def floor_rate(kind: str, *, clients: int, seconds: int) -> float:
    """Bare-SQL transactions per second of ``kind`` "redeem" or "order"."""
    if shutil.which("pgbench"):
        return _pgbench(REDEEM if kind == "redeem" else ORDER, clients, seconds)
    return _threads(kind, clients, seconds)


def _pgbench(script: str, clients: int, seconds: int) -> float:
    config = settings.DATABASES["default"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "floor.pgb"
        path.write_text(script)
        command = ["pgbench", "-n", "-f", str(path), "-c", str(clients), "-j", "2"]
        command += ["-T", str(seconds), "-U", config["USER"]]
        if config["HOST"]:
            command += ["-h", config["HOST"]]
        if config["PORT"]:
            command += ["-p", str(config["PORT"])]
        done = subprocess.run(
            [*command, DATABASE], capture_output=True, text=True, check=True, timeout=seconds + 60
        )
    match = re.search(r"tps = ([0-9.]+)", done.stdout)
    if match is None:
        raise RuntimeError(f"pgbench said nothing of its speed: {done.stdout}")
    return float(match[1])


def _threads(kind: str, clients: int, seconds: int) -> float:
    done = [0] * clients
    until = time.monotonic() + seconds

    def work(index: int) -> None:
        connection = connect()
        with connection.cursor() as cursor:
            while time.monotonic() < until:
                _redeem(cursor) if kind == "redeem" else _order(cursor)
                connection.commit()
                done[index] += 1
        connection.close()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def _redeem(cursor: Any) -> None:
    cursor.execute("SELECT nextval('vseq')")
    number = cursor.fetchone()[0]
    cursor.execute(
        "UPDATE voucher SET status=1, redeemed_at=now(), redeemed_by=1 WHERE code=%s AND status=0"
        " RETURNING id, store_id",
        [f"V{number:012d}"],
    )
    voucher, store = cursor.fetchone()
    cursor.execute(
        "INSERT INTO redemption(voucher_id,staff_id,store_id) VALUES(%s,1,%s)", [voucher, store]
    )


def _order(cursor: Any) -> None:
    stock = random.randint(1, 1000)
    cursor.execute(
        "UPDATE stock SET available=available-1 WHERE id=%s AND available>=1 RETURNING id", [stock]
    )
    cursor.execute(
        "INSERT INTO orders(code,customer_id,status,total)"
        " VALUES('O'||nextval('oseq'),1,1,19.90) RETURNING id"
    )
    order = cursor.fetchone()[0]
    cursor.execute(
        "INSERT INTO order_line(order_id,stock_id,qty,price) VALUES(%s,%s,1,19.90)", [order, stock]
    )
