"""``%load_ext dlr_analytics``: the words of ``dlr query`` in a notebook, and charts that follow it.

::

    %%dlr delivery-rate --by network,day --since 2026-11-01
    country = 'GB'

The body of the cell is the condition. What is asked is the data directory of ``--data``, else the
notebook's own ``db``, else that of the settings.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NoReturn, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.analysis.query import BUCKETS, Query
from dlr_analytics.errors import DlrError
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import load_settings

if TYPE_CHECKING:
    from IPython.core.completer import SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

    from dlr_analytics.analysis.filters import Parameters
    from dlr_analytics.analysis.result import Result

OPTIONS: Final = {
    "--by": "columns, comma-separated",
    "--since": "from this date or time on",
    "--until": "before this date or time",
    "--as-of": "leave out what was received later",
    "--tz": "time zone of the dates",
    "--where": "one SQL condition; in %%dlr the body of the cell",
    "--unit": "message, or sms: its parts as one",
    "--data": "the data directory",
    "--memory": "what it may take, like 2GiB",
}
"""As on the command line."""

FOLLOW_THEME: Final = (
    "<style>.jp-OutputArea .js-plotly-plot .main-svg text"
    "{fill:var(--jp-content-font-color1)!important}</style>"
)
"""JupyterLab's own ink for the words of charts: they change with its theme, as the rest does."""


@magics_class
class DlrMagics(Magics):
    """The magic ``%dlr`` and ``%%dlr``."""

    @line_cell_magic
    def dlr(self, line: str, cell: str = "") -> Result:
        """Ask for a metric in the words of ``dlr query``; a cell's body is the condition.

        %dlr METRIC [--by A,B] [--since D] [--until D] [--as-of T] [--tz ZONE] [--where SQL]
        [--unit UNIT] [--data DIR] [--memory SIZE]
        """
        given = vars(_words().parse_args(_split(line)))
        metric, data, memory = (given.pop(name) for name in ("metric", "data", "memory"))
        if cell.strip():
            if given["where"]:
                raise UsageError("the condition is the body of the cell: leave --where out")
            given["where"] = cell.strip()
        try:
            return self._database(data, memory).ask(metric, cast("Parameters", given))
        except DlrError as error:
            raise UsageError(str(error)) from None

    def _database(self, data: str | None, memory: str | None) -> Database:
        own = self.shell.user_ns.get("db") if self.shell else None
        if data is None and isinstance(own, Database):
            if memory is None:
                return own
            data = str(own.data)
        return Database(load_settings({"data": data, "memory": memory}), PRESENTER)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Called by ``%load_ext dlr_analytics``."""
    shell.register_magics(DlrMagics)
    if complete not in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.append(complete)
    shell.display_pub.publish({"text/html": FOLLOW_THEME})

    extensions = shell.extension_manager
    assert extensions is not None

    def forget(_result: object) -> None:
        # A cell that runs again loses what it had put out. IPython would not load twice, and the
        # charts below would lose the theme; so it is to know of no loading once the cell is done.
        extensions.loaded.discard("dlr_analytics")
        shell.events.unregister("post_run_cell", forget)

    shell.events.register("post_run_cell", forget)


@context_matcher()  # type: ignore[untyped-decorator]
def complete(context: CompletionContext) -> SimpleMatcherResult:
    """What may stand at the cursor: metrics, options and columns in ``%dlr``, columns below it."""
    lines = context.full_text.splitlines() or [""]
    before = context.text_until_cursor
    if context.cursor_line and lines[0].startswith("%%dlr "):
        return _offered(context.token, _columns())
    head, _, said = before.lstrip().partition(" ")
    if head not in {"%dlr", "%%dlr"} or not before.lstrip().startswith(f"{head} "):
        return {"completions": []}
    earlier = said.split()[:-1] if said and not said.endswith(" ") else said.split()
    return _offered(context.token, _expected(earlier, said))


def _expected(earlier: list[str], said: str) -> Iterable[str]:
    """What may follow the words before the one at the cursor."""
    if not earlier:
        return METRICS
    if earlier[-1] in {"--by", "--where"}:
        return _columns()
    if earlier[-1] in OPTIONS:
        return ()
    return [option for option in OPTIONS if option not in said.split()[:-1]]


def _offered(token: str, names: Iterable[str]) -> SimpleMatcherResult:
    """Those that begin as the token does; nothing of Python's own beside them."""
    fit = [SimpleCompletion(name, type="dlr") for name in names if name.startswith(token)]
    return {"completions": fit, "suppress": True, "ordered": True}


def _columns() -> list[str]:
    return [*BUCKETS, *Query("messages", statement("pipeline/messages")).columns]


class _Words(argparse.ArgumentParser):
    """The words of the magic; a mistake is one line in the notebook."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _words() -> _Words:
    words = _Words(prog="%dlr", add_help=False, allow_abbrev=False)
    words.add_argument("metric", metavar="METRIC")
    for option, meaning in OPTIONS.items():
        words.add_argument(option, help=meaning)
    return words


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{error} in: {line}") from None
