"""AWS clients, made on first use and then shared."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final

DEFAULT_REGION: Final = "us-east-1"


@cache
def client(service: str, timeout: float | None = None) -> Any:
    """The client of one AWS service; ``AWS_ENDPOINT_URL`` points it elsewhere (the local engine, LocalStack).
    With a ``timeout`` in seconds it asks once and waits no longer, for callers who are waited for themselves.

    Made with botocore, which is what boto3 wraps: importing boto3 as well would lengthen every cold start.
    """
    from botocore.config import Config

    retries = {"mode": "standard", "total_max_attempts": 5 if timeout is None else 1}
    config = Config(
        retries=retries,
        connect_timeout=5,
        read_timeout=timeout or 30,
        tcp_keepalive=True,
        signature_version="s3v4" if service == "s3" else None,  # older links would not say how much may come
    )
    return _session().create_client(service, region_name=_region(), config=config)


def forget_clients() -> None:
    """Make new clients from here on: for tests that change the account or the endpoint."""
    client.cache_clear()
    _session.cache_clear()


@cache
def _session() -> Any:
    from botocore.session import get_session

    return get_session()


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
