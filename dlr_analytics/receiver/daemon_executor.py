"""A thread for what may hang: a disk that stands still must not keep the process from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Aside(Executor):
    """One thread that nobody waits for at the end, unlike those of ``ThreadPoolExecutor``.

    Examples
    --------
    >>> with Aside("adder") as aside:
    ...     aside.submit(sum, [1, 2]).result()
    3
    """

    def __init__(self, name: str) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have ``fn`` called in the thread, after what was handed in before."""
        future: Future[T] = Future()

        def work() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:  # noqa: BLE001 - whoever waits is told
                    future.set_exception(error)

        self._work.put(work)
        return future

    def shutdown(self, *_: Any, **__: Any) -> None:
        """Let the thread end once it has done what it was given; never waits for that."""
        self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
