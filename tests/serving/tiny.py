"""The smallest application: which process answered, and how much it was sent."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    size = len(environ["wsgi.input"].read())
    if environ["PATH_INFO"] == "/slow":
        open(os.environ["SLOW_MARK"], "w").close()
        time.sleep(1)
    body = f"{os.getpid()} {size} {environ.get('HTTP_X_FORWARDED_PROTO', '-')}".encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
