"""Short and long forms: `make test` asks each rule of examples, LONG=1 of all there are.

A test with two forms takes LONG from here, so that `make long` finds its file. What has a target of
its own (`make torture`, `make looks`, `make fuzz`) hears the same word.
"""

from __future__ import annotations

import os

LONG = os.environ.get("LONG") == "1"
