"""Proxies as deploy/ configures them, on loopback, before whatever a test puts behind them."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

from tests.support.receivers import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "dlr.example.com"


def program(name: str) -> str:
    """Its path; Debian keeps some where only root looks. Missing is an error: see the Makefile."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise FileNotFoundError(f"{name} is not installed; .ci/run installs it")
    return found


def changed(file: str, changes: Mapping[str, str]) -> str:
    """A file of deploy/ with places and names changed; each must be there."""
    text = (DEPLOY / file).read_text(encoding="utf-8")
    for there, here in changes.items():
        assert there in text, f"deploy/{file} has no {there}"
        text = text.replace(there, here)
    return text


def done(*command: str, cwd: Path = DEPLOY) -> str:
    """What a command says, on both; it must succeed."""
    ended = subprocess.run([program(command[0]), *command[1:]], capture_output=True, cwd=cwd)
    said = (ended.stdout + ended.stderr).decode()
    assert ended.returncode == 0, said
    return said


@dataclass
class Front:
    """A proxy that runs: where it listens, whom it is trusted by, and the folder of its logs."""

    port: int
    plain: int
    context: ssl.SSLContext
    folder: Path

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> int:
        """The code that comes back over TLS."""
        connection = http.client.HTTPSConnection(NAME, self.port, context=self.context, timeout=20)
        connection.sock = self.context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.port), timeout=20), server_hostname=NAME
        )
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            return connection.getresponse().status

    def ask_plainly(self, path: str, host: str = NAME) -> int:
        """The code that comes back without TLS."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": host})
            return connection.getresponse().status

    def written(self) -> str:
        """All that it has written anywhere."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


@contextlib.contextmanager
def running(command: list[str], port: int, plain: int, folder: Path) -> Iterator[Front]:
    """``command`` until the block ends; what it says goes to a file of ``folder``."""
    authority = trustme.CA()
    authority.issue_cert(NAME).private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=said, env={**os.environ, "HOME": str(folder)}
        )
    try:
        _wait_for(port, process)
        _wait_for(plain, process)
        yield Front(port, plain, context, folder)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "it does not run"
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
            return
        assert time.monotonic() < deadline, "it does not listen"
        time.sleep(0.05)


NGINX = """
{user}
daemon off;
pid {folder}/pid;
error_log stderr warn;
worker_processes 1;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {included}
}}
"""


@contextlib.contextmanager
def nginx(
    folder: Path, receiver: int, *others: int, application: int | None = None
) -> Iterator[Front]:
    """nginx before receivers, and with the application beside them where there is one."""
    port, plain = free_port(), free_port()
    certificates = f"/etc/letsencrypt/live/{NAME}"
    included = changed(
        "nginx/dlr.conf",
        {
            "    server 127.0.0.1:8080;": "\n".join(
                f"    server 127.0.0.1:{port};" for port in (receiver, *others)
            ),
            "listen 443": f"listen 127.0.0.1:{port}",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            f"{certificates}/fullchain.pem": f"{folder}/both.pem",
            f"{certificates}/privkey.pem": f"{folder}/both.pem",
            "/var/log/nginx": str(folder),
            "/var/www/letsencrypt": str(folder / "letsencrypt"),
        },
    )
    if application is not None:
        before, _, rest = included.partition("    location /webhooks/delivery-receipt {")
        _, _, after = rest.partition("\n    }\n")
        there = {"127.0.0.1:3000": f"127.0.0.1:{application}"}
        included = before + changed("nginx/beside.conf", there) + after
    user = "user root;" if os.geteuid() == 0 else ""
    text = NGINX.format(folder=folder, included=included, user=user)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [program("nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    with running(command, port, plain, folder) as front:
        yield front


@contextlib.contextmanager
def caddy(folder: Path, receiver: int, *others: int, with_urls: bool = False) -> Iterator[Front]:
    """Caddy before receivers, with URLs in its access log or as deploy/ has it."""
    port, plain = free_port(), free_port()
    ports = f"\tadmin off\n\thttp_port {plain}\n\thttps_port {port}\n\tdefault_bind 127.0.0.1"
    text = changed(
        "caddy/Caddyfile",
        {
            "\tlog default {": f"{ports}\n\tlog default {{",
            f"\n{NAME} {{": f"\n{NAME} {{\n\ttls {folder}/both.pem {folder}/both.pem",
            "/var/log/caddy": str(folder),
            "127.0.0.1:8080": " ".join(f"127.0.0.1:{port}" for port in (receiver, *others)),
        },
    )
    if with_urls:
        text = text.replace("dlr.log\n\t\timport without_urls", "dlr.log")
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    command = [program("caddy"), "run", "--adapter", "caddyfile"]
    with running([*command, "--config", str(folder / "Caddyfile")], port, plain, folder) as front:
        yield front


@dataclass
class Application:
    """Stand-in for the application that reads receipts today."""

    code: int = 200
    delay: float = 0
    came: list[tuple[str, str, bytes]] = field(default_factory=list)

    @contextlib.contextmanager
    def listening(self) -> Iterator[int]:
        """The port it listens on, until the block ends."""
        application = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                application.came.append((self.command, self.path, body))
                time.sleep(application.delay)
                self.send_response(application.code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = answer  # noqa: N815 - the names that the library looks for

            def log_message(self, *arguments: Any) -> None: ...

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield server.server_port
            server.shutdown()
