"""Request targets as people write them: `GET /products/?q=火锅`, not percent-encoded.

RFC 9110 wants every byte above 127 as %XX. Browsers send it so; scanners, scripts and old proxies
send the bytes themselves, and waitress refuses them with a 400 that no page of ours explains. Each
such byte is written as %XX before waitress reads the line: the same address, and nothing that parts
a request from the next (spaces, line ends) is touched. What is not UTF-8 is judged later, like any
%XX that is not.
"""

from __future__ import annotations

import re

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

from o2o.serving.task import HeadTask

_HIGH = re.compile(rb"[\x80-\xff]")


class TolerantParser(HTTPRequestParser):
    """Waitress's parser; bytes above 127 in the target are percent-encoded first."""

    def parse_header(self, header_plus: bytes) -> None:
        line, end, rest = header_plus.partition(b"\r\n")
        method, space, target = line.partition(b" ")
        super().parse_header(method + space + encoded(target) + end + rest)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            # Two lengths: another server on the way may believe the other one (RFC 9112, 6.1).
            raise ParsingError("Both Content-Length and Transfer-Encoding were given")


class TolerantChannel(HTTPChannel):
    """A connection whose requests are read by `TolerantParser` and answered by `HeadTask`."""

    parser_class = TolerantParser
    task_class = HeadTask


def encoded(target: bytes) -> bytes:
    """``target`` with every byte above 127 as %XX."""
    return _HIGH.sub(lambda found: b"%%%02X" % found[0][0], target)
