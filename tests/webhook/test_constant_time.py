"""Secrets are compared in constant time, on bytes."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime

import pytest

from dlr_analytics.webhook.judge import WEBHOOK_PATH, Request, Rules, judge
from dlr_analytics.webhook.jwt import verified_claims
from dlr_analytics.webhook.signature import METHODS, has_valid_signature, matching_method
from tests.support.tokens import BODY, SECRET, bearer

NOW = datetime(2026, 11, 24)


def ask_with(token: str) -> None:
    path = f"{WEBHOOK_PATH}/{token}"
    judge(Request("GET", path, b"", {}, b"", ""), Rules(f"{WEBHOOK_PATH}/t0ken".encode()), NOW)


@pytest.mark.parametrize("guess", ["", "0", "t0ken", "é", "0" * 64])
@pytest.mark.parametrize(
    ("check", "times"),
    [
        (lambda guess: has_valid_signature({"a": "1", "sig": guess}, [b"secret"], "sha256"), 1),
        (
            lambda guess: has_valid_signature(
                {"a": "1", "b": "", "sig": guess}, [b"old", b"new"], "md5"
            ),
            4,
        ),
        (lambda guess: matching_method({"a": "1", "sig": guess}, [b"secret"]), len(METHODS)),
        (lambda guess: verified_claims(bearer({"payload_hash": guess}), BODY, [SECRET]), 2),
        (ask_with, 1),
    ],
    ids=["one secret", "two secrets and an empty value", "other methods", "a token", "the path"],
)
def test_every_guess_is_compared_in_constant_time(
    monkeypatch: pytest.MonkeyPatch, check: Callable[[str], object], times: int, guess: str
) -> None:
    compared: list[tuple[object, object]] = []
    real = hmac.compare_digest

    def compare(given: bytes, right: bytes) -> bool:
        compared.append((given, right))
        return real(given, right)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    check(guess)
    assert len(compared) == times
    assert all(isinstance(each, bytes) for pair in compared for each in pair)
