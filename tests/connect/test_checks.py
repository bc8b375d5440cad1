"""Each check of the way: what is wrong, and what the others say then."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from dlr_analytics.simulate.tls_front import TlsFront
from dlr_analytics.webhook.signature import sign
from tests.fakes.vonage import HTML, Fault, answered
from tests.fakes.web import answer, by_path, ngrok, served
from tests.fakes.world import OK_LINES, World


def test_doctor_s_transcript_where_nothing_is_wrong(world: World) -> None:
    world.receive()
    world.vonage.receipt_url = world.url
    assert world.receiver is not None
    world.receiver.ask("GET", "/webhooks/delivery-receipt?messageId=0A&status=delivered")
    done = world.run_alone("doctor")
    assert done.out == (
        "ok       receiver     http://127.0.0.1:PORT, stores in FOLDER/data\n"
        "ok       url          https://localhost:PUBLIC/webhooks/delivery-receipt\n"
        "ok       reach        GET and POST answered 200, the POST in N ms\n"
        "ok       certificate  valid until DATE\n"
        "ok       account      key and secret are right, balance 10.17\n"
        "ok       setting      the account's receipt URL is this one\n"
        "ok       clock        within 2 s of Vonage's\n"
        "ok       refusals     none since the receiver's start\n"
        "ok       receipts     the newest came at DATE UTC, N s ago\n"
    )
    assert (done.code, done.err) == (0, "")


def test_doctor_changes_nothing_and_sends_nothing(world: World) -> None:
    world.receive()
    world.run("doctor")
    assert {request.path for request in world.vonage.requests} == {
        "/account/get-balance",
        "/account/settings",
    }
    assert not any(request.body for request in world.vonage.requests)


def test_doctor_s_transcript_of_a_machine_with_nothing(world: World) -> None:
    for name in ("VONAGE_API_KEY", "DLR_PUBLIC_URL"):
        del world.environment[name]
    done = world.run("doctor")
    assert done.out == (
        "wrong    receiver     no receiver on http://127.0.0.1:PORT: connection refused;"
        " start dlr receive, or name its --port\n"
        "wrong    url          no public URL, and no tunnel that is ready;"
        " start cloudflared tunnel --url http://localhost:PORT, or give it with --url\n"
        "unknown  reach        not checked: rests on receiver; see receiver\n"
        "unknown  certificate  not checked: rests on reach; see reach\n"
        "unknown  account      no key and secret of the account; set VONAGE_API_KEY and"
        " VONAGE_API_SECRET, or enter the URL by hand: dashboard, API Settings,"
        ' "Delivery receipts (DLR) webhooks" (older: "Webhook URL for Delivery Receipts")\n'
        "unknown  setting      not checked: rests on url; see url\n"
        "unknown  clock        not checked: rests on account; see account\n"
        "unknown  refusals     not checked: rests on receiver; see receiver\n"
        "unknown  receipts     none in FOLDER/data yet; send one message with dlr try\n"
    )
    assert (done.code, done.err) == (1, "")
    assert not world.data.exists()


def test_offline_asks_this_machine_only(world: World) -> None:
    world.receive()
    done = world.run("doctor", "--offline")
    assert done.results == {"receiver": "ok", "refusals": "ok", "receipts": "unknown"}
    assert done.code == 1
    assert world.vonage.requests == []


def test_json_is_one_array_of_the_same_checks(world: World) -> None:
    world.receive()
    done = world.run("setup", "--format=json")
    checks = json.loads(done.out)
    assert [list(check) for check in checks] == [["check", "result", "detail", "remedy"]] * 5
    assert [check["remedy"] for check in checks] == [None] * 4 + ["set it with dlr setup --apply"]
    assert [check["check"] for check in checks] == list(world.run("setup").results)


def test_another_program_on_the_port_is_told_from_a_receiver(world: World) -> None:
    with served(by_path({"/healthz": 200})) as world.port:
        done = world.run("setup")
    assert done.line("receiver") == (
        "wrong    receiver     another program answers on http://127.0.0.1:PORT;"
        " name the receiver's --port"
    )


def test_a_receiver_of_another_data_directory_is_wrong(world: World) -> None:
    world.receive()
    world.data = world.folder / "other"
    done = world.run("setup")
    assert done.line("receiver") == (
        "wrong    receiver     the receiver on http://127.0.0.1:PORT does not store in"
        " FOLDER/other; name its data directory with --data, or its --port"
    )
    assert not world.data.exists()


def test_a_receiver_that_cannot_store_is_wrong(world: World) -> None:
    pages = {"/readyz": 503}

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/healthz":
            answer(handler, 200, X_Dlr_Instance="abc")
        else:
            by_path(pages)(handler)

    world.data.mkdir()
    (world.data / "instance").write_text("abc")
    with served(respond) as world.port:
        line = world.run("setup").line("receiver")
    assert line.startswith("wrong")
    assert "/readyz answered 503" in line


def test_a_setup_with_a_url_token_does_not_print_it(world: World) -> None:
    world.receive(url_token="s3cret-t0ken")
    done = world.run("setup", "--apply")
    assert done.code == 0
    assert done.line("url").endswith("https://localhost:PUBLIC/webhooks/delivery-receipt/…")
    assert "s3cret" not in done.raw + done.err
    assert world.vonage.receipt_url == f"{world.url}/s3cret-t0ken"


def respond_as(status: int, **headers: str) -> object:
    return lambda handler: answer(handler, status, b"hello", **headers)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("respond", "words"),
    [
        (respond_as(200), "another server"),
        (respond_as(200, X_Dlr_Instance="other"), "another server"),
        (respond_as(302, Location="https://login.example.com/?token=t"), "redirect (302)"),
        (respond_as(404), "answered 404"),
        (respond_as(502), "answered 502"),
        (respond_as(403), "answered 403"),
    ],
)
def test_what_else_may_answer_at_the_url(world: World, respond: object, words: str) -> None:
    world.receive()
    with served(respond, world.authority.server()) as port:  # type: ignore[arg-type]
        done = world.run("doctor", f"--url=https://localhost:{port}")
    assert done.results["reach"] == "wrong"
    assert words in done.line("reach")
    assert "POST" not in done.line("reach")
    assert "login.example.com" not in done.raw
    assert done.results["certificate"] == "unknown"


@pytest.mark.thorough
def test_a_server_that_takes_get_alone_is_named_by_the_post(world: World) -> None:
    world.receive()
    assert world.receiver is not None
    instance = world.receiver.ask("GET", "/healthz").headers["X-Dlr-Instance"]

    def respond(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, 200 if handler.command == "GET" else 405, X_Dlr_Instance=instance)

    with served(respond, world.authority.server()) as port:
        done = world.run("setup", f"--url=https://localhost:{port}")
    assert done.line("reach").startswith("wrong    reach        POST: answered 405;")


def test_a_url_without_a_server_is_refused(world: World) -> None:
    world.receive()
    world.front.stop()
    assert "connection refused" in world.run("setup").line("reach")


def test_a_name_that_does_not_resolve_says_so(world: World) -> None:
    world.receive()
    assert "cannot resolve" in world.run("setup", "--url=https://nobody.invalid").line("reach")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "how",
    [
        {"not_after": datetime.now(UTC) - timedelta(days=1)},
        {"name": "dlr.example.com"},
    ],
)
def test_a_certificate_that_is_not_accepted_is_named(world: World, how: dict[str, object]) -> None:
    world.receive()
    front = TlsFront(world.port, world.authority.server(**how))  # type: ignore[arg-type]
    line = world.run("setup", f"--url={front.url}").line("reach")
    front.stop()
    assert line.startswith("wrong    reach        the certificate is not accepted: ")


@pytest.mark.thorough
@pytest.mark.parametrize(("days", "result"), [(13, "wrong"), (15, "ok")])
def test_a_certificate_is_valid_for_over_14_days(world: World, days: int, result: str) -> None:
    world.receive()
    ends = datetime.now(UTC) + timedelta(days=days)
    front = TlsFront(world.port, world.authority.server(not_after=ends))
    done = world.run("doctor", f"--url={front.url}")
    front.stop()
    assert done.results["reach"] == "ok"
    assert done.results["certificate"] == result


def test_with_an_allow_list_the_probe_cannot_tell(world: World) -> None:
    world.receive(allow="192.0.2.0/24")
    done = world.run("doctor")
    assert done.results["reach"] == "unknown"
    assert "DLR_ALLOW" in done.line("reach")
    assert done.results["refusals"] == "ok", "our own probe is no evidence"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("fault", "result", "words"),
    [
        (answered(401, "{}"), "wrong", "VONAGE_API_SECRET"),
        (answered(429), "unknown", "answered 429"),
        (answered(500), "unknown", "answered 500"),
        (HTML, "unknown", "answered 200"),
        (Fault("cut"), "unknown", "the connection was cut"),
        (Fault("half"), "unknown", "the connection was cut"),
        (Fault("redirect"), "unknown", "answered 307"),
    ],
)
def test_what_vonage_may_answer_to_account_and_setting(
    world: World, fault: Fault, result: str, words: str
) -> None:
    world.receive()
    world.vonage.faults["/account/get-balance"] = [fault]
    done = world.run("doctor")
    assert done.results["account"] == result
    assert words in done.line("account")
    assert done.results["setting"] == done.results["clock"] == "unknown"
    world.vonage.faults["/account/settings"] = [fault]
    done = world.run("doctor")
    assert done.results["account"] == "ok"
    assert done.results["setting"] == result
    assert words in done.line("setting")


def test_a_wrong_secret_is_wrong(world: World) -> None:
    world.environment["VONAGE_API_SECRET"] = "Wr0ng-secret"
    done = world.run("setup")
    assert done.results["account"] == "wrong"
    assert "Wr0ng-secret" not in done.raw + done.err


@pytest.mark.thorough
@pytest.mark.parametrize(("ahead", "result"), [(0, "ok"), (3600, "wrong"), (-3600, "wrong")])
def test_a_clock_that_is_off_is_named(world: World, ahead: float, result: str) -> None:
    world.receive()
    world.vonage.clock_ahead = ahead
    done = world.run("doctor")
    assert done.results["clock"] == result
    assert result == "ok" or "NTP" in done.line("clock")


def test_another_url_is_named_by_scheme_and_host(world: World) -> None:
    world.receive()
    world.vonage.receipt_url = "https://hooks.example.com/s3cret?key=s3cret"
    done = world.run("setup")
    assert done.out == OK_LINES + (
        "wrong    setting      the account's receipt URL is another one, at"
        " https://hooks.example.com; change it with dlr setup --apply --replace\n"
    )


def test_the_url_in_the_inbound_field_is_named(world: World) -> None:
    world.receive()
    world.vonage.inbound_url = world.url
    line = world.run("setup").line("setting")
    assert line.startswith("wrong")
    assert "not set" in line
    assert "inbound" in line


@pytest.mark.thorough
@pytest.mark.parametrize("url", ["{url}/", "{url}?", "HTTPS{rest}"])
def test_the_setting_is_this_url_to_the_letter(world: World, url: str) -> None:
    world.receive()
    world.vonage.receipt_url = url.format(url=world.url, rest=world.url.removeprefix("https"))
    assert world.run("setup").results["setting"] == "wrong"


def test_a_tunnel_s_url_is_used_and_named(world: World) -> None:
    world.receive()
    del world.environment["DLR_PUBLIC_URL"]
    with served(ngrok((world.front.url, f"http://localhost:{world.port}"))) as port:
        world.environment["DLR_TUNNELS"] = f"http://127.0.0.1:{port}"
        done = world.run("setup")
    assert done.line("url").endswith("/webhooks/delivery-receipt (from ngrok)")
    assert done.results["reach"] == "ok"


def test_a_status_page_that_is_off_leaves_refusals_unknown(world: World) -> None:
    world.receive()
    world.admin_port = 0
    line = world.run("doctor", "--offline").line("refusals")
    assert line.startswith("unknown")
    assert "--admin-port" in line


@pytest.mark.thorough
@pytest.mark.parametrize("arguments", [("--nonsense",), ("--port=0",), ("--url=",), ("extra",)])
def test_wrong_usage_is_exit_2_with_one_line(world: World, arguments: tuple[str, ...]) -> None:
    for command in ("setup", "doctor"):
        world.port = world.port if "--port=0" not in arguments else 0
        done = world.run(command, *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.count("\n") == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("settings", "query", "words"),
    [
        ({"signature_secret": "s"}, "?messageId=1", ["1 unsigned", "DLR_SIGNATURE_SECRET"]),
        ({"signature_secret": "s"}, "?messageId=1&sig=0", ["1 wrong_sig", "DLR_SIGNATURE_SECRET"]),
        (
            {"signature_secret": "secret"},
            "?messageId=1&sig=" + sign(b"&messageId=1", b"secret", "sha256").decode(),
            ["1 wrong_signature (would match sha256)", "DLR_SIGNATURE_METHOD=sha256"],
        ),
        (
            {"signature_secret": "secret", "signature_tolerance": "60"},
            "?timestamp=1&sig=" + sign(b"&timestamp=1", b"secret", "md5hash").decode(),
            ["1 stale", "DLR_SIGNATURE_TOLERANCE"],
        ),
        ({"url_token": "t0k"}, "?messageId=1", ["1 token", "DLR_URL_TOKEN"]),
        ({"allow": "192.0.2.0/24"}, "?messageId=1", ["1 address", "DLR_ALLOW"]),
    ],
)
def test_a_refused_call_is_named_with_the_setting_to_change(
    world: World, settings: dict[str, str], query: str, words: list[str]
) -> None:
    receiver = world.receive(**settings)
    receiver.ask("GET", "/somewhere-else")
    token = f"/{settings['url_token']}" if "url_token" in settings else ""
    receiver.ask("PUT", f"/webhooks/delivery-receipt{token}")
    assert world.run("doctor", "--offline").results["refusals"] == "ok", "the others are noise"
    receiver.ask("GET", f"/webhooks/delivery-receipt{query}")
    line = world.run("doctor", "--offline").line("refusals")
    assert line.startswith("wrong    refusals     calls refused: ")
    assert ", the last at TIME UTC; " in line
    for word in words:
        assert word in line
