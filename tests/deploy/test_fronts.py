"""nginx and Caddy as deploy/ configures them, on loopback with TLS, before a real receiver."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.fronts import NAME, Application, Front, caddy, nginx
from tests.support.receivers import PATH, Running, free_port, stored

pytestmark = pytest.mark.deploy

Start = Callable[..., Running]
MakeFront = Callable[[Path, int], contextlib.AbstractContextManager[Front]]

NUMBER = "447700900123"
TOKEN = "t0ken"
QUERY = f"msisdn={NUMBER}&messageId=A1&status=delivered"
FRONTS = pytest.mark.parametrize("front", [nginx, caddy])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "front").mkdir()
    return tmp_path / "front"


@contextlib.contextmanager
def before(front: MakeFront, folder: Path, receiver: Running) -> Iterator[Front]:
    with front(folder, receiver.port) as running:
        yield running


@pytest.mark.thorough
@FRONTS
def test_receipts_come_through_by_all_three_transports(
    start: Start, folder: Path, front: MakeFront
) -> None:
    receiver = start()
    with before(front, folder, receiver) as running:
        assert running.ask("GET", f"{PATH}?{QUERY}") == 200
        assert running.ask("POST", PATH, QUERY.replace("A1", "A2")) == 200
        assert running.ask("POST", PATH, '{"messageId": "A3"}') == 200
        assert running.ask("GET", PATH) == 200
    assert stored(receiver.data) == {"A1": 1, "A2": 1, "A3": 1}


@pytest.mark.thorough
@FRONTS
def test_a_receiver_that_is_down_has_the_other_take_every_receipt(
    start: Start, folder: Path, tmp_path: Path, front: Callable[..., Any]
) -> None:
    """Vonage sends again what was not answered 200; soon nothing has to be sent again."""
    receivers = [start(data=tmp_path / name) for name in ("one", "other")]
    with front(folder, *(receiver.port for receiver in receivers)) as running:
        sent = [f"A{n}" for n in range(6)]
        assert {running.ask("POST", PATH, QUERY.replace("A1", name)) for name in sent} == {200}
        assert receivers[0].stop()[0] == 0
        waiting = [f"B{n}" for n in range(12)]
        sent += waiting
        deadline = time.monotonic() + 60
        while waiting:
            assert time.monotonic() < deadline, f"not taken: {waiting}"
            codes = [running.ask("POST", PATH, QUERY.replace("A1", name)) for name in waiting]
            assert set(codes) <= {200, 502, 503}
            taken = zip(waiting, codes, strict=True)
            waiting = [name for name, code in taken if code != 200]
    both = stored(tmp_path / "one") + stored(tmp_path / "other")
    assert both == dict.fromkeys(sent, 1)
    assert min(len(stored(tmp_path / name)) for name in ("one", "other")) > 0


@FRONTS
def test_nothing_else_of_the_receiver_shows(start: Start, folder: Path, front: MakeFront) -> None:
    with before(front, folder, start()) as running:
        assert running.ask("GET", "/healthz") == 404
        assert running.ask("GET", "/") == 404


@FRONTS
def test_what_is_too_large_is_answered_so(start: Start, folder: Path, front: MakeFront) -> None:
    with before(front, folder, start()) as running:
        assert running.ask("POST", PATH, "a" * 65537) == 413
        assert running.ask("GET", f"{PATH}?{'a' * 65537}") == 414
        assert running.ask("GET", f"{PATH}?messageId=A1&b={'b' * 60000}") == 200


@FRONTS
def test_a_caller_cannot_make_itself_another_address(
    start: Start, folder: Path, front: MakeFront
) -> None:
    receiver = start("--trust-proxy", allow="198.51.100.0/24")
    own = {"X-Forwarded-For": "198.51.100.7"}
    with before(front, folder, receiver) as running:
        assert running.ask("GET", f"{PATH}?{QUERY}", **own) == 403


@pytest.mark.thorough
@FRONTS
def test_no_number_and_no_token_is_logged_whatever_happens(
    start: Start, folder: Path, front: MakeFront
) -> None:
    receiver = start(url_token=TOKEN)
    path = f"{PATH}/{TOKEN}?{QUERY}"
    with before(front, folder, receiver) as running:
        assert running.ask("GET", path, Referer=NUMBER, **{"User-Agent": NUMBER}) == 200
        assert running.ask("POST", path, QUERY * 900) == 200
        assert running.ask("POST", path, QUERY * 2000) == 413
        assert running.ask("GET", f"/other?{QUERY}") == 404
        receiver.stop()
        assert running.ask("GET", path) == 502
        assert running.ask("POST", path, QUERY) == 502
    written = running.written()
    assert written.count("200") >= 2
    assert "502" in written
    assert NUMBER not in written
    assert TOKEN not in written


@FRONTS
def test_nothing_without_tls_reaches_the_receiver_or_a_log(
    start: Start, folder: Path, front: MakeFront
) -> None:
    receiver = start(url_token=TOKEN)
    with before(front, folder, receiver) as running:
        for host in (NAME, "other.example.com", "192.0.2.1", f"{NAME}:80"):
            for path in (f"{PATH}/{TOKEN}?{QUERY}", f"/?{QUERY}", f"{PATH}?{'a' * 60000}"):
                assert not 200 <= running.ask_plainly(path, host) < 400
    assert stored(receiver.data) == {}
    written = running.written()
    assert "404" in written
    assert NUMBER not in written
    assert TOKEN not in written


def test_a_certificate_can_be_renewed_without_stopping_nginx(start: Start, folder: Path) -> None:
    challenges = folder / "letsencrypt" / ".well-known" / "acme-challenge"
    challenges.mkdir(parents=True)
    for each in (folder, *challenges.parents[:2], challenges):
        each.chmod(0o755)
    (challenges / "token").write_text("proof", encoding="utf-8")
    with before(nginx, folder, start()) as running:
        assert running.ask_plainly("/.well-known/acme-challenge/token") == 200
        assert running.ask_plainly("/.well-known/acme-challenge/other") == 404
        assert running.ask_plainly("/.well-known/acme-challenge/../../front.conf") == 404
        assert running.ask_plainly("/.well-known/acme-challenge/token", "other.example.com") == 404


@pytest.mark.thorough
@FRONTS
def test_a_request_for_another_host_is_not_taken_for_stored(
    start: Start, folder: Path, front: MakeFront
) -> None:
    receiver = start(url_token=TOKEN)
    path = f"{PATH}/{TOKEN}?{QUERY}"
    with before(front, folder, receiver) as running:
        for host in ("other.example.com", "192.0.2.1", "x", f"www.{NAME}"):
            for method, body in (("GET", None), ("POST", QUERY)):
                assert running.ask(method, path, body, Host=host) == 404
        assert running.ask("GET", path, Host=f"{NAME}:443") == 200
    assert stored(receiver.data) == {"A1": 1}
    written = running.written()
    assert NUMBER not in written
    assert TOKEN not in written


def test_a_log_of_caddy_with_urls_can_be_imported(start: Start, folder: Path) -> None:
    """As users have it who did not take deploy/: in Caddy's own format, nothing removed."""
    receiver = start()
    with caddy(folder, receiver.port, with_urls=True) as running:
        assert running.ask("GET", f"{PATH}?{QUERY}", Referer=f"https://x/?{QUERY}0") == 200
        assert running.ask("GET", "/") == 404
    (log,) = folder.glob("dlr.log")
    done = imported(folder / "data", log)
    assert done == f"{log}: 1 new, 0 known, 0 refused, 1 other requests\n"
    assert stored(folder / "data") == {"A1": 1}


