"""FastAPI that answers 200 and stores nothing: ``python -m tests.bench.empty_fastapi``."""

from __future__ import annotations

from fastapi import FastAPI

from tests.bench.uvicorned import run
from tests.support.receivers import PATH

app = FastAPI()


@app.get(PATH)
async def receipt() -> None:
    """Nothing."""


if __name__ == "__main__":
    run(app)
