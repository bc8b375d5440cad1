"""Stores in memory: one that works, and one whose requests fail on demand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeVar

from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from dlr_analytics.bucket.objects import Objects
from dlr_analytics.settings.bucket_address import BucketAddress

Fault = Literal["before", "after", "killed before", "killed after", ""]
"""When a request fails, or its process is killed: before or after the store carries it out."""

T = TypeVar("T")


class Killed(BaseException):
    """The process ended here."""


class FaultyStore:
    """A store in memory. ``fault`` decides about each request, by its method and its object."""

    def __init__(self, fault: Callable[[str, str], Fault] = lambda method, name: "") -> None:
        self.memory = MemoryStore()
        self.fault = fault
        self.requests: Counter[str] = Counter()

    def list(self, prefix: str | None = None) -> Iterable[Sequence[Any]]:
        return self._do("list", prefix or "", lambda: list(self.memory.list(prefix)))

    def head(self, path: str) -> Any:
        return self._do("head", path, lambda: self.memory.head(path))

    def get(self, path: str) -> Any:
        if self.fault("cut", path):
            whole = bytes(self.memory.get(path).bytes())
            return iter([whole[: len(whole) // 2]])
        return self._do("get", path, lambda: self.memory.get(path))

    def put(self, path: str, file: bytes, *, mode: Any = None) -> Any:
        return self._do("put", path, lambda: self.memory.put(path, file, mode=mode))

    def delete(self, paths: Sequence[str]) -> None:
        self._do("delete", paths[0], lambda: self.memory.delete(list(paths)))

    def _do(self, method: str, name: str, request: Callable[[], T]) -> T:
        self.requests[method] += 1
        fault = self.fault(method, name)
        _fail(fault, "before")
        answer = request()
        _fail(fault, "after")
        return answer

    def contents(self) -> dict[str, bytes]:
        """All objects."""
        names = [one["path"] for some in self.memory.list() for one in some]
        return {name: bytes(self.memory.get(name).bytes()) for name in names}


def _fail(fault: Fault, when: str) -> None:
    if fault == when:
        raise GenericError("Generic S3 error: Error performing PUT http://127.0.0.1:1/sms in 1ms")
    if fault == f"killed {when}":
        raise Killed


def in_memory(store: FaultyStore | None = None) -> Objects:
    """The objects of a store in memory."""
    return Objects(BucketAddress("sms", "live"), store or FaultyStore())


def faults(seed: int, share: float) -> Callable[[str, str], Fault]:
    """Faults of a share of the requests, the same whichever thread comes first."""
    asked: Counter[tuple[str, str]] = Counter()
    kinds_of_fault: list[Fault] = ["before", "after", "killed before", "killed after"]

    def fault(method: str, name: str) -> Fault:
        asked[method, name] += 1
        chance = random.Random(f"{seed} {method} {name} {asked[method, name]}")
        if chance.random() >= (share / 2 if method == "cut" else share):
            return ""
        return chance.choice(kinds_of_fault)

    return fault
