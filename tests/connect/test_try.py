"""One message: one POST whatever happens, and its receipts followed."""

from __future__ import annotations

import datetime as dt
import os
import pty
import socket
import subprocess
import time
from typing import Any

import pytest

import dlr_analytics
from dlr_analytics.simulate.vonage import ApiRequest, ApiResponse, SentPart
from tests.fakes.vonage import HTML, Fault, Push, answered
from tests.fakes.world import NUMBER, OK_LINES, Transcript, World
from tests.support.quick import first_quick

SMS = "/sms/json"
DELIVERED = OK_LINES + (
    "ok       send         Vonage took 1 part\n"
    "ok       receipt      stored\n"
    "ok       outcome      delivered, err-code 0, N s after sending\n"
)


@pytest.fixture
def ready(world: World) -> World:
    """A world in which nothing is missing."""
    world.receive()
    return world


def attempt(world: World, *more: str, wait: str = "1.5", to: str = NUMBER) -> Transcript:
    """``dlr try``, and the rule of each: one message is at most one POST."""
    done = world.run("try", f"--to={to}", "--yes", f"--wait={wait}", *more)
    assert len(world.vonage.to(SMS)) <= 1
    assert NUMBER not in done.raw + done.err
    assert NUMBER[2:] not in done.raw + done.err
    return done


def sends(world: World) -> list[tuple[Any, ...]]:
    """The send records: ID, number, sender, part, parts."""
    records = dlr_analytics.open(world.data).sql("select * from sends order by part")
    names = ("message_id", "msisdn", "sender", "part", "parts")
    return [tuple(row[records.columns.index(name)] for name in names) for row in records.rows()]


@pytest.mark.parametrize(
    "push",
    first_quick([Push("get"), Push("form"), Push("json"), Push("messages"), Push(delay=1.0)]),
    ids=["get", "form", "json", "messages", "late"],
)
def test_a_receipt_that_comes_is_told_with_its_latency(ready: World, push: Push) -> None:
    ready.vonage.pushes = [push]
    done = attempt(ready, wait="20")
    expected = DELIVERED.replace(
        "err-code 0", "err-code none" if push.by == "messages" else "err-code 0"
    )
    assert (done.out, done.err, done.code) == (expected, "", 0)


def test_what_is_posted(ready: World) -> None:
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    attempt(ready, "--from=Acme", wait="20", to="+44 (7700) 900001")
    (request,) = ready.vonage.to(SMS)
    form = request.parameters
    assert form.pop("text")
    reference = form.pop("client-ref")
    assert reference.startswith("dlr-try-")
    assert len(reference) <= 40
    assert form == {"from": "Acme", "to": NUMBER, "callback": ready.url}
    (row,) = sends(ready)
    assert row[1:] == (NUMBER, "Acme", 1, 1)
    ((sent_at,),) = dlr_analytics.open(ready.data).sql("select sent_at from sends").rows()
    assert before <= sent_at <= dt.datetime.now(dt.UTC).replace(tzinfo=None)


@pytest.mark.thorough
def test_the_account_s_url_is_used_where_asked_for(ready: World) -> None:
    done = attempt(ready, "--account-url", wait="20")
    assert done.results["setting"] == "wrong"
    assert done.results["send"] == done.results["receipt"] == done.results["outcome"] == "unknown"
    assert ready.vonage.to(SMS) == []
    ready.vonage.receipt_url = ready.url
    assert attempt(ready, "--account-url", wait="20").code == 0
    (request,) = ready.vonage.to(SMS)
    assert "callback" not in request.parameters


@pytest.mark.thorough
@pytest.mark.parametrize("mode", ["hash", "mask"])
def test_numbers_are_stored_as_the_setting_says(world: World, mode: str) -> None:
    world.receive(msisdn=mode, msisdn_key="key")
    assert attempt(world, wait="20").code == 0
    (row,) = sends(world)
    assert row[1] != NUMBER
    stored = [path.read_bytes() for path in world.data.rglob("*") if path.is_file()]
    assert not any(NUMBER.encode() in content for content in stored)


@pytest.mark.thorough
def test_twice_the_same_receipt_is_one(ready: World) -> None:
    ready.vonage.pushes = [Push(status="accepted"), Push(), Push()]
    assert attempt(ready, wait="20").out == DELIVERED


