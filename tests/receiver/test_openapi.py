"""docs/openapi.yaml against the code, and against a receiver that runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import settings
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from dlr_analytics.webhook.authenticity import Keys
from dlr_analytics.webhook.judge import REASONS, WEBHOOK_PATH, Refuse, Request, Rules, judge
from dlr_analytics.webhook.signature import sign
from tests.support.receivers import Running

FILE = Path(__file__).parents[2] / "docs" / "openapi.yaml"
DESCRIPTION: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
ANSWERS = DESCRIPTION["paths"][WEBHOOK_PATH]

NOW = datetime(2026, 11, 24, 8)
SIGNED = Rules(keys=Keys((b"secret",)))
TIMED = Rules(keys=Keys((b"secret",), tolerance=1))
SIG = sign(b"&messageId=1&timestamp=1000000000", b"secret", "md5hash")
OLD = b"messageId=1&timestamp=1000000000&sig=" + SIG


def call(
    method: str = "GET", path: str = WEBHOOK_PATH, query: bytes = b"a=1", body: bytes = b""
) -> Request:
    return Request(method, path, query, {}, body, "192.0.2.1")


REFUSALS = {
    "path": [(call(path="/"), Rules())],
    "token": [(call(), Rules(path=b"/webhooks/delivery-receipt/token"))],
    "method": [(call("PUT"), Rules())],
    "address": [(call(), Rules(allow=(ip_network("198.51.100.0/24"),)))],
    "size": [(call(query=b"a" * 65537), Rules()), (call("POST", body=b"a" * 65537), Rules())],
    "unsigned": [(call(), SIGNED)],
    "wrong_signature": [(call(query=b"messageId=1&sig=0"), SIGNED)],
    "stale": [(call(query=OLD), TIMED)],
}


def described(operation: dict[str, Any]) -> set[tuple[int, str]]:
    """Each code of an operation with each reason for it."""
    responses = DESCRIPTION["components"]["responses"]
    return {
        (int(code), reason)
        for code, answer in operation["responses"].items()
        for reason in responses[answer["$ref"].rpartition("/")[2]].get("x-reasons", ())
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_names_each_refusal_with_its_code_and_no_other(method: str) -> None:
    verdicts = [judge(*case, NOW) for cases in REFUSALS.values() for case in cases]
    given = {(verdict.code, verdict.reason) for verdict in verdicts if isinstance(verdict, Refuse)}
    assert {reason for _, reason in given} == set(REASONS)
    assert described(ANSWERS[method]) == given


def test_both_ways_to_send_have_the_same_fields() -> None:
    parameters = DESCRIPTION["components"]["parameters"].values()
    fields = DESCRIPTION["components"]["schemas"]["Receipt"]["properties"]
    assert [parameter["name"] for parameter in parameters] == list(fields)


@pytest.fixture(scope="module")
def receivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    """One open receiver, and one that checks signatures."""
    folder = tmp_path_factory.mktemp("described")
    running = {
        "open": Running(folder / "open"),
        "strict": Running(folder / "strict", signature_secret="secret"),
    }
    yield running
    for receiver in running.values():
        receiver.stop()


schema = schemathesis.openapi.from_path(FILE)


@pytest.mark.thorough
@schema.parametrize()
@settings(max_examples=30)
def test_what_is_described_is_answered_as_described(
    case: schemathesis.Case[Any], receivers: dict[str, Running]
) -> None:
    # What is sent amiss is taken too: a 400 would only have it sent again.
    tolerant: list[CheckFunction] = [negative_data_rejection, positive_data_acceptance]
    case.call_and_validate(base_url=receivers["open"].url.geturl(), excluded_checks=tolerant)
    unsigned: list[CheckFunction] = [*tolerant, not_a_server_error]
    case.call_and_validate(base_url=receivers["strict"].url.geturl(), excluded_checks=unsigned)
