"""Remembering which preparations are done, so that a second start is quick."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Self


class Stamp:
    """A file that remembers what a step was done for, so that it is not done twice for the same."""

    def __init__(self, path: Path, value: str) -> None:
        self.path = path
        self.value = value

    @classmethod
    def of(cls, path: Path, sources: Iterable[Path], words: Iterable[str]) -> Self:
        """The stamp of these files (name, size, time) and words."""
        digest = hashlib.sha256("\0".join(words).encode())
        for source in sorted(sources):
            files = sorted(source.rglob("*")) if source.is_dir() else [source]
            for file in files:
                if file.suffix == ".pyc" or not file.is_file():
                    continue
                info = file.stat()
                digest.update(
                    f"{file}\0{info.st_size}\0{info.st_mtime_ns}\0".encode(errors="surrogateescape")
                )
        return cls(path, digest.hexdigest())

    def is_current(self) -> bool:
        """True when the step was done for exactly this."""
        return self.path.exists() and self.path.read_text() == self.value

    def write(self) -> None:
        """Remember that the step is done."""
        self.path.write_text(self.value)
