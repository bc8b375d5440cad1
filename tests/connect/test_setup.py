"""Setting the account's receipt URL: written once, saved before, taken back."""

from __future__ import annotations

import json
import stat
from typing import Any

import pytest

from tests.fakes.vonage import HTML, Fault, answered
from tests.fakes.world import OK_LINES, Transcript, World

SETTINGS = "/account/settings"
THEIRS = "https://hooks.example.com/s3cret"
SAVED = (
    OK_LINES
    + "ok       setting      the account's receipt URL is this one\n"
    + "ok       called       Vonage has called the URL\n"
)
UNDONE = "ok       setting      no URL is set\n"


def writes(world: World) -> list[dict[str, str]]:
    """The forms of the requests that would change the settings."""
    return [request.parameters for request in world.vonage.to(SETTINGS) if request.parameters]


def saved(world: World) -> dict[str, dict[str, Any]] | None:
    """What setup.json holds."""
    path = world.data / "setup.json"
    return json.loads(path.read_text()) if path.exists() else None


def entry(url: str, before: str = "", *earlier: str) -> dict[str, Any]:
    """An account's entry in it."""
    return {"url": url, "before": before, "earlier": list(earlier)}


def apply(world: World, *more: str) -> Transcript:
    return world.run("setup", "--apply", *more)


@pytest.fixture
def ready(world: World) -> World:
    """A world in which nothing is missing."""
    world.receive()
    return world


def test_without_apply_nothing_is_written(ready: World) -> None:
    done = ready.run("setup", "--replace")
    assert done.out == OK_LINES + (
        "wrong    setting      the account's receipt URL is not set;"
        " set it with dlr setup --apply\n"
    )
    assert done.code == 1
    assert writes(ready) == []
    assert saved(ready) is None


def test_apply_writes_the_receipt_url_alone_and_once(ready: World) -> None:
    done = apply(ready)
    assert done.out == SAVED
    assert (done.code, done.err) == (0, "next: dlr try --to NUMBER, your own mobile number\n")
    assert writes(ready) == [{"drCallBackUrl": ready.url}]
    assert saved(ready) == {"abcd1234": entry(ready.url)}
    assert stat.S_IMODE((ready.data / "setup.json").stat().st_mode) == 0o600


def test_apply_again_writes_nothing(ready: World) -> None:
    apply(ready)
    done = apply(ready)
    assert done.out == SAVED.replace("ok       called       Vonage has called the URL\n", "")
    assert done.code == 0
    assert len(writes(ready)) == 1


@pytest.mark.thorough
def test_apply_over_a_url_of_ours_keeps_what_was_before_the_first(ready: World) -> None:
    ready.vonage.receipt_url = THEIRS
    ready.vonage.accepts = lambda url: True  # type: ignore[method-assign]
    assert apply(ready, "--replace").results["setting"] == "ok"
    ready.environment["DLR_PUBLIC_URL"] = ready.front.url.replace("localhost", "LOCALHOST")
    assert apply(ready).results["setting"] == "ok"
    second = ready.url.replace("localhost", "LOCALHOST")
    assert saved(ready) == {"abcd1234": entry(second, THEIRS, ready.url)}
    assert ready.run("setup", "--undo").out == (
        "ok       setting      the URL at https://hooks.example.com is set again\n"
    )
    assert ready.vonage.receipt_url == THEIRS
    assert saved(ready) is None


def test_a_url_of_others_is_replaced_only_when_asked_to(ready: World) -> None:
    ready.vonage.receipt_url = THEIRS
    done = apply(ready)
    assert done.out == OK_LINES + (
        "wrong    setting      the account's receipt URL is another one, at"
        " https://hooks.example.com; change it with dlr setup --apply --replace\n"
    )
    assert (done.code, writes(ready), saved(ready)) == (1, [], None)
    assert apply(ready, "--replace").out == SAVED
    assert saved(ready) == {"abcd1234": entry(ready.url, THEIRS)}


def test_apply_writes_only_if_the_first_four_are_ok(world: World) -> None:
    assert apply(world).results["receiver"] == "wrong"
    assert writes(world) == []
    world.receive(allow="192.0.2.0/24")
    assert apply(world).results["reach"] == "unknown"
    assert writes(world) == []


