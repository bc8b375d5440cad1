"""A slow connection is no outage, and a store that says nothing is one."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dlr_analytics.bucket import access
from dlr_analytics.bucket.access import read_address
from dlr_analytics.bucket.objects import open_objects
from dlr_analytics.errors import BucketUnreachable
from tests.support.buckets import Bucket

SIZE = 3 * 2**20
SILENCE = dt.timedelta(seconds=0.5)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Starts a server that takes ``seconds`` to read an object, and then answers or does not."""
    monkeypatch.setattr(access, "SILENCE", SILENCE)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for name, value in Bucket("sms", endpoint).environment.items():
        monkeypatch.setenv(name, value)

    def take(connection: socket.socket, seconds: float, *, answers: bool) -> None:
        received = 0
        with contextlib.suppress(OSError), connection:
            while received < SIZE and (part := connection.recv(65536)):
                received += len(part)
                time.sleep(len(part) / SIZE * seconds)
            if answers:
                connection.sendall(b'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 0\r\n\r\n')
            else:
                connection.recv(1)

    def serve(seconds: float, *, answers: bool = True) -> None:
        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    work = threading.Thread(
                        target=take, args=(connection, seconds), kwargs={"answers": answers}
                    )
                    work.daemon = True
                    work.start()

        threading.Thread(target=accept, daemon=True).start()

    yield serve
    listener.close()


@pytest.mark.thorough
def test_a_large_object_may_take_longer_than_a_store_may_be_silent(
    serve: Callable[..., None], tmp_path: Path
) -> None:
    serve(4 * SILENCE.total_seconds())
    (tmp_path / "large").write_bytes(bytes(SIZE))
    assert open_objects(read_address("s3://sms/live")).create("large", tmp_path / "large")


def test_a_store_that_says_nothing_does_not_answer(
    serve: Callable[..., None], tmp_path: Path
) -> None:
    serve(0, answers=False)
    (tmp_path / "small").write_bytes(b"small")
    with pytest.raises(BucketUnreachable, match="does not answer"):
        open_objects(read_address("s3://sms/live")).create("small", tmp_path / "small")