@pytest.mark.thorough
def test_it_waits_for_a_final_receipt_of_every_part(ready: World) -> None:
    ready.vonage.statuses = ("0", "0")
    done = attempt(ready, wait="20")
    assert done.line("send") == "ok       send         Vonage took 2 parts"
    assert done.line("receipt") == "ok       receipt      stored"
    assert done.code == 0
    assert [row[3:] for row in sends(ready)] == [(1, 2), (2, 2)]


@pytest.mark.thorough
def test_an_intermediate_receipt_alone_leaves_the_outcome_unknown(ready: World) -> None:
    ready.vonage.pushes = [Push(status="accepted")]
    done = attempt(ready)
    assert done.results["receipt"] == "ok"
    assert done.line("outcome") == (
        "unknown  outcome      no final receipt of every part within 1.5 s, the last is accepted,"
        " err-code 0; the network may still send one: dlr status"
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("status", "named"),
    [("failed", "failed"), ("UNDELIV", "failed"), ("expired", "expired"), ("rejected", "rejected")],
)
def test_another_final_status_is_wrong(ready: World, status: str, named: str) -> None:
    ready.vonage.pushes = [Push(status=status, err_code="6")]
    done = attempt(ready, wait="20")
    assert done.results["outcome"] == "wrong"
    assert f"{named}, err-code 6, anti-spam rejection; fix" in done.line("outcome")
    assert done.code == 1


@pytest.mark.thorough
@pytest.mark.parametrize("status", ["4", "9", "15", "29", "1", "77"])
def test_a_message_that_vonage_refuses_is_the_end(ready: World, status: str) -> None:
    ready.vonage.statuses = (status,)
    started = time.monotonic()
    done = attempt(ready, wait="30")
    assert time.monotonic() - started < 25
    assert done.results["send"] == "wrong"
    assert f"status {status}" in done.line("send")
    word = {"4": "VONAGE_API_SECRET", "9": "balance", "15": "--from", "29": "trial"}.get(status, "")
    assert word in done.line("send")
    assert done.results["receipt"] == done.results["outcome"] == "unknown"
    assert done.code == 1


def test_one_part_that_is_refused_is_wrong_and_the_other_is_recorded(ready: World) -> None:
    ready.vonage.statuses = ("0", "9")
    done = attempt(ready)
    assert "a part was not sent: status 9" in done.line("send")
    assert len(sends(ready)) == 1


@pytest.mark.parametrize(("code", "words"), [(401, "VONAGE_API_SECRET"), (429, "429")])
def test_401_and_429_are_not_sent(ready: World, code: int, words: str) -> None:
    ready.vonage.faults[SMS] = [answered(code)]
    done = attempt(ready)
    assert done.results["send"] == "wrong"
    assert words in done.line("send")
    assert "not sent" in done.line("send")


LOST = [
    Fault("cut", acts=True),
    Fault("half", acts=True),
    Fault("garbage", acts=True),
    Fault("redirect", acts=True),
]


@pytest.mark.thorough
@pytest.mark.parametrize("fault", LOST, ids=[fault.kind for fault in LOST])
def test_an_answer_that_is_lost_is_made_up_for_by_the_receipt(ready: World, fault: Fault) -> None:
    ready.vonage.faults[SMS] = [fault]
    done = attempt(ready, wait="20")
    assert done.out == DELIVERED.replace(
        "Vonage took 1 part", "known by its receipt: the answer to the POST was lost"
    )
    assert done.code == 0
    (row,) = sends(ready)
    assert row == (ready.vonage.sent[0].message_id, NUMBER, "dlr", 1, 1)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "fault",
    [Fault("cut"), answered(500), answered(503, "{}"), HTML, answered(200, '{"messages": []}')],
)
def test_without_a_receipt_nobody_knows_whether_it_was_sent(ready: World, fault: Fault) -> None:
    ready.vonage.faults[SMS] = [fault]
    done = attempt(ready)
    assert done.results["send"] == "unknown"
    assert "not known whether it was sent" in done.line("send")
    assert done.line("receipt") == (
        "unknown  receipt      none, and no message ID to ask for; look for it in the dashboard"
    )
    assert done.results["outcome"] == "unknown"
    assert sends(ready) == []
    assert ready.vonage.to("/v2/reports/records") == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["trickle", "silent"])
