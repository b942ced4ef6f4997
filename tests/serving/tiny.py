"""The smallest application: which process answered, and how much it was sent."""

from __future__ import annotations

import io
import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # as our settings have it


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    size = len(environ["wsgi.input"].read())
    if environ["PATH_INFO"] == "/slow":
        open(os.environ["SLOW_MARK"], "w").close()
        time.sleep(1)
    if environ["PATH_INFO"] == "/held":
        mark = Path(os.environ["SLOW_MARK"])
        mark.touch()
        while mark.exists():
            time.sleep(0.01)
    if environ["PATH_INFO"] == "/counts":
        start_response("200 OK", [])
        return [os.environ["PROMETHEUS_MULTIPROC_DIR"].encode()]
    if environ["PATH_INFO"].startswith("/echo"):
        asked = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        start_response("200 OK", [])
        return [asked.encode("latin-1")]
    if environ["PATH_INFO"] == "/streamed":
        start_response("200 OK", [])
        return iter([b"one ", b"two"])
    if environ["PATH_INFO"] == "/file":
        start_response("200 OK", [("Content-Length", "9")])
        wrap = environ.get("wsgi.file_wrapper", lambda file: [file.read()])
        wrapped: Iterable[bytes] = wrap(io.BytesIO(b"of a file"))
        return wrapped
    body = f"{os.getpid()} {size} {environ.get('HTTP_X_FORWARDED_PROTO', '-')}".encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
