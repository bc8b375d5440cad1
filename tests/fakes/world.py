"""A receiver behind TLS, and a Vonage that trusts it: what the commands are tried in."""

from __future__ import annotations

import contextlib
import io
import os
import re
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from dlr_analytics.cli.main import main
from dlr_analytics.simulate.tls_front import TlsFront
from tests.fakes.vonage import FakeVonage
from tests.support.receivers import Running, free_port

NUMBER = "447700900001"
OK_LINES = """\
ok       receiver     http://127.0.0.1:PORT, stores in FOLDER/data
ok       url          https://localhost:PUBLIC/webhooks/delivery-receipt
ok       reach        GET and POST answered 200, the POST in N ms
ok       account      key and secret are right, balance 10.17
"""
"""The first four checks where they are ok."""

DLR = (sys.executable, "-m", "dlr_analytics")


@dataclass(frozen=True)
class Transcript:
    """What a command left. ``out`` is stdout with ports, folders and times by name."""

    code: int
    out: str
    err: str
    raw: str

    @property
    def results(self) -> dict[str, str]:
        """The result of each check."""
        return {line.split()[1]: line.split()[0] for line in self.out.splitlines()}

    def line(self, check: str) -> str:
        """The line of one check."""
        (found,) = [line for line in self.out.splitlines() if line.split()[1] == check]
        return found


class Authority:
    """An authority of the tests' own, and contexts with its certificates."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def server(self, name: str = "localhost", **how: object) -> ssl.SSLContext:
        """A server's context with a certificate of ``name``."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name, **how).configure_cert(context)  # type: ignore[arg-type]
        return context

    def client(self) -> ssl.SSLContext:
        """The context of a client that trusts it."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context


class World:
    """Starts a receiver and runs commands; ``environment`` is that of the commands."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.authority = authority
        self.vonage = FakeVonage(trust=authority.client())
        self.vonage_url = self.vonage.start()
        self.port = free_port()
        self.admin_port = free_port()
        self.receiver: Running | None = None
        self.front = TlsFront(self.port, authority.server())
        self.environment: dict[str, str] = {
            "VONAGE_API_KEY": self.vonage.key,
            "VONAGE_API_SECRET": self.vonage.secret,
            "VONAGE_REST_URL": self.vonage_url,
            "VONAGE_API_URL": self.vonage_url,
            "DLR_PUBLIC_URL": self.front.url,
            "DLR_TUNNELS": "",
            "SSL_CERT_FILE": str(authority.file),
        }

    @property
    def url(self) -> str:
        """The receipt URL, without a token."""
        return f"{self.front.url}/webhooks/delivery-receipt"

    def receive(self, **settings: str) -> Running:
        """Start the receiver; its settings are those of the commands too, without ``DLR_``."""
        self.environment |= {f"DLR_{name.upper()}": value for name, value in settings.items()}
        self.receiver = Running(
            self.data, f"--port={self.port}", f"--admin-port={self.admin_port}", **settings
        )
        return self.receiver

    def command(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """A command's arguments and environment."""
        places = (f"--data={self.data}", f"--port={self.port}", f"--admin-port={self.admin_port}")
        clean = {each: value for each, value in os.environ.items() if "PROXY" not in each.upper()}
        name, *others = arguments
        return [*DLR, name, *places, *others], clean | self.environment

    def run(self, *arguments: str) -> Transcript:
        """Run a command in this process, with the receiver's folder and ports."""
        command, environment = self.command(*arguments)
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            for name in os.environ.keys() - environment:
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO())
            patch.chdir(self.folder)
            with pytest.raises(SystemExit) as ended:
                main(command[len(DLR) :])
        assert isinstance(ended.value.code, int)
        return self._transcript(ended.value.code, out.getvalue(), err.getvalue())

    def run_alone(self, *arguments: str) -> Transcript:
        """Run a command as :meth:`run` does, in a process of its own, which has to end."""
        command, environment = self.command(*arguments)
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            input="",
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return self._transcript(done.returncode, done.stdout, done.stderr)

    def _transcript(self, code: int, out: str, err: str) -> Transcript:
        return Transcript(code, self.plain(out), err, out)

    def plain(self, text: str) -> str:
        """Text without what differs from run to run."""
        for port, name in (
            (self.front.url.rpartition(":")[2], "PUBLIC"),
            (self.vonage_url.rpartition(":")[2], "VONAGE"),
            (str(self.port), "PORT"),
            (str(self.admin_port), "ADMIN"),
        ):
            text = re.sub(rf"\b{port}\b", name, text)
        text = text.replace(str(self.folder), "FOLDER")
        text = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", "DATE", text)
        text = re.sub(r"\d\d:\d\d:\d\d UTC", "TIME UTC", text)
        text = re.sub(r"\b\d+ ms\b", "N ms", text)
        return re.sub(r"\b\d+(\.\d)? s (after sending|ago)", r"N s \2", text)

    def stop(self) -> None:
        """Stop all of it."""
        if self.receiver is not None:
            self.receiver.process.kill()
            self.receiver.process.communicate()
        self.front.stop()
        self.vonage.stop()
