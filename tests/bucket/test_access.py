"""Opening a bucket, and what is said where that fails."""

from __future__ import annotations

import sys
from collections.abc import Callable

import obstore
import pytest
from obstore.store import S3Store

from dlr_analytics.bucket.access import open_store, read_address
from dlr_analytics.bucket.failures import explained
from dlr_analytics.errors import (
    BucketError,
    BucketMissing,
    BucketRefused,
    BucketUnreachable,
    MissingTool,
    UsageError,
)
from tests.support.buckets import Bucket


def list_objects(store: S3Store) -> list[str]:
    return [one["path"] for some in obstore.list(store) for one in some]


def put_object(store: S3Store) -> None:
    obstore.put(store, "sends/a.parquet", b"bytes", mode="create")


def get_object(store: S3Store) -> None:
    obstore.get(store, "sends/a.parquet")


def delete_object(store: S3Store) -> None:
    obstore.delete(store, "sends/a.parquet")


CALLS = pytest.mark.parametrize("call", [list_objects, put_object, get_object])


def failure(url: str, call: Callable[[S3Store], object]) -> BucketError:
    """The error of a call on a bucket."""
    address = read_address(url)
    with pytest.raises(BucketError) as raised, explained(address):
        call(open_store(address))
    assert "\n" not in str(raised.value)
    return raised.value


def test_objects_lie_under_the_prefix(s3: Bucket) -> None:
    put_object(open_store(read_address(s3.url)))
    assert list_objects(open_store(read_address(s3.url))) == ["sends/a.parquet"]
    assert list_objects(open_store(read_address(f"s3://{s3.name}"))) == ["live/sends/a.parquet"]
    assert list_objects(open_store(read_address(f"s3://{s3.name}/other"))) == []


def test_an_object_that_is_there_is_not_replaced(s3: Bucket) -> None:
    store = open_store(read_address(s3.url))
    put_object(store)
    with pytest.raises(obstore.exceptions.AlreadyExistsError), explained(read_address(s3.url)):
        put_object(store)


def test_a_missing_object_is_a_missing_file(s3: Bucket) -> None:
    with pytest.raises(FileNotFoundError), explained(read_address(s3.url)):
        get_object(open_store(read_address(s3.url)))


@CALLS
def test_a_bucket_that_does_not_exist_is_named(
    s3: Bucket, call: Callable[[S3Store], object]
) -> None:
    error = failure("s3://no-such-bucket/live", call)
    assert isinstance(error, BucketMissing)
    assert str(error) == "there is no bucket no-such-bucket; check the address and AWS_ENDPOINT_URL"


@CALLS
def test_missing_credentials_are_named(
    s3: Bucket, call: Callable[[S3Store], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = failure(s3.url, call)
    assert isinstance(error, BucketRefused)
    assert str(error).endswith("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")


@pytest.mark.parametrize("call", [list_objects, put_object, get_object, delete_object])
def test_a_refused_connection_names_the_endpoint(
    s3: Bucket, call: Callable[[S3Store], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    error = failure(s3.url, call)
    assert isinstance(error, BucketUnreachable)
    assert "the store at http://127.0.0.1:1 does not answer" in str(error)


def test_plain_http_must_be_allowed(s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    assert "AWS_ALLOW_HTTP" in str(failure(s3.url, list_objects))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingTool, match=r"pip install 'dlr_analytics\[s3\]'"):
        open_store(read_address("s3://sms/live"))
    assert "obstore" in sys.modules, "the test itself has it"


@pytest.mark.parametrize(
    "text",
    [
        *("", "sms", "s3:", "s3:/sms/live", "s3://", "s3:///live", "S3://sms", "s3a://sms/live"),
        *("https://sms.s3.amazonaws.com", "s3://ab", "s3://SMS", "s3://sms_", "s3://sms//live"),
        *(
            "s3://sms/live//eu",
            "s3://sms/../eu",
            "s3://sms/./eu",
            "s3://sms/live/*",
            "s3://sms/a b",
        ),
        *(
            "s3://sms/live?x=1",
            "s3://sms/live#x",
            "s3://sms/[ab]",
            "s3://key:secret@sms",
            "s3://sms\n",
        ),
    ],
)
def test_a_malformed_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="give an address like s3://bucket/prefix"):
        read_address(text)


@pytest.mark.parametrize(
    ("text", "bucket", "prefix"),
    [
        ("s3://sms", "sms", ""),
        ("s3://sms/", "sms", ""),
        ("s3://sms.eu-1/live", "sms.eu-1", "live"),
        ("s3://sms/live/2026_a=b/", "sms", "live/2026_a=b"),
    ],
)
def test_an_address_is_a_bucket_and_a_prefix(text: str, bucket: str, prefix: str) -> None:
    address = read_address(text)
    assert (address.bucket, address.prefix) == (bucket, prefix)
    assert str(address) == text.rstrip("/")
