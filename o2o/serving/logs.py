"""gunicorn's own lines (it starts, a process begins, a process was lost) look like all others."""

from __future__ import annotations

import os

from gunicorn.config import Config
from gunicorn.glogging import Logger

from kernel.watch.logs import chosen_style, json_formatter, line_formatter


class ServerLogger(Logger):
    """gunicorn's logger, written by our formatters: JSON in production, else lines for people."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        formatter = json_formatter() if chosen_style(os.environ) == "json" else line_formatter()
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter)