def test_a_200_with_the_old_url_is_not_saved(ready: World) -> None:
    ready.vonage.saves = False
    done = apply(ready)
    assert done.out == OK_LINES + (
        "wrong    setting      not saved: Vonage answered 200, no URL is set;"
        ' enter the URL by hand: dashboard, API Settings, "Delivery receipts (DLR) webhooks"'
        ' (older: "Webhook URL for Delivery Receipts")\n'
    )
    assert done.code == 1
    assert len(writes(ready)) == 1
    assert saved(ready) is None, "as before: there was none"


def test_where_nothing_was_saved_the_file_is_as_before(ready: World) -> None:
    apply(ready)
    before = saved(ready)
    ready.vonage.receipt_url = THEIRS
    ready.vonage.saves = False
    assert "not saved" in apply(ready, "--replace").line("setting")
    assert saved(ready) == before


@pytest.mark.thorough
@pytest.mark.parametrize(
    "fault",
    [
        Fault("cut", acts=True),
        Fault("half", acts=True),
        Fault("redirect", acts=True),
        Fault("garbage", acts=True),
    ],
)
def test_a_write_that_was_cut_is_read_again_and_found(ready: World, fault: Fault) -> None:
    ready.vonage.faults[SETTINGS] = [None, fault]
    assert apply(ready).out == SAVED
    assert len(writes(ready)) == 1
    assert saved(ready) is not None


@pytest.mark.thorough
@pytest.mark.parametrize("fault", [Fault("cut"), answered(500), HTML, answered(401), answered(420)])
def test_a_write_that_failed_is_read_again_and_not_written_again(
    ready: World, fault: Fault
) -> None:
    ready.vonage.faults[SETTINGS] = [None, fault]
    done = apply(ready)
    assert done.results["setting"] == "wrong"
    assert "not saved" in done.line("setting")
    assert "Delivery receipts (DLR) webhooks" in done.line("setting")
    assert len(writes(ready)) == 1
    assert saved(ready) is None


@pytest.mark.thorough
def test_the_url_in_the_response_decides_not_its_status(ready: World) -> None:
    body = json.dumps({"dr-callback-url": ready.url})
    ready.vonage.faults[SETTINGS] = [None, answered(500, body, "application/json")]
    assert apply(ready).results["setting"] == "ok"


def test_a_write_of_which_nothing_is_known_keeps_the_file(ready: World) -> None:
    ready.vonage.faults[SETTINGS] = [None, Fault("cut", acts=True), answered(500)]
    done = apply(ready)
    assert done.results["setting"] == "unknown"
    assert len(writes(ready)) == 1
    assert saved(ready) == {"abcd1234": entry(ready.url)}
    assert ready.run("setup", "--undo").out == UNDONE


def test_a_url_of_ours_that_stayed_after_a_lost_write_is_still_ours(ready: World) -> None:
    apply(ready)
    ready.environment["DLR_PUBLIC_URL"] = ready.front.url.replace("localhost", "LOCALHOST")
    ready.vonage.faults[SETTINGS] = [None, Fault("cut"), answered(500)]
    assert apply(ready).results["setting"] == "unknown"
    assert ready.vonage.receipt_url == ready.url
    assert apply(ready).results["setting"] == "ok"
    assert ready.run("setup", "--undo").out == UNDONE


def test_a_setting_that_cannot_be_read_is_not_written(ready: World) -> None:
    ready.vonage.faults[SETTINGS] = [answered(500)]
    assert apply(ready).results["setting"] == "unknown"
    assert writes(ready) == []


def test_a_setting_that_somebody_changes_meanwhile_is_told_by_the_response(ready: World) -> None:
    body = json.dumps({"dr-callback-url": THEIRS})
    ready.vonage.faults[SETTINGS] = [None, answered(200, body, "application/json")]
    line = apply(ready).line("setting")
    assert line.startswith("wrong")
    assert "not saved: Vonage answered 200, the URL at https://hooks.example.com stays" in line


