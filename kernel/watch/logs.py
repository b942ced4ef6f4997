"""How log lines look, and what they carry of the request or task they belong to.

Production writes one JSON object per line, for programs; elsewhere a line is for people. Both carry
the request id. No line of ours holds a name, an address, a code or a token: a request is told by its
route's pattern, a person by primary key and kind.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog

# No line of ours names them, and every record would ask for them.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

ID_KEY = "request_id"
# Not among structlog's own: to find those again it looks through every variable of the context,
# which costs a request more than its log line.
_request_id: ContextVar[str] = ContextVar("o2o_request_id", default="")


def current_request_id() -> str:
    """The id of the request or task that runs here, "" outside of one."""
    return _request_id.get()


def begin_request(identifier: str) -> None:
    """From here on every line of this thread carries the id, until the next one begins; "" for none."""
    _request_id.set(identifier)


def _add_request_id(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if identifier := _request_id.get():
        event[ID_KEY] = identifier
    return event


_CHAIN: list[Any] = [
    structlog.contextvars.merge_contextvars,
    _add_request_id,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_CHAIN,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


@contextmanager
def as_request(identifier: str, **more: object) -> Iterator[None]:
    """Lines logged inside carry the id of the request that began it all, and ``more``."""
    before = _request_id.set(identifier or _request_id.get())
    try:
        with structlog.contextvars.bound_contextvars(**more):
            yield
    finally:
        _request_id.reset(before)


class AccessFormatter(logging.Formatter):
    """The access log's lines. One is written per request, so they are made without the chain above.

    The record's only argument is the line as a dictionary (`requests._report`).
    """

    def __init__(self, style: str) -> None:
        super().__init__()
        self.as_json = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat()
        fields: Any = record.args
        if not self.as_json:
            return " ".join([moment, *(f"{name}={value}" for name, value in fields.items())])
        known = {"timestamp": moment, "level": "info", "logger": record.name, "event": "request"}
        return json.dumps(known | fields)


def json_formatter() -> logging.Formatter:
    """One JSON object per line: timestamp, level, logger, event, and what is bound to the request."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_CHAIN,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


def line_formatter() -> logging.Formatter:
    """The same for people: time, level, logger, words, then the rest as name=value."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_CHAIN,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _as_line],
    )


def _as_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    trace = event.pop("exception", "")
    words = [event.pop("timestamp"), event.pop("level").upper(), event.pop("logger", "")]
    words += [str(event.pop("event")), *(f"{name}={value}" for name, value in event.items())]
    return "\n".join(part for part in (" ".join(words), trace) if part)


class RefusalsInALine(logging.Filter):
    """What is refused came from outside: a line at WARNING, no trace of ours.

    So does what Django finds suspicious, and every 4xx that an exception made: anybody could fill
    the log with them.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        suspicious = record.name.startswith("django.security.")
        if suspicious:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        if suspicious or (record.name == "django.request" and record.levelno < logging.ERROR):
            record.exc_info = record.exc_text = None
        return True


def chosen_style(environ: Mapping[str, str]) -> str:
    """LOG_STYLE, "json" or "line"; by itself JSON in production and lines elsewhere."""
    return environ.get("LOG_STYLE") or (
        "json" if environ.get("O2O_MODE") == "production" else "line"
    )


def logging_config(*, level: str, style: str, access_log: str) -> dict[str, Any]:
    """settings.LOGGING. ``style`` is "json" or "line"; ``access_log`` a file, or "" for the rest's place."""
    console: dict[str, Any] = {"class": "logging.StreamHandler", "formatter": style}
    console["filters"] = ["refusals"]
    access: dict[str, Any] = {"class": "logging.StreamHandler", "formatter": "access"}
    if access_log:
        access = {"class": "logging.FileHandler", "filename": access_log, "formatter": "access"}
        access |= {"delay": True, "encoding": "utf-8"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"refusals": {"()": "kernel.watch.logs.RefusalsInALine"}},
        "formatters": {
            "json": {"()": "kernel.watch.logs.json_formatter"},
            "line": {"()": "kernel.watch.logs.line_formatter"},
            "access": {"()": "kernel.watch.logs.AccessFormatter", "style": style},
        },
        "handlers": {"console": console, "access": access},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "o2o.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
            # Says at every small crowd how many requests wait; the latency figures tell it better.
            "waitress.queue": {"level": "ERROR"},
        },
    }