def test_an_answer_that_takes_its_time_is_lost(ready: World, kind: str) -> None:
    ready.vonage.faults[SMS] = [Fault(kind, acts=True)]
    started = time.monotonic()
    done = attempt(ready, wait="20")
    assert 10 < time.monotonic() - started < 20
    assert done.code == 0


def test_a_server_that_is_gone_is_not_sent(ready: World) -> None:
    respond = ready.vonage.respond

    def respond_and_leave(request: ApiRequest) -> ApiResponse:
        ready.vonage._server.socket.shutdown(socket.SHUT_RDWR)
        return respond(request)

    ready.vonage.respond = respond_and_leave  # type: ignore[method-assign]
    done = attempt(ready)
    assert done.line("send") == (
        "wrong    send         not sent: connection refused; try again later"
    )


def without_receipt(world: World, *pushes: Push) -> Transcript:
    world.vonage.pushes = list(pushes)
    done = attempt(world)
    assert done.results["send"] == "ok"
    assert done.results["outcome"] == "unknown"
    assert done.code == 1
    return done


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("settings", "push", "words"),
    [
        ({"signature_secret": "s"}, Push(), ["1 unsigned", "DLR_SIGNATURE_SECRET"]),
        (
            {"signature_secret": "signature secret"},
            Push(signed_by="sha256"),
            ["wrong_signature (would match sha256)", "DLR_SIGNATURE_METHOD=sha256"],
        ),
        (
            {"signature_secret": "another"},
            Push(signed_by="md5hash"),
            ["1 wrong_signature", "DLR_SIGNATURE_SECRET"],
        ),
    ],
)
def test_a_receipt_that_was_refused_is_named(
    world: World, settings: dict[str, str], push: Push, words: list[str]
) -> None:
    world.receive(**settings)
    done = without_receipt(world, push)
    assert done.results["receipt"] == "wrong"
    for word in words:
        assert word in done.line("receipt")
    assert world.vonage.to("/v2/reports/records") == []


@pytest.mark.thorough
def test_a_receipt_that_is_signed_rightly_is_stored(world: World) -> None:
    world.receive(signature_secret="signature secret")
    world.vonage.pushes = [Push("form", signed_by="md5hash")]
    assert attempt(world, wait="20").out == DELIVERED


@pytest.mark.thorough
def test_a_call_of_which_nothing_is_understood_is_named(ready: World) -> None:
    done = without_receipt(ready, Push(fields={"messageId": ""}))
    assert done.line("receipt") == (
        "wrong    receipt      a call came that is not understood; look at it with dlr quarantine"
    )


@pytest.mark.thorough
def test_a_webhook_that_was_not_reached_is_told_from_the_network(ready: World) -> None:
    ready.vonage.push = lambda part: None  # type: ignore[method-assign]
    done = without_receipt(ready)
    assert done.line("receipt").startswith(
        "wrong    receipt      the webhook was not reached: Vonage knows the message as delivered;"
    )
    (request,) = ready.vonage.to("/v2/reports/records")
    assert request.parameters == {
        "account_id": "abcd1234",
        "product": "SMS",
        "direction": "outbound",
        "id": ready.vonage.sent[0].message_id,
    }


@pytest.mark.thorough
def test_a_connection_that_vonage_cuts_is_a_webhook_not_reached(ready: World) -> None:
    done = without_receipt(ready, Push(cut=True))
    assert "not reached" in done.line("receipt")


@pytest.mark.thorough
def test_a_network_that_sends_no_receipt_is_named(ready: World) -> None:
    def accepted(part: SentPart) -> None:
        part.status = "accepted"

    ready.vonage.push = accepted  # type: ignore[method-assign]
    line = without_receipt(ready).line("receipt")
    assert line.startswith("unknown")
    assert "network" in line


@pytest.mark.thorough
@pytest.mark.parametrize("fault", [answered(401), answered(403), answered(429), HTML, Fault("cut")])
def test_without_the_reports_api_it_is_unknown(ready: World, fault: Fault) -> None:
    ready.vonage.faults["/v2/reports/records"] = [fault]
    ready.vonage.push = lambda part: None  # type: ignore[method-assign]
    line = without_receipt(ready).line("receipt")
    assert line.startswith("unknown")
    assert "Reports API" in line
    assert len(ready.vonage.to("/v2/reports/records")) == 1


