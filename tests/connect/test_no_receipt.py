"""Why no receipt came: what belongs to this trial is told from what does not."""

from __future__ import annotations

import json
import urllib.request
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.connect.evidence import Counters, refused_since
from dlr_analytics.connect.quarantined import Identity, may_concern
from dlr_analytics.simulate.vonage import SentPart, json_response
from dlr_analytics.webhook.privacy import mask_numbers
from tests.fakes.vonage import Fault
from tests.fakes.world import NUMBER, Transcript, World

REPORTS = "/v2/reports/records"
OURS = Identity(frozenset({"0A0000001234567B"}), "dlr-try-abcdefgh", NUMBER)


def attempt(world: World) -> Transcript:
    return world.run("try", f"--to={NUMBER}", "--yes", "--wait=1.5")


# --- the quarantine ---------------------------------------------------------------------------


def call_instead(world: World, body: str) -> None:
    """Have Vonage call the webhook with this body in place of each receipt."""

    def push(part: SentPart) -> None:
        headers = {"Content-Type": "application/json"}
        world.vonage.call(urllib.request.Request(part.url, body.encode(), headers))

    world.vonage.push = push  # type: ignore[method-assign]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "body",
    [
        '{"status": "delivered", "client-ref": "order-7"}',
        '{"status": "delivered", "msisdn": "447700900999"}',
        "status=delivered&client-ref=order-7",
    ],
)
def test_a_call_about_another_message_is_not_taken_for_this_one_s(world: World, body: str) -> None:
    world.receive()
    call_instead(world, body)
    line = attempt(world).line("receipt")
    assert "quarantine" not in line
    assert line.startswith("wrong    receipt      the webhook was not reached")
    assert len(world.vonage.to(REPORTS)) == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    "body",
    [
        '{"status": "delivered", "msisdn": "447700900001"}',
        '{"status": "delivered"}',
        '{"messageId": "0A',
        "status=delivered",
    ],
)
@pytest.mark.parametrize("mode", ["keep", "mask", "hash"])
def test_a_call_that_may_be_about_this_message_is_named(world: World, body: str, mode: str) -> None:
    world.receive(msisdn=mode, msisdn_key="key")
    call_instead(world, body)
    assert attempt(world).line("receipt") == (
        "wrong    receipt      a call came that is not understood; look at it with dlr quarantine"
    )
    assert world.vonage.to(REPORTS) == []


NAMES = st.sampled_from(["messageId", "message-id", "message_uuid", "client-ref", "client_ref"])
OTHERS = st.text("abcdefghijklmnop0123456789-", min_size=1, max_size=30).filter(
    lambda text: not OURS.is_named_in(text)
)


@given(NAMES, OTHERS, st.booleans())
def test_any_other_name_is_of_another_message(name: str, value: str, in_json: bool) -> None:
    text = json.dumps({name: value}) if in_json else urlencode({name: value})
    assert not may_concern(json.dumps({"body": text}), OURS)


@given(
    st.sampled_from(
        [
            OURS.client_ref,
            *OURS.message_ids,
            *(message_id.lower() for message_id in OURS.message_ids),
            OURS.number,
            mask_numbers(OURS.number),
        ]
    ),
    st.text(max_size=20),
    st.sampled_from(["query", "body"]),
)
def test_whatever_has_one_of_our_names_may_be_ours(name: str, around: str, where: str) -> None:
    assert may_concern(json.dumps({where: f"{around}&client-ref=other&x={name}"}), OURS)
    assert may_concern(json.dumps({where: urlencode({"a": around, "x": name})}), OURS)


@given(st.text(max_size=50), st.text(max_size=50))
def test_no_content_of_the_quarantine_makes_it_fail(query: str, body: str) -> None:
    may_concern(json.dumps({"query": query, "body": body}), OURS)


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "refused_at", "found"),
    [
        (Counters(1.0, {("token", ""): 2}, {}, 0), 90.0, False),
        (Counters(1.0, {("token", ""): 1}, {}, 0), 110.0, True),
        (Counters(0.5, {("token", ""): 2}, {}, 0), 90.0, False),
        (Counters(0.5, {("token", ""): 2}, {}, 0), 110.0, True),
        (None, 90.0, False),
        (None, 110.0, True),
    ],
    ids=["same", "more", "restarted", "restarted, later", "unread", "unread, later"],
)
def test_a_call_counts_if_it_was_refused_since_the_send(
    before: Counters | None, refused_at: float, *, found: bool
) -> None:
    """Sent at 100; where counts cannot be compared, the time of the last refusal tells."""
    reason = ("token", "")
    now = Counters(1.0, {reason: 2}, {reason: refused_at}, 0)
    assert (refused_since(now, before, 100.0) is not None) == found


# --- the Reports API --------------------------------------------------------------------------


def report(world: World, *statuses: str | None, **more: object) -> None:
    """Answer the Reports API with a record of each part that has a status."""

    def respond() -> Fault:
        parts = zip(world.vonage.sent, statuses, strict=True)
        records = [
            {"account_id": "abcd1234", "message_id": part.message_id, "status": status}
            for part, status in parts
            if status is not None
        ]
        content = {"request_status": "SUCCESS", "items_count": len(records), "records": records}
        return Fault("status", json_response({**content, **more}))

    def push(part: SentPart) -> None:
        if len(world.vonage.sent) == len(statuses):
            world.vonage.faults[REPORTS] = [respond()]

    world.vonage.statuses = ("0",) * len(statuses)
    world.vonage.push = push  # type: ignore[method-assign]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("statuses", "result", "words"),
    [
        (("delivered", "delivered", "delivered"), "wrong", "not reached"),
        (("accepted", "delivered", "accepted"), "wrong", "not reached"),
        ((None, None, "expired"), "wrong", "not reached"),
        (("accepted", "accepted", "buffered"), "unknown", "network"),
        ((None, "accepted", None), "unknown", "network"),
        ((None, None, None), "unknown", "Reports API"),
    ],
)
def test_one_question_asks_for_all_parts_and_a_final_status_of_any_tells(
    world: World, statuses: tuple[str | None, ...], result: str, words: str
) -> None:
    world.receive()
    report(world, *statuses)
    line = attempt(world).line("receipt")
    assert line.startswith(result)
    assert words in line
    (request,) = world.vonage.to(REPORTS)
    assert request.parameters["id"].split(",") == [part.message_id for part in world.vonage.sent]


@pytest.mark.thorough
def test_an_answer_of_several_pages_is_asked_for_once(world: World) -> None:
    """The first page has a final status; its link to the next one is not followed."""
    world.receive()
    link = {"next": {"href": f"{world.vonage_url}{REPORTS}?cursor=abc"}}
    report(world, "delivered", None, items_count=2, _links=link)
    assert "not reached" in attempt(world).line("receipt")
    assert len(world.vonage.to(REPORTS)) == 1


@pytest.mark.slow
def test_a_reports_api_that_trickles_ends_at_10_s(world: World) -> None:
    world.receive()
    world.vonage.push = lambda part: None  # type: ignore[method-assign]
    world.vonage.faults[REPORTS] = [Fault("trickle")]
    line = attempt(world).line("receipt")
    assert line.startswith("unknown  receipt      none, and the Reports API is silent: no answer")
    assert "time limit of 10 s" in line