@pytest.mark.thorough
@FRONTS
def test_a_log_without_urls_is_named_once(start: Start, folder: Path, front: MakeFront) -> None:
    with before(front, folder, start()) as running:
        for _ in range(3):
            assert running.ask("GET", f"{PATH}?{QUERY}") == 200
    (log,) = folder.glob("dlr.log")
    assert imported(folder / "data", log) == (
        f"dlr: {log}: a log of requests without their URLs, as the configurations in deploy/ write"
        " it; the receiver has stored these receipts; else import a Reports API export\n"
    )


def imported(data: Path, log: Path) -> str:
    """What ``dlr import`` says of a log."""
    command = [sys.executable, "-m", "dlr_analytics", "import", str(log), "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def test_the_application_beside_gets_each_call_as_it_came(start: Start, folder: Path) -> None:
    receiver, application = start(), Application()
    with application.listening() as port, nginx(folder, receiver.port, application=port) as running:
        assert running.ask("GET", f"{PATH}?{QUERY}") == 200
        assert running.ask("POST", PATH, QUERY.replace("A1", "A2")) == 200
        assert running.ask("GET", "/beside") == 404
    assert application.came == [
        ("GET", f"{PATH}?{QUERY}", b""),
        ("POST", PATH, QUERY.replace("A1", "A2").encode()),
    ]
    assert stored(receiver.data) == {"A1": 1, "A2": 1}
    assert NUMBER not in running.written()


@contextlib.contextmanager
def gone() -> Iterator[int]:
    yield free_port()


@pytest.mark.thorough
@pytest.mark.parametrize(
    "application", [Application(500).listening, Application(200, delay=3).listening, gone]
)
def test_an_application_in_trouble_harms_no_receipt(
    start: Start, folder: Path, application: Callable[[], contextlib.AbstractContextManager[int]]
) -> None:
    receiver = start()
    with application() as port, nginx(folder, receiver.port, application=port) as running:
        assert running.ask("GET", f"{PATH}?{QUERY}") == 200
        assert running.ask("POST", PATH, QUERY.replace("A1", "A2")) == 200
    assert stored(receiver.data) == {"A1": 1, "A2": 1}
    assert NUMBER not in running.written()


def test_a_receiver_in_trouble_has_the_call_sent_again_though_the_application_took_it(
    folder: Path,
) -> None:
    application = Application()
    with application.listening() as port, nginx(folder, free_port(), application=port) as running:
        assert running.ask("GET", f"{PATH}?{QUERY}") == 502
    assert len(application.came) == 1


def test_the_other_way_round_the_application_answers_and_the_receiver_listens_in(
    start: Start, folder: Path
) -> None:
    receiver, application = start(), Application(503)
    with application.listening() as port, nginx(folder, port, application=receiver.port) as running:
        assert running.ask("GET", f"{PATH}?{QUERY}") == 503
    assert stored(receiver.data) == {"A1": 1}
