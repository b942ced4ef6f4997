"""An answer to HEAD is its head alone.

Waitress sends whatever the application gives, and leaves it to that to give nothing. A body after
the head of a HEAD answer would be read as the beginning of the next answer on the connection.
"""

from __future__ import annotations

from typing import Any

from waitress.task import WSGITask


class HeadTask(WSGITask):
    """A request of any method; of one by HEAD only the status and headers go out (RFC 9110, 9.3.2)."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self._is_head():
            environ.pop("wsgi.file_wrapper", None)  # it would send a file past `write`
        return environ

    def write(self, data: bytes) -> None:
        super().write(b"" if self._is_head() else data)

    def finish(self) -> None:
        if not self._is_head():
            super().finish()
        elif not self.wrote_header:
            self.write(b"")

    def _is_head(self) -> bool:
        return bool(self.request.command == "HEAD")