def test_without_counters_called_is_unknown(ready: World) -> None:
    ready.admin_port = 0
    done = apply(ready)
    assert done.results["called"] == "unknown"
    assert "--admin-port" in done.line("called")
    assert done.code == 1


@pytest.mark.thorough
def test_a_call_that_the_receiver_never_counted_is_unknown(ready: World) -> None:
    ready.vonage.accepts = lambda url: True  # type: ignore[method-assign]
    done = apply(ready)
    assert done.results["setting"] == "ok"
    assert done.line("called").startswith(
        "unknown  called       the receiver counted no call within 3 s;"
    )


@pytest.mark.thorough
def test_undo_needs_no_receiver_and_clears_what_was_not_set(ready: World) -> None:
    apply(ready)
    assert ready.receiver is not None
    ready.receiver.stop()
    done = ready.run("setup", "--undo")
    assert (done.out, done.err, done.code) == (UNDONE, "", 0)
    assert writes(ready)[1:] == [{"drCallBackUrl": ""}]
    assert saved(ready) is None


def test_undo_of_nothing_is_exit_2(ready: World) -> None:
    done = ready.run("setup", "--undo")
    assert (done.code, done.out) == (2, "")
    apply(ready)
    ready.environment["VONAGE_API_KEY"] = "another1"
    assert ready.run("setup", "--undo").code == 2
    del ready.environment["VONAGE_API_KEY"]
    assert ready.run("setup", "--undo").code == 2
    assert len(writes(ready)) == 1


@pytest.mark.thorough
def test_undo_over_a_url_of_others_only_when_asked_to(ready: World) -> None:
    apply(ready)
    ready.vonage.receipt_url = THEIRS
    done = ready.run("setup", "--undo")
    assert done.out == (
        "wrong    setting      another receipt URL was set since, at https://hooks.example.com;"
        " replace it with dlr setup --undo --replace\n"
    )
    assert (done.code, len(writes(ready))) == (1, 1)
    assert ready.run("setup", "--undo", "--replace").out == UNDONE
    assert ready.vonage.receipt_url == ""


def test_an_old_url_that_vonage_does_not_take_leaves_the_file(ready: World) -> None:
    ready.vonage.receipt_url = THEIRS
    apply(ready, "--replace")
    done = ready.run("setup", "--undo")
    assert done.results == {"setting": "wrong"}
    assert "not saved" in done.line("setting")
    assert done.code == 1
    assert saved(ready) is not None


@pytest.mark.thorough
def test_an_undo_that_was_cut_is_read_again(ready: World) -> None:
    apply(ready)
    ready.vonage.faults[SETTINGS] = [None, Fault("cut", acts=True)]
    assert ready.run("setup", "--undo").out == UNDONE
    assert saved(ready) is None


@pytest.mark.thorough
def test_an_undo_of_what_is_undone_already_only_removes_the_file(ready: World) -> None:
    apply(ready)
    ready.vonage.receipt_url = ""
    assert ready.run("setup", "--undo").out == UNDONE
    assert len(writes(ready)) == 1
    assert saved(ready) is None


@pytest.mark.thorough
def test_two_accounts_are_undone_each_by_itself(ready: World) -> None:
    apply(ready)
    ready.vonage.key = ready.environment["VONAGE_API_KEY"] = "second12"
    ready.vonage.receipt_url = ""
    apply(ready)
    assert ready.run("setup", "--undo").out == UNDONE
    assert list(saved(ready) or {}) == ["abcd1234"]


def test_what_setup_set_is_the_url_where_nothing_else_is_named(ready: World) -> None:
    apply(ready)
    del ready.environment["DLR_PUBLIC_URL"]
    done = ready.run("setup")
    assert done.code == 0
    assert done.line("url").endswith("/webhooks/delivery-receipt (saved by setup)")


def test_a_damaged_file_is_exit_2(ready: World) -> None:
    (ready.data / "setup.json").write_text('{"abcd1234": 1}')
    done = apply(ready)
    assert done.code == 2
    assert "setup.json" in done.err
    assert writes(ready) == []


def test_apply_and_undo_together_are_wrong_usage(ready: World) -> None:
    assert ready.run("setup", "--apply", "--undo").code == 2
    assert ready.vonage.requests == []