@pytest.mark.thorough
def test_a_message_that_reports_do_not_know_is_unknown(ready: World) -> None:
    def lost(part: SentPart) -> None:
        ready.vonage.sent.clear()

    ready.vonage.push = lost  # type: ignore[method-assign]
    line = without_receipt(ready).line("receipt")
    assert line.startswith("unknown")
    assert "Reports API has no record" in line


@pytest.mark.thorough
def test_a_url_too_long_for_callback_is_wrong(world: World) -> None:
    world.receive(url_token="t" * 60)
    done = attempt(world)
    assert done.results["url"] == "wrong"
    assert "--account-url" in done.line("url")
    assert world.vonage.to(SMS) == []
    world.vonage.receipt_url = f"{world.url}/{'t' * 60}"
    assert attempt(world, "--account-url", wait="20").code == 0


@pytest.mark.thorough
@pytest.mark.parametrize("missing", ["receiver", "reach", "account"])
def test_where_a_check_is_not_ok_nothing_is_sent(world: World, missing: str) -> None:
    if missing != "receiver":
        world.receive()
    if missing == "reach":
        world.front.stop()
    if missing == "account":
        del world.environment["VONAGE_API_SECRET"]
    done = attempt(world)
    assert done.results[missing] != "ok"
    assert done.results["send"] == done.results["receipt"] == done.results["outcome"] == "unknown"
    assert world.vonage.to(SMS) == []
    assert done.code == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    "number",
    [
        "12345",
        "0770090000",
        "44-7700-900001",
        "447700900001x",
        "4477009000012345",
        "",
        "44770090000١",
    ],
)
def test_what_is_no_number_is_exit_2_and_not_repeated(world: World, number: str) -> None:
    done = attempt(world, to=number)
    assert (done.code, done.out) == (2, "")
    assert not number or number not in done.err
    assert world.vonage.requests == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "arguments",
    [
        ("try", NUMBER),
        ("try", f"--too={NUMBER}"),
        ("try", "--to", NUMBER, "--yes", NUMBER),
        ("try", "--to", NUMBER, "--wait", f"x{NUMBER}"),
        ("try", "--to", NUMBER, "--yes", f"--port={NUMBER}"),
        ("try", "--to", NUMBER, "--format", NUMBER),
        ("try", "--to", NUMBER, "--wait=-1"),
        ("try", "--to", NUMBER, "--wait=nan"),
        ("try", "--to", NUMBER),
    ],
)
def test_wrong_usage_repeats_no_number_and_asks_nobody(
    world: World, arguments: tuple[str, ...]
) -> None:
    done = world.run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert NUMBER not in done.err
    assert done.err.count("\n") == 1
    assert world.vonage.requests == []


def on_a_terminal(world: World, answer: str) -> tuple[int, str, str]:
    """``dlr try`` with a terminal as stdin: exit status, stdout, stderr."""
    command, environment = world.command("try", f"--to={NUMBER}", "--wait=20")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=world.folder,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    out, err = process.communicate(timeout=60)
    os.close(ours)
    return process.returncode, world.plain(out), err


@pytest.mark.thorough
def test_on_a_terminal_it_asks_and_y_sends(ready: World) -> None:
    code, out, err = on_a_terminal(ready, "y\n")
    assert (code, out) == (0, DELIVERED)
    assert err == "Send one SMS to 44********01? [y/N] "


@pytest.mark.thorough
@pytest.mark.parametrize("reply", ["n\n", "\n", "yes\n", "\x04"])
def test_any_answer_but_y_sends_nothing(ready: World, reply: str) -> None:
    code, out, _ = on_a_terminal(ready, reply)
    assert code == 1
    assert out == OK_LINES + (
        "wrong    send         not sent: the answer was not y; answer y, or give --yes\n"
        "unknown  receipt      not checked: rests on send; see send\n"
        "unknown  outcome      not checked: rests on receipt; see receipt\n"
    )
    assert ready.vonage.to(SMS) == []
