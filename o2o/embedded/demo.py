"""The whole platform on one machine: `python -m o2o.embedded demo` (`make demo`).

Order: PostgreSQL and Valkey, static files beside the migrations, web, the demo city when the database is
empty, then workers and beat, so that no sweep sees a half-told story of the seeding.
"""

import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from o2o.embedded import checks, process, storage
from o2o.embedded.errors import LaunchError
from o2o.embedded.listening import open_listener
from o2o.embedded.locks import FileLock
from o2o.embedded.paths import HALF_BUILT, PROJECT_ROOT, data_dir, log_dir
from o2o.embedded.pools import POOLS, worker_command
from o2o.embedded.postgres import EmbeddedPostgres
from o2o.embedded.session import DEMO_LOCK, USERS_LOCK, embedded_servers
from o2o.embedded.stamp import Stamp
from o2o.embedded.supervisor import Program, Server, Supervisor
from o2o.embedded.table import demo_table
from o2o.embedded.urls import database_url

WEB_WORKERS = 2
WEB_THREADS = 4
WEB_READY_SECONDS = 60
TASK_SECONDS = 600
# What a browser types for "every address".
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def say(text: str) -> None:
    """Tell the person; a terminal that is gone must not stop us from stopping the rest."""
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


class Demo:
    """One run of the demo in one DATA_DIR."""

    def __init__(self) -> None:
        self.data = data_dir()
        self.host, self.port = checks.address_from_environment()
        shown = ANYWHERE.get(self.host, self.host)
        self.client_host = shown
        self.address = (
            f"http://[{shown}]:{self.port}/" if ":" in shown else f"http://{shown}:{self.port}/"
        )
        self.lock = FileLock(self.data / DEMO_LOCK)
        self.users = FileLock(self.data / USERS_LOCK)
        self.supervisor = Supervisor(say)
        self.tasks: list[Program] = []
        self.servers: list[Server] = []
        self.listener: socket.socket | None = None
        self.env = {
            **os.environ,
            "O2O_MODE": "demo",
            "DATA_DIR": str(self.data),
            "HOST": self.host,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "o2o.settings",
            "PYTHONUNBUFFERED": "1",
            # glibc gives each thread an arena of its own; two keep a worker small.
            "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
        }

    def run(self) -> None:
        """Start everything, then watch until a signal; raises LaunchError when the start fails."""
        checks.check_packages()
        storage.prepare_data_dir(self.data)
        self._take_lock()
        checks.check_disk(self.data)
        self.listener = open_listener(self.host, self.port)
        self.users.acquire(shared=True, wait=True)
        try:
            self._start()
            self.supervisor.watch()
        except process.Interrupted:
            say("Stopping …")
        finally:
            self._stop()
        say(f"Stopped. The data stays in {self.data}.")

    def _take_lock(self) -> None:
        if self.lock.acquire():
            self.lock.path.write_text(f"process {os.getpid()}, {self.address}")
            return
        holder = self.lock.path.read_text().strip()
        message = (
            f"The demo already runs in {self.data} ({holder}); stop it first, "
            "or set another DATA_DIR and PORT."
        )
        raise LaunchError(message)

    def _start(self) -> None:
        begun = time.monotonic()
        say(f"Starting the platform, data in {self.data}")
        self._begin("translations", [sys.executable, "-m", "o2o.embedded.translations"])
        statics = self._collect_static_files()
        self._start_servers()
        self._begin_again_if_half_built()
        migrations = self._stamp("migrations", "migrations", database_url(), self._cluster_id())
        # What was migrated before is only looked over, after the first page.
        migrate = self._manage("migrate", "--noinput", "--skip-checks")
        if not migrations.is_current():
            self._begin("migrate", migrate)
        self._finish_all()
        statics.write()
        self._start_web()
        say(f"The web answers at {self.address} after {time.monotonic() - begun:.1f} s.")
        if migrations.is_current():
            self._finish(self._begin("migrate", migrate))
        migrations.write()
        self._seed()
        self._start_workers_and_beat()
        self._show_table()

    def _collect_static_files(self) -> Stamp:
        """Begin collecting when something changed since; the stamp is to be written when that is done."""
        root = Path(self.env.get("STATIC_ROOT") or self.data / "static")
        stamp = self._stamp("static", "static", str(root))
        if not (stamp.is_current() and root.exists()):
            arguments = ("--noinput", "--verbosity=0", "--skip-checks")
            self._begin("collectstatic", self._manage("collectstatic", *arguments))
        return stamp

    def _begin_again_if_half_built(self) -> None:
        """Only a database that held nothing but a part of the demo city is thrown away."""
        mark = self.data / HALF_BUILT
        if not mark.exists():
            return
        for server in (service.server for service in self.servers):
            if isinstance(server, EmbeddedPostgres):
                say("The demo city was left half built; starting with an empty database.")
                (self.data / "migrations.stamp").unlink(missing_ok=True)
                server.recreate_database()
        mark.unlink()

    def _start_servers(self) -> None:
        for server in embedded_servers():
            name = "PostgreSQL" if isinstance(server, EmbeddedPostgres) else "Valkey"
            service = Server(name, server)
            self.servers.append(service)
            self.supervisor.start(service)

    # One-shot steps ------------------------------------------------------------------

    def _manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(PROJECT_ROOT / "manage.py"), *arguments]

    def _begin(self, name: str, command: list[str]) -> Program:
        task = Program(name, command, log_dir(self.data) / f"{name}.log", PROJECT_ROOT, self.env)
        self.tasks.append(task)
        task.start()
        return task

    def _finish_all(self) -> None:
        for task in list(self.tasks):
            self._finish(task)

    def _finish(self, task: Program) -> None:
        if not process.wait_until(task.ended, seconds=TASK_SECONDS):
            message = f"{task.name} did not end within {TASK_SECONDS} s (see {task.log})."
            raise LaunchError(message)
        self.tasks.remove(task)
        if task.child is None or task.child.returncode != 0:
            message = f"{task.name} failed: {process.why(task.log)} (see {task.log})"
            raise LaunchError(message)

    def _seed(self) -> None:
        """Fill an empty database; the command itself looks whether it is empty, we only remember to say so."""
        stamp = Stamp.of(self.data / "seed.stamp", [], [database_url(), self._cluster_id()])
        first_time = not stamp.is_current()
        begun = time.monotonic()
        if first_time:
            say(
                "Filling the database with the demo city, unless it is filled; it takes about a minute …"
            )
        self._finish(self._begin("seed", self._manage("seed_demo", "--if-empty")))
        if first_time:
            say(f"The demo city is ready after {time.monotonic() - begun:.0f} s.")
        stamp.write()

    # Services ------------------------------------------------------------------------

    def _service(self, name: str, command: list[str], pass_fds: Iterable[int] = ()) -> Program:
        log = log_dir(self.data) / f"{name}.log"
        return Program(name, command, log, PROJECT_ROOT, self.env, tuple(pass_fds))

    def _start_web(self) -> None:
        assert self.listener
        number = self.listener.fileno()
        access_log = log_dir(self.data) / "access.log"
        process.rotate_log(access_log)
        command = [sys.executable, "-m", "gunicorn", "--config", "python:o2o.serving.config"]
        web = self._service("web", [*command, "o2o.wsgi"], [number])
        web.env = {
            **self.env,
            "WEB_SOCKET": str(number),
            "WEB_CONCURRENCY": str(WEB_WORKERS),
            "WEB_THREADS": str(WEB_THREADS),
            "ACCESS_LOG": str(access_log),
        }
        self.supervisor.start(web)
        answered = process.wait_until(
            lambda: web.ended() or self._web_answers(), seconds=WEB_READY_SECONDS
        )
        if web.ended() or not answered:
            message = f"The web did not start: {process.why(web.log)} (see {web.log})"
            raise LaunchError(message)

    def _web_answers(self) -> bool:
        connection = http.client.HTTPConnection(self.client_host, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Connection": "close"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _start_workers_and_beat(self) -> None:
        for pool in POOLS:
            self.supervisor.start(self._service(f"worker-{pool.name}", worker_command(pool)))
        schedule = self.data / "beat" / "schedule"
        schedule.parent.mkdir(exist_ok=True)
        celery = [sys.executable, "-m", "celery", "-A", "o2o"]
        beat = ["beat", "--loglevel=INFO", f"--schedule={schedule}", "--pidfile="]
        self.supervisor.start(self._service("beat", celery + beat))

    # What a person sees --------------------------------------------------------------

    def _show_table(self) -> None:
        result = process.run(self._manage("demo_logins", "--json"), cwd=PROJECT_ROOT, env=self.env)
        process.Interrupt.check()
        if result.returncode != 0:
            message = f"demo_logins failed: {process.telling_line(result.stderr.splitlines())}"
            raise LaunchError(message)
        say(demo_table(self.address, json.loads(result.stdout), log_dir(self.data)))

    # Knowing what is done already ----------------------------------------------------

    def _stamp(self, name: str, folder: str, *words: str) -> Stamp:
        """A stamp over the lock file and every folder of this name in the project and its apps."""
        sources = [PROJECT_ROOT / "requirements.lock"]
        for pattern in (folder, f"*/{folder}", f"kernel/*/{folder}"):
            sources += PROJECT_ROOT.glob(pattern)
        return Stamp.of(self.data / f"{name}.stamp", sources, words)

    def _cluster_id(self) -> str:
        """Something that changes when the embedded database is created again."""
        made = self.data / "postgres" / "PG_VERSION"
        return str(made.stat().st_mtime_ns) if made.exists() else ""

    def _stop(self) -> None:
        process.Interrupt.requested = False
        for task in self.tasks:
            task.ask_to_stop()
        for task in self.tasks:
            task.stop()
        if self.listener:
            self.listener.close()
        last_one = self.users.acquire()
        for server in self.servers:
            server.leave_running = server.adopted and not last_one
        self.supervisor.stop()
        self.users.release()
        self.lock.path.write_text("")
        self.lock.release()


def handle_signals() -> None:
    """Ctrl-C, SIGTERM and a closed terminal end the demo; a second one ends it without waiting."""

    def ask(number: int, _frame: FrameType | None) -> None:
        process.Interrupt.requested = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asked for SIGHUP to be ignored
            signal.signal(number, ask)
    if sys.stdout.isatty():  # which nohup redirects
        process.Interrupt.terminal = sys.stdout.fileno()


def run_demo() -> None:
    """Run until stopped."""
    handle_signals()
    Demo().run()
