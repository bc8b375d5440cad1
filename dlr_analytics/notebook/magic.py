"""``%load_ext dlr_analytics``: ``dlr query`` in notebooks, and its charts.

::

    %%dlr delivery-rate --by network,day --since 2026-11-01
    country = 'GB'

The body of the cell is the condition. The data directory is that of ``--data``, else of the
notebook's variable ``db``, else of the settings.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, cast

from IPython import get_ipython
from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.dimensions import from_options
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.analysis.metrics import QUESTIONS
from dlr_analytics.analysis.query import BUCKETS, Query
from dlr_analytics.errors import DlrError
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import load_settings

if TYPE_CHECKING:
    from IPython.core.completer import SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

    from dlr_analytics.analysis.filters import Parameters
    from dlr_analytics.analysis.result import Result

Magic = TypeVar("Magic", bound=Callable[..., Any])

OPTIONS: Final = {
    "--by": ("A,B|NAME=SQL", "columns, or expressions; repeatable"),
    "--since": ("D", "from this date or time on"),
    "--until": ("D", "before this date or time"),
    "--as-of": ("T", "leave out what was received later"),
    "--tz": ("ZONE", "time zone of the dates"),
    "--where": ("SQL", "one condition; in %%dlr the body of the cell"),
    "--unit": ("UNIT", "message, or sms: its parts as one"),
    "--channel": ("NAME", "sms, another like whatsapp, or all"),
    "--data": ("DIR", "the data directory"),
    "--memory": ("SIZE", "what it may take, like 2GiB"),
}
"""The options, as on the command line: the name of the value, and what it means."""

_USAGE: Final = "\n".join(
    [
        "Compute a metric or a study, as on the command line; the body is the condition.",
        "",
        "%dlr METRIC [OPTION VALUE]...",
        "",
        *(f"{f'{name} {value}':<19} {meaning}" for name, (value, meaning) in OPTIONS.items()),
    ]
)

FOLLOW_THEME: Final = (
    '<style>.jp-OutputArea .js-plotly-plot .main-svg text[style*="dlr-chart"]:not(.hoverlayer *)'
    "{fill:var(--jp-content-font-color1)!important}</style>"
)
"""JupyterLab's text colour for the texts of our charts, so that they follow its theme.

Charts of the user are not touched, unless they use the template ``dlr``."""


def _explained(magic: Magic) -> Magic:
    magic.__doc__ = _USAGE
    return magic


@magics_class
class DlrMagics(Magics):
    """The magics ``%dlr`` and ``%%dlr``."""

    @line_cell_magic
    @_explained
    def dlr(self, line: str, cell: str = "") -> Result:
        """Compute a metric or a study; ``%dlr?`` shows ``_USAGE``."""
        words = _split(line)
        arguments = vars(_parser(words[0] if words else "").parse_args(words))
        arguments["by"] = from_options(arguments["by"] or ())
        metric, data, memory = (arguments.pop(name) for name in ("metric", "data", "memory"))
        if cell.strip():
            if arguments["where"]:
                raise UsageError("the condition is the body of the cell: leave --where out")
            arguments["where"] = cell.strip()
        try:
            return self._database(data, memory).ask(metric, cast("Parameters", arguments))
        except DlrError as error:
            raise UsageError(str(error)) from None

    def _database(self, data: str | None, memory: str | None) -> Database:
        own = self.shell.user_ns.get("db") if self.shell else None
        if data is None and isinstance(own, Database):
            if memory is None:
                return own
            settings = load_settings({"data": str(own.data), "memory": memory}, reads_only=True)
            return own.with_settings(settings)
        settings = load_settings({"data": data, "memory": memory}, reads_only=True)
        return Database(settings, PRESENTER)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magic and its completion: called by ``%load_ext dlr_analytics``."""
    shell.register_magics(DlrMagics)
    if complete not in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.append(complete)
    from dlr_analytics.notebook.charts.elements.offline import library
    from dlr_analytics.notebook.charts.elements.template import register_template

    shell.display_pub.publish({"text/html": FOLLOW_THEME + library()})
    register_template()

    extensions = shell.extension_manager
    assert extensions is not None

    def forget(_result: object) -> None:
        # When the cell runs again, its output is cleared. IPython would not load the extension a
        # second time, and charts would lose the theme: after the cell it counts as not loaded.
        extensions.loaded.discard("dlr_analytics")
        shell.events.unregister("post_run_cell", forget)

    shell.events.register("post_run_cell", forget)


@context_matcher()  # type: ignore[untyped-decorator]
def complete(context: CompletionContext) -> SimpleMatcherResult:
    """Complete metrics, options and columns in ``%dlr`` and in the body of a cell."""
    lines = context.full_text.splitlines() or [""]
    before = context.text_until_cursor
    if context.cursor_line and lines[0].startswith("%%dlr "):
        return _completions(context.token, _columns())
    head, _, rest = before.lstrip().partition(" ")
    if head not in {"%dlr", "%%dlr"} or not before.lstrip().startswith(f"{head} "):
        return {"completions": []}
    earlier = rest.split()[:-1] if rest and not rest.endswith(" ") else rest.split()
    return _completions(context.token, _candidates(earlier, rest))


def _candidates(earlier: list[str], rest: str) -> Iterable[str]:
    """The words that may follow those before the cursor."""
    if not earlier:
        return QUESTIONS
    if earlier[-1] in {"--by", "--where"}:
        return _columns()
    options = _options(earlier[0])
    if earlier[-1] in options:
        return ()
    return [option for option in options if option not in rest.split()[:-1]]


def _options(metric: str) -> list[str]:
    """The options of a metric or a study, its own ones last."""
    if metric not in QUESTIONS:
        return list(OPTIONS)
    record = QUESTIONS[metric]
    shared = [name for name in OPTIONS if name[2:].replace("-", "_") not in record.without]
    own = [one for one in record.own_parameters.values() if one.kind is one.KEYWORD_ONLY]
    return [*shared, *(f"--{one.name.replace('_', '-')}" for one in own)]


def _completions(token: str, names: Iterable[str]) -> SimpleMatcherResult:
    """The names that begin with the token; Python's own completions are suppressed."""
    fit = [SimpleCompletion(name, type="dlr") for name in names if name.startswith(token)]
    return {"completions": fit, "suppress": True, "ordered": True}


def _columns() -> list[str]:
    shell = get_ipython()
    own = shell.user_ns.get("db") if shell else None
    registered = own.registered_columns if isinstance(own, Database) else ()
    return [*BUCKETS, *Query("messages", statement("pipeline/messages")).columns, *registered]


class _Parser(argparse.ArgumentParser):
    """A parser of the magic's arguments; an error is one line in the notebook."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _parser(metric: str) -> _Parser:
    """The parser of the arguments of a metric or a study."""
    parser = _Parser(prog="%dlr", add_help=False, allow_abbrev=False)
    parser.add_argument("metric", metavar="METRIC")
    for option in OPTIONS:
        parser.add_argument(option, action="append" if option == "--by" else "store")
    own = QUESTIONS[metric].own_parameters if metric in QUESTIONS else {}
    for name, parameter in own.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            kind = type(parameter.default) if parameter.default is not None else str
            parser.add_argument(
                f"--{name.replace('_', '-')}", dest=name, type=kind, default=parameter.default
            )
        else:
            parser.add_argument(name, nargs="?", default=parameter.default)
    return parser


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{error} in: {line}") from None
