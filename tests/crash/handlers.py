"""The real reactions; a worker told to hang on a topic does its work and then never returns."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from kernel.outbox.lanes import Consumer, Handler, register_consumers
from o2o.reactions import CONSUMERS

HANG_ON = os.environ.get("CRASH_HANG_ON", "")
MARK = Path(os.environ.get("CRASH_FOLDER", ".")) / "hanging"


def _hangs(real: Handler) -> Handler:
    def handle(**payload: Any) -> None:
        real(**payload)
        MARK.write_text("the effect is committed, the tick is not")
        threading.Event().wait()  # until somebody kills us

    return handle


if HANG_ON:
    hanging = tuple(
        Consumer(real.name, _hangs(real.handle), real.lane) for real in CONSUMERS[HANG_ON]
    )
    register_consumers({**CONSUMERS, HANG_ON: hanging})
