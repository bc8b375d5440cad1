"""What one might write instead: FastAPI, and SQLite that syncs before each answer.

``python -m tests.bench.fastapi_sqlite FILE``. One connection in the loop: threads that wait for
each other's lock are slower still.
"""

from __future__ import annotations

import json
import sqlite3
import sys

from fastapi import FastAPI, Request

from tests.bench.uvicorned import run
from tests.support.receivers import PATH

database = sqlite3.connect(sys.argv[1])
database.execute("pragma journal_mode = wal")
database.execute("pragma synchronous = full")
database.execute("create table receipts (received_at default current_timestamp, raw text)")
app = FastAPI()


@app.get(PATH)
async def receipt(request: Request) -> None:
    """Store all parameters as they came, then answer."""
    with database:
        raw = json.dumps(dict(request.query_params))
        database.execute("insert into receipts (raw) values (?)", [raw])


if __name__ == "__main__":
    run(app)
