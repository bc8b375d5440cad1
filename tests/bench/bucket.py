"""What questions to a bucket send and take: ``python -m tests.bench.bucket [MILLIONS]``.

So many million messages of 30 days, compacted and cached up to the last day, in moto's S3 server on
the loopback; requests are counted before it. The same questions to the folder are beside them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import dlr_analytics as dlr
from dlr_analytics.bucket.access import open_store, read_address
from tests.bench.analysis import made
from tests.bench.making import Size
from tests.bench.measuring import once
from tests.support.buckets import Bucket, S3Server, upload
from tests.support.counted_s3 import Requests, counted

ASKED: dict[str, Callable[[dlr.Database], object]] = {
    "delivery rate by network": lambda db: db.delivery_rate(by="network_code").rows(),
    "the same again": lambda db: db.delivery_rate(by="network_code").rows(),
    "latency by day": lambda db: db.latency(by="day").rows(),
    "cost where country = 'GB'": lambda db: db.cost(where="country = 'GB'").rows(),
}
"""In turn, to one database; the last is on a connection of its own."""


def measure(url: str, folder: Path, requests: Requests) -> None:
    """Print a row for each question."""
    print("| question | LIST | GET | HEAD | s | folder s |\n|---|--:|--:|--:|--:|--:|")
    requests.clear()
    bucket, local = dlr.open(url), dlr.open(folder)
    for name, ask in ASKED.items():
        seconds = []
        for database in (bucket, local):
            began = time.perf_counter()
            ask(database)
            seconds.append(f"{time.perf_counter() - began:.2f}")
        sent = (str(requests.kinds[kind]) for kind in ("LIST", "GET", "HEAD"))
        print(f"| {' | '.join([name, *sent, *seconds])} |", flush=True)
        requests.clear()


def main(arguments: list[str] | None = None) -> None:
    """Make the data, upload it, ask."""
    parser = argparse.ArgumentParser(prog="tests.bench.bucket")
    parser.add_argument("millions", type=float, nargs="?", default=1.0)
    asked = parser.parse_args(arguments)
    server = S3Server()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
            counted(server.endpoint) as (endpoint, requests),
        ):
            data = made(Path(folder), Size(round(asked.millions * 1_000_000), 30))
            for name in ("ours compact", "ours keep"):
                assert once("tests.bench.steps", name, data)
            server.make_bucket("bench")
            bucket = Bucket("bench", endpoint)
            os.environ.update(bucket.environment)
            upload(data, open_store(read_address(bucket.url)))
            measure(bucket.url, data, requests)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
