"""An executor whose thread may hang on a disk without blocking the exit."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreadExecutor(Executor):
    """One daemon thread, not joined at exit, unlike those of ``ThreadPoolExecutor``.

    Examples
    --------
    >>> with DaemonThreadExecutor("adder") as executor:
    ...     executor.submit(sum, [1, 2]).result()
    3
    """

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call ``fn`` in the thread, after everything submitted before."""
        future: Future[T] = Future()

        def call() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:  # noqa: BLE001 - belongs to the future's reader
                    future.set_exception(error)

        self._calls.put(call)
        return future

    def shutdown(self, *_: Any, **__: Any) -> None:
        """End the thread after the submitted calls; never waits for it."""
        self._calls.put(None)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
