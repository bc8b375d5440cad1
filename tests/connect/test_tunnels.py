"""Tunnels: what their local APIs say, and which of them is the receiver's."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from dlr_analytics.connect.public_url import PublicUrl, complete
from dlr_analytics.connect.tunnels import Tunnel, find_tunnels
from dlr_analytics.settings import Settings
from dlr_analytics.webhook.checks import Finding
from tests.fakes.web import Respond, cloudflared, ngrok, ngrok_endpoints, served
from tests.support.receivers import free_port

WEBHOOK = "/webhooks/delivery-receipt"


def apis(stack: ExitStack, *responds: Respond) -> tuple[str, ...]:
    return tuple(f"http://127.0.0.1:{stack.enter_context(served(respond))}" for respond in responds)


def find(*responds: Respond) -> list[Tunnel]:
    with ExitStack() as stack:
        return find_tunnels(apis(stack, *responds))


def check(*responds: Respond, **settings: object) -> str:
    with ExitStack() as stack:
        given = Settings(tunnels=apis(stack, *responds), **settings)  # type: ignore[arg-type]
        return PublicUrl(given).check()


def finding(*responds: Respond, **settings: object) -> str:
    with pytest.raises(Finding) as caught:
        check(*responds, **settings)
    assert caught.value.result == "wrong"
    return f"{caught.value.detail}; {caught.value.remedy}"


def test_ngrok_s_older_api_is_read() -> None:
    found = find(ngrok(("http://a.example", "localhost:8080"), ("https://a.example", "8080")))
    assert found == [Tunnel("https://a.example", 8080, "ngrok")]


def test_ngrok_s_newer_api_is_read() -> None:
    found = find(ngrok_endpoints(("https://a.example", "http://localhost:80")))
    assert found == [Tunnel("https://a.example", 80, "ngrok")]


@pytest.mark.thorough
def test_cloudflared_is_read_once_it_is_ready() -> None:
    assert find(cloudflared("a.example", 8080)) == [
        Tunnel("https://a.example", 8080, "cloudflared")
    ]
    assert find(cloudflared("a.example")) == [Tunnel("https://a.example", None, "cloudflared")]
    assert find(cloudflared("a.example", 8080, ready=False)) == []


def test_an_api_that_is_not_there_has_no_tunnels() -> None:
    assert find_tunnels((f"http://127.0.0.1:{free_port()}",)) == []


def test_the_one_tunnel_to_the_receiver_s_port_is_taken() -> None:
    detail = check(ngrok(("https://a.example", "8080")), cloudflared("b.example", 9000))
    assert detail == f"https://a.example{WEBHOOK} (from ngrok)"


def test_a_tunnel_of_which_the_port_is_not_known_is_taken() -> None:
    assert check(cloudflared("b.example")) == f"https://b.example{WEBHOOK} (from cloudflared)"


def test_several_tunnels_to_the_port_are_each_named() -> None:
    text = finding(ngrok(("https://a.example", "8080")), cloudflared("b.example", 8080))
    assert text == (
        "several tunnels: https://a.example, https://b.example; choose one: give it with --url"
    )


def test_a_tunnel_to_another_port_is_named_with_both_ports() -> None:
    assert finding(ngrok(("https://a.example", "http://localhost:9000"))) == (
        "the tunnel of ngrok leads to port 9000, the receiver is on 8080;"
        " start the tunnel with port 8080, or give it with --url"
    )


def test_without_a_tunnel_the_ways_to_one_are_named() -> None:
    text = finding(cloudflared("b.example", 8080, ready=False))
    assert text == (
        "no public URL, and no tunnel that is ready;"
        " start cloudflared tunnel --url http://localhost:8080, or give it with --url"
    )


@pytest.mark.parametrize(
    "url", ["https://x.example", "https://x.example/", f"https://x.example{WEBHOOK}"]
)
def test_a_missing_path_or_token_is_added(url: str) -> None:
    assert complete(url, Settings()) == f"https://x.example{WEBHOOK}"
    assert complete(url, Settings(url_token="t0k")) == f"https://x.example{WEBHOOK}/t0k"


def test_a_path_before_the_webhook_s_is_left() -> None:
    url = f"https://x.example:8443/dlr{WEBHOOK}/t0k"
    assert complete(url, Settings(url_token="t0k")) == url


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://x.example", "https"),
        ("x.example", "https"),
        ("", "https"),
        ("https://", "cannot be read"),
        ("https://x.example:99999", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("https://me:pass@x.example", "cannot be read"),
        ("https://x.exa mple", "cannot be read"),
        ("https://x.example/other", WEBHOOK),
        (f"https://x.example{WEBHOOK}/secret", WEBHOOK),
        (f"https://x.example{WEBHOOK}?a=secret", WEBHOOK),
        ("https://localhost:8080", "public"),
        ("https://127.0.0.1", "public"),
        ("https://127.1", "public"),
        ("https://[::1]", "public"),
        ("https://192.168.1.5", "public"),
        ("https://10.0.0.5", "public"),
    ],
)
def test_a_url_that_vonage_cannot_use_is_wrong(url: str, word: str) -> None:
    with pytest.raises(Finding) as caught:
        complete(url, Settings())
    text = f"{caught.value.detail}; {caught.value.remedy}"
    assert caught.value.result == "wrong"
    assert word in text
    assert "secret" not in text
    assert "pass" not in text


def test_where_vonage_is_on_loopback_the_receiver_may_be_so_too() -> None:
    near = Settings(vonage_rest_url="http://127.0.0.1:9000")
    assert complete("https://localhost", near) == f"https://localhost{WEBHOOK}"
