"""Folders the database's account can enter: pytest's own are closed to everybody but us."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from o2o.embedded.postgres import EmbeddedPostgres
from o2o.embedded.valkey import EmbeddedValkey


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder below the temp folder that other accounts may enter."""
    made = Path(tempfile.mkdtemp(prefix="o2o-t-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def shared_folder() -> Iterator[Path]:
    """Like `folder`, for all tests of one file: making a cluster is what takes long."""
    made = Path(tempfile.mkdtemp(prefix="o2o-t-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def postgres() -> Iterator[Callable[..., EmbeddedPostgres]]:
    """Make an EmbeddedPostgres that is stopped at the end, whatever happens."""
    made: list[EmbeddedPostgres] = []

    def make(data: Path, *, fast: bool = True) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(data, fast=fast))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def valkey() -> Iterator[Callable[..., EmbeddedValkey]]:
    """Make an EmbeddedValkey that is stopped at the end, whatever happens."""
    made: list[EmbeddedValkey] = []

    def make(data: Path) -> EmbeddedValkey:
        made.append(EmbeddedValkey(data))
        return made[-1]

    yield make
    for server in made:
        server.stop()
