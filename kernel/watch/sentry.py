"""Errors to Sentry; imported only when SENTRY_DSN is set."""

from __future__ import annotations

import sentry_sdk


def start(*, dsn: str, environment: str) -> None:
    """Report errors with their traces, without personal data: no cookies, bodies or people."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        traces_sample_rate=0.0,
    )
