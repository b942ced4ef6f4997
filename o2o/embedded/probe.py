"""A health probe for images without curl: `python -m o2o.embedded.probe URL` ends with 0 when it answers 200."""

import http.client
import sys
import urllib.request

PROBE_SECONDS = 5


def answers(url: str) -> bool:
    """True when the address answers 200 within a few seconds; redirects do not count."""
    try:
        with urllib.request.urlopen(url, timeout=PROBE_SECONDS) as response:  # noqa: S310 - our own address
            return response.status == http.HTTPStatus.OK and response.url == url
    except (OSError, ValueError, http.client.HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
