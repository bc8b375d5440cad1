"""What one might write instead: Flask under gunicorn, a CSV file, and fsync before each answer.

``python -m tests.bench.flask_csv FILE``: one process of eight threads.
"""

from __future__ import annotations

import csv
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from flask import Flask, request
from gunicorn.app.base import BaseApplication

from tests.support.receivers import PATH

app = Flask(__name__)
file = Path(sys.argv[1]).open("a", newline="", encoding="utf-8")  # noqa: SIM115 - as long as we run
rows = csv.writer(file)
alone = threading.Lock()


@app.get(PATH)
def receipt() -> str:
    """Store all parameters as they came, then answer."""
    with alone:
        rows.writerow(request.args.values())
        file.flush()
        os.fsync(file.fileno())
    return ""


class Served(BaseApplication):
    """Gunicorn without its command line."""

    def __init__(self, **options: Any) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Gunicorn's."""
        return app


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    bind = f"fd://{listener.fileno()}"
    Served(bind=bind, workers=1, threads=8, worker_class="gthread", loglevel="error").run()
