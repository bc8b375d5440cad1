"""``dlr demo --connect``: connect an account of a simulated Vonage on loopback.

The same commands run as with a real account, in processes of their own: only their environment
names the simulated Vonage, and a certificate made for the occasion.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from dlr_analytics.errors import DlrError, MissingTool

_DLR: Final = (sys.executable, "-m", "dlr_analytics")
_COMMANDS: Final = (
    ("setup", "--apply"),
    ("try", "--to", "447700900001", "--yes"),
    ("doctor",),
)
_STOP_SECONDS: Final = 15.0


def connect_account(data: Path) -> int:
    """Run the commands in order and print them; 1 if one of them found something."""
    from dlr_analytics.simulate.tls_front import TlsFront
    from dlr_analytics.simulate.vonage import Vonage
    from dlr_analytics.store.spill import private_folder

    with private_folder() as folder:
        certificate = _make_certificate(folder)
        port, admin_port = _free_port(), _free_port()
        trust = ssl.create_default_context(cafile=certificate)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(certificate)
        vonage = Vonage(trust=trust)
        api = vonage.start()
        front = TlsFront(port, server)
        environment = {
            **{name: value for name, value in os.environ.items() if not _is_ours(name)},
            "DLR_DATA": str(data.absolute()),
            "DLR_PORT": str(port),
            "DLR_ADMIN_PORT": str(admin_port),
            "DLR_PUBLIC_URL": front.url,
            "VONAGE_API_KEY": vonage.key,
            "VONAGE_API_SECRET": vonage.secret,
            "VONAGE_REST_URL": api,
            "VONAGE_API_URL": api,
            "SSL_CERT_FILE": str(certificate),
        }
        try:
            with _receiver(folder, environment):
                return max(_run(command, folder, environment) for command in _COMMANDS)
        finally:
            front.stop()
            vonage.stop()


def _is_ours(name: str) -> bool:
    """Whether a variable is a setting; the user's own are not passed on."""
    return name.startswith(("DLR_", "VONAGE_"))


def _run(command: tuple[str, ...], folder: Path, environment: dict[str, str]) -> int:
    click.echo(f"$ dlr {' '.join(command)}")
    arguments = [*_DLR, *command]
    done = subprocess.run(  # noqa: S603 - ours
        arguments, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    click.echo(done.stdout)
    return done.returncode


@contextlib.contextmanager
def _receiver(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a receiver that is ready, and stop it at the end."""
    command = [*_DLR, "receive"]
    with subprocess.Popen(  # noqa: S603 - ours
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as receiver:
        try:
            assert receiver.stdout is not None
            if not receiver.stdout.readline():
                raise DlrError("the demo's receiver did not start", "see its messages above")
            yield
        finally:
            receiver.terminate()
            try:
                receiver.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                receiver.kill()


def _make_certificate(folder: Path) -> Path:
    """A certificate of ``localhost`` that signs itself, with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise MissingTool("openssl is not installed", "install it: the demo makes a certificate")
    file = folder / "localhost.pem"
    command = (
        f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost"
        f" -addext subjectAltName=DNS:localhost -addext keyUsage=digitalSignature,keyCertSign"
        f" -keyout {folder}/key.pem -out {file}"
    ).split()
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        raise MissingTool(
            f"openssl made no certificate: {done.stderr.strip().splitlines()[-1:]}",
            "update openssl",
        )
    with file.open("a", encoding="ascii") as both:
        both.write((folder / "key.pem").read_text(encoding="ascii"))
    return file


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
