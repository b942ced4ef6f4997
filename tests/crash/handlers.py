"""The real reactions; a worker told to hang on a topic does its work and then never returns."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from o2o.outbox.services import Handler
from o2o.reactions import HANDLERS as REAL

HANG_ON = os.environ.get("CRASH_HANG_ON", "")
MARK = Path(os.environ.get("CRASH_FOLDER", ".")) / "hanging"


def _hangs(real: Handler) -> Handler:
    def handle(**payload: Any) -> None:
        real(**payload)
        MARK.write_text("the effect is committed, the tick is not")
        threading.Event().wait()  # until somebody kills us

    return handle


HANDLERS: dict[str, Handler] = {
    topic: _hangs(real) if topic == HANG_ON else real for topic, real in REAL.items()
}
