"""Objects in S3."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from abax.adapters.aws.session import client
from abax.disk import named_when_full
from abax.errors import ObjectMissing

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

LINK_SECONDS: Final = 900
"""How long a link works."""

IN_USE_SECONDS: Final = 900
"""No invocation lives longer than this, so a file fetched longer ago is in nobody's hands."""

CACHE_BYTES: Final = 4 * 1024**3

_TAKEN: Final = ("PreconditionFailed", "ConditionalRequestConflict")
"""How S3 says that an object is there already, or that somebody else is writing it at this moment."""


class S3Objects:
    """The ObjectStore port on a bucket; fetched files are kept in the scratch folder for warm invocations."""

    def __init__(self, bucket: str, cache: Path | None = None, cache_bytes: int = CACHE_BYTES) -> None:
        self._bucket = bucket
        self._cache = cache or Path(tempfile.gettempdir()) / "abax-objects"
        self._cache_bytes = cache_bytes

    def put(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        """Keep ``body`` under ``key``."""
        client("s3").put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def create(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> bool:
        """Keep ``body`` where there is no object yet, by S3's conditional write."""
        from botocore.exceptions import ClientError

        put = client("s3").put_object
        try:
            put(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        return True

    def put_file(self, key: str, path: Path) -> None:
        """Keep a file's content under ``key``, streaming."""
        with path.open("rb") as body:
            client("s3").put_object(Bucket=self._bucket, Key=key, Body=body)

    def get(self, key: str) -> bytes:
        """The object's content."""
        return bytes(self._get_object(key)["Body"].read())

    def fetch(self, key: str) -> Path:
        """A file with the object's content, downloaded at the first call."""
        name = hashlib.sha256(f"{self._bucket}/{key}".encode()).hexdigest()[:40]
        path = self._cache / (name + PurePosixPath(key).suffix)
        if path.exists():
            os.utime(path)
            return path
        answer = self._get_object(key)
        with named_when_full(self._cache):
            self._cache.mkdir(parents=True, exist_ok=True)
            self._make_room(answer["ContentLength"])
            self._download(answer["Body"], path)
        return path

    def exists(self, key: str) -> bool:
        """Whether ``key`` holds an object."""
        from botocore.exceptions import ClientError

        try:
            client("s3").head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if _is_missing(error):
                return False
            raise
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that start with ``prefix``, in order."""
        for page in (
            client("s3").get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        ):
            for item in page.get("Contents", []):
                yield item["Key"]

    def link(self, key: str, filename: str) -> str | None:
        """A presigned URL under which the object downloads as ``filename``."""
        parameters = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentDisposition": f'inline; filename="{filename}"',
        }
        signed = client("s3").generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)
        return str(signed)

    def upload_link(self, key: str, size: int) -> str | None:
        """A presigned URL; the length is part of what is signed, so that no more can come."""
        parameters = {"Bucket": self._bucket, "Key": key, "ContentLength": size}
        signed = client("s3").generate_presigned_url("put_object", Params=parameters, ExpiresIn=LINK_SECONDS)
        return str(signed)

    def _get_object(self, key: str) -> Any:
        from botocore.exceptions import ClientError

        try:
            return client("s3").get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if _is_missing(error):
                raise ObjectMissing(key) from None
            raise

    def _download(self, body: Any, path: Path) -> None:
        scratch = path.with_suffix(f".{os.getpid()}.part")
        try:
            with scratch.open("wb") as file:
                for chunk in body.iter_chunks(1024 * 1024):
                    file.write(chunk)
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)

    def _make_room(self, wanted: int) -> None:
        """Drop the files that were fetched longest ago, sparing those that may be in use."""
        files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._cache.iterdir())
        excess = sum(size for _, size, _ in files) + wanted - self._cache_bytes
        for fetched_at, size, path in files:
            if excess <= 0 or time.time() - fetched_at < IN_USE_SECONDS:
                return
            path.unlink(missing_ok=True)
            excess -= size


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound")
