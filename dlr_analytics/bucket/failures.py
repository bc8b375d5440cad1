"""Errors of obstore as errors of this package: one line, with the remedy.

obstore has few classes: a bucket that does not exist is a missing file in a GET and a generic error
in a listing. The S3 code inside the message decides, where there is one.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from dlr_analytics.errors import BucketError, BucketMissing, BucketRefused, BucketUnreachable
from dlr_analytics.settings.bucket_address import BucketAddress

_METADATA = ("/latest/api/token", "/latest/meta-data", "169.254.170.2")
"""Where obstore asks for the role of the machine if no variable holds credentials."""

_WRONG_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"}
_WRONG_REGION = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraint"}


@contextlib.contextmanager
def explained(address: BucketAddress) -> Iterator[None]:
    """Raise the errors of obstore as BucketError.

    Parameters
    ----------
    address : BucketAddress
        What is being read or written, for the message.

    Raises
    ------
    BucketMissing
        If the bucket does not exist.
    BucketRefused
        If credentials are missing or wrong, or lack a permission.
    BucketUnreachable
        If the store does not answer.
    BucketError
        For an answer that is none of these.
    FileNotFoundError
        For an object that does not exist, as obstore raises it.
    """
    from obstore.exceptions import AlreadyExistsError, BaseError

    try:
        yield
    except AlreadyExistsError:
        raise
    except FileNotFoundError as error:
        if _code(str(error)) != "NoSuchBucket":
            raise
        raise explain(address, error) from None
    except (BaseError, PermissionError) as error:
        raise explain(address, error) from None


def explain(address: BucketAddress, error: Exception) -> BucketError:
    """Translate one error of obstore.

    Examples
    --------
    >>> print(explain(BucketAddress("sms"), OSError("404: <Code>NoSuchBucket</Code>")))
    there is no bucket sms; check the address and AWS_ENDPOINT_URL
    """
    text = str(error).partition("\n\nDebug source")[0]
    code = _code(text)
    status = re.search(r"status code: (\d{3})", text)
    if code == "NoSuchBucket":
        return BucketMissing(
            f"there is no bucket {address.bucket}", "check the address and AWS_ENDPOINT_URL"
        )
    if any(part in text for part in _METADATA):
        return BucketRefused(
            f"there are no credentials for {address}",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    if code in _WRONG_KEYS or (status and status[1] == "401"):
        return BucketRefused(
            f"{address}: the credentials are refused ({code or 'unauthenticated'})",
            "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
        )
    if code in _WRONG_REGION or (status and status[1].startswith("3")):
        return BucketRefused(
            f"{address}: the bucket is in another region",
            "set AWS_REGION to the region of the bucket",
        )
    if status and status[1] == "403":
        return BucketRefused(
            f"{address}: access denied",
            "allow these credentials to list, read, write and delete there",
        )
    return _other(address, text, status[1] if status else "")


def _other(address: BucketAddress, text: str, status: str) -> BucketError:
    if status and not status.startswith("5"):
        reason = _code(text) or f"HTTP {status}"
        return BucketError(f"{address}: the store answered {reason}", "check the AWS_ variables")
    if "builder error" in text:
        return BucketError(
            f"{address}: the endpoint cannot be used",
            "give AWS_ENDPOINT_URL as https://…; for http:// also set AWS_ALLOW_HTTP=true",
        )
    endpoint = re.search(r"https?://[^/\s?]+", text)
    where = f" at {endpoint[0]}" if endpoint else ""
    what = f"answers HTTP {status}" if status else "does not answer"
    return BucketUnreachable(
        f"{address}: the store{where} {what}", "check the network and AWS_ENDPOINT_URL, or wait"
    )


def _code(text: str) -> str:
    """The S3 code in the body of an answer, empty where there is none."""
    found = re.search(r"<Code>(\w+)</Code>", text)
    return found[1] if found else ""
