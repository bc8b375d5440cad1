"""Messages API tokens: only a token signed with a secret for this body is valid."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.jwt import verified_claims
from tests.support.tokens import BODY, CLAIMS, PAYLOAD_HASH, SECRET, bearer, unsigned


def test_a_token_of_the_secret_for_this_body_vouches() -> None:
    assert verified_claims(bearer(), BODY, [SECRET]) == CLAIMS


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "  Bearer", "Bearer  "])
def test_the_scheme_may_be_in_either_case(scheme: str) -> None:
    assert verified_claims(bearer().replace("Bearer", scheme), BODY, [SECRET])


def test_every_live_secret_counts() -> None:
    assert verified_claims(bearer(), BODY, [b"old", SECRET])
    assert verified_claims(bearer(), BODY, [SECRET, b"new"])


def test_a_short_secret_is_the_accounts_affair() -> None:
    assert verified_claims(bearer(secret=b"short"), BODY, [b"short"])


def test_another_secret_does_not_vouch() -> None:
    assert verified_claims(bearer(), BODY, [b"other"]) is None


def test_a_token_for_another_body_does_not_vouch() -> None:
    assert verified_claims(bearer(), BODY.replace(b"delivered", b"rejected "), [SECRET]) is None
    assert verified_claims(bearer(), BODY + b"\n", [SECRET]) is None


@pytest.mark.parametrize("payload_hash", [..., None, "", 0, True, [], {}, "\ud800", "0" * 64])
def test_a_token_without_the_bodys_hash_does_not_vouch(payload_hash: object) -> None:
    claims = {n: v for n, v in {**CLAIMS, "payload_hash": payload_hash}.items() if v is not ...}
    assert verified_claims(bearer(claims), BODY, [SECRET]) is None


def test_the_hash_may_be_in_upper_case() -> None:
    assert verified_claims(bearer({**CLAIMS, "payload_hash": PAYLOAD_HASH.upper()}), BODY, [SECRET])


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_algorithm_is_pinned(algorithm: str) -> None:
    assert (
        verified_claims(bearer(algorithm=algorithm, secret=SECRET * 2), BODY, [SECRET * 2]) is None
    )


@pytest.mark.parametrize("algorithm", ["none", "None", "", "HS256", "RS256", None, 5, []])
def test_a_token_without_a_signature_does_not_vouch(algorithm: object) -> None:
    assert verified_claims(unsigned({"alg": algorithm, "typ": "JWT"}), BODY, [SECRET]) is None


@pytest.mark.parametrize(
    "claims", [{"exp": 1}, {"nbf": 2**40}, {"iat": 2**40}, {"aud": "x"}, {"sub": 5}]
)
def test_what_the_clock_says_is_not_asked_here(claims: dict[str, Any]) -> None:
    assert verified_claims(bearer({**CLAIMS, **claims}), BODY, [SECRET])


@pytest.mark.parametrize(
    "authorization",
    [
        *("", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer a.b", "Basic a2V5OnM=", "é"),
        *("Bearer é.é.é", "Bearer \udcff", "\ud800", bearer()[:-2], bearer() + "," + bearer()),
        bearer().removeprefix("Bearer "),
        unsigned({"alg": "HS256", "crit": ["b64"], "b64": False}),
        f"Bearer {base64.urlsafe_b64encode(b'[' * 30_000).decode()}.e30.x",
    ],
)
def test_another_authorization_does_not_vouch_and_does_not_raise(authorization: str) -> None:
    assert verified_claims(authorization, BODY, [SECRET]) is None


@given(st.text())
def test_no_text_vouches_or_raises(text: str) -> None:
    assert verified_claims(text, BODY, [SECRET]) is None
    assert verified_claims(f"Bearer {text}", BODY, [SECRET]) is None
    assert verified_claims(f"{bearer()}{text}".strip() + ".", BODY, [SECRET]) is None
