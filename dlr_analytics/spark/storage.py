"""Files of a data directory, by the file systems that Spark reads.

Hadoop's interface lists a bucket and opens names that begin with ``_``, which Spark's own readers
skip: the manifest of the cache is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlr_analytics.analysis.engines.spark import spark_errors

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True, slots=True)
class Storage:
    """A data directory: its URI, and the session that reads it."""

    session: SparkSession
    root: str
    """Without a slash at its end."""

    @classmethod
    def of(cls, data: str, session: SparkSession) -> Storage:
        """The storage of a folder on this machine, or of a URI."""
        local = "://" not in data and Path(data).is_dir()
        # Hadoop takes the text as it is: a space is no %20.
        root = f"file://{Path(data).resolve()}" if local else data.rstrip("/")
        return cls(session, root)

    def uri(self, path: str) -> str:
        """The URI of a path below the data directory."""
        return f"{self.root}/{path}"

    def exists(self) -> bool:
        """Whether there is anything."""
        with spark_errors():
            path = self._path("")
            return bool(self._system(path).exists(path))

    def read(self, path: str) -> bytes | None:
        """The contents of a small file; None if there is none."""
        with spark_errors():
            file = self._path(path)
            system = self._system(file)
            if not system.exists(file):
                return None
            stream = system.open(file)
            try:
                return bytes(self._java.org.apache.commons.io.IOUtils.toByteArray(stream))
            finally:
                stream.close()

    def files(self, folder: str) -> frozenset[str]:
        """The paths of all files below a folder."""
        with spark_errors():
            above = self._path(folder)
            system = self._system(above)
            if not system.exists(above):
                return frozenset()
            root = self._path("").toUri().getPath().rstrip("/")
            found = system.listFiles(above, True)  # noqa: FBT003 - recursive, by Hadoop's interface
            paths = set()
            while found.hasNext():
                paths.add(found.next().getPath().toUri().getPath().removeprefix(f"{root}/"))
            return frozenset(paths)

    @property
    def _java(self) -> Any:
        return self.session._jvm

    def _path(self, path: str) -> Any:
        return self._java.org.apache.hadoop.fs.Path(self.uri(path).rstrip("/"))

    def _system(self, path: Any) -> Any:
        state = self.session._jsparkSession.sessionState()
        return path.getFileSystem(state.newHadoopConf())
