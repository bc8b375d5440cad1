"""The metrics: each is a function here and a statement of that name in ``sql``.

The statement explains its columns; the function documents the formula, and its record how the
result is shown (:mod:`dlr_analytics.analysis.metric`). :class:`Verbs` binds both metrics and
studies to :class:`~dlr_analytics.analysis.database.Database`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Unpack

from dlr_analytics.analysis.dimensions import must_be_free
from dlr_analytics.analysis.filters import Filters, Parameters
from dlr_analytics.analysis.latency_curve import latency_curve
from dlr_analytics.analysis.metric import Metric, metric, records
from dlr_analytics.analysis.other_calls import quality_query
from dlr_analytics.analysis.query import load
from dlr_analytics.analysis.studies.changes import changes
from dlr_analytics.analysis.studies.compare import compare
from dlr_analytics.analysis.studies.decompose import decompose
from dlr_analytics.analysis.studies.forecast import forecast
from dlr_analytics.analysis.studies.prices import prices
from dlr_analytics.analysis.studies.scts_offsets import scts_offsets
from dlr_analytics.analysis.studies.watch.study import watch

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result


@metric(
    counts="messages settled delivered failed expired rejected unknown silent pending",
    shares="delivery_rate ci_low ci_high success_ratio best_case dlr_ratio",
    preview=(
        *("delivery_rate", ("ci_low", "ci_high"), ("success_ratio", "best_case")),
        *("messages", "delivered", "pending"),
    ),
    order=("undelivered", lambda row: row["settled"] - row["delivered"]),
)
def delivery_rate(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """Compute the delivery rate, with an estimate for pending messages.

    ``delivery_rate`` is the mean of ``expected``: 1 for a delivered message, 0 for any other
    settled one, and for a pending one the share of the mature messages of its network, still
    pending at its age, that were delivered in the end. Without pending messages that is delivered
    / messages. Whatever the outcome of the pending messages, the final rate lies between
    ``success_ratio`` and ``best_case``.

    ``ci_low`` and ``ci_high`` are Wilson's 95 % interval (Wilson, J. Am. Stat. Assoc. 22, 1927)

        (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n),   z = 1.96,

    with the effective sample size n = messages / (1 + se² / (p(1 - p) / messages)), where se is
    the sum over the pending messages of √(g(1 - g)/k), divided by messages: g is ``expected``, k
    the number of messages it is estimated from. The interval covers sampling error only: the rates
    of days differ by more.

    Parameters
    ----------
    **parameters
        ``by, since, until, where, as_of, tz, unit, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> rate = db.delivery_rate(by=["country", "day"], where="country = 'GB'").df()
    >>> bool((rate["success_ratio"] <= rate["best_case"]).all())
    True
    """
    return self.answer(load("delivery-rate"), parameters)


@metric(
    counts="messages delivered measured contradicted push_measured from_accepted",
    shares="within_10s within_30s within_60s push_within_10s push_within_30s push_within_60s"
    " within_10s_margin within_30s_margin within_60s_margin",
    seconds="p50_s p90_s p95_s p99_s push_p50_s push_p90_s push_p95_s push_p99_s"
    " p50_margin_s p90_margin_s p95_margin_s p99_margin_s",
    preview=(
        *(("p50_s", "p50_margin_s"), ("p90_s", "p90_margin_s"), ("p95_s", "p95_margin_s")),
        *("push_p50_s", "push_p90_s", "push_p95_s"),
        *(("within_10s", "within_10s_margin"), ("within_30s", "within_30s_margin")),
        *("push_within_10s", "push_within_30s", "push_within_60s"),
        *("push_measured", "from_accepted"),
    ),
    order=("push_measured", lambda row: row["push_measured"]),
)
def latency(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """Compute delivery times: from sending to the carrier's time, and to the push.

    ``scts`` has no seconds, so ``p50_s`` … ``p99_s`` and ``within_10s`` … use those of the send
    times, as a vernier. A message is known to have arrived, or not, at ``latency_s`` + 60, + 120 …
    seconds after sending, when a minute of ``scts`` ended: F(t), the share delivered within t, is
    the share that had arrived among such readings within r of t,

        r = min(0.6 (t + 5) / n^0.2, 30 s),

    and a percentile is how long F stays below the share (Chernozhukov, Fernandez-Val & Galichon,
    Biometrika 96, 2009). The 95 % limits are those of F (Agresti & Coull, Am. Stat. 52, 1998),
    wider by r / 2; a margin is the larger side. From two minutes on a percentile is the plain one
    of ``latency_s`` + 30 s, with binomial limits. A carrier's clock error moves them one to one.

    They are NULL below 200 measured messages, below 50 of the 60 send seconds, and where the
    minute of ``scts`` contradicts sending or push for more than 2 % (``contradicted``); a
    percentile also with fewer than 10 messages beyond it.

    A push percentile is exact: the smallest whole second by which at least that share of the
    measured had been pushed. It is an upper bound, since the push follows delivery, and
    ``push_within_30s`` the share that is proven to be delivered within 30 s. An estimate beyond
    these is cut to them; a percentile whose lower limit is beyond is NULL. What rests on
    ``accepted`` for want of a send time misses the time before the carrier took the message:
    ``from_accepted`` counts it.

    Parameters
    ----------
    **parameters
        ``by, since, until, where, as_of, tz, unit, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> times = dlr.open("data/sample").latency(by="network_code").df()
    >>> bool((times["push_p50_s"] <= times["push_p99_s"]).all())
    True
    """
    asked = self.answer(load("latency"), parameters)
    return replace(asked, own={"curve": partial(latency_curve, self, parameters, asked.as_of)})


@metric(
    counts="messages priced",
    money="cost wasted",
    prices="cost_per_message cost_per_delivered",
    order=("cost", lambda row: row["cost"] or 0),
)
def cost(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """Compute costs: one row per currency, exact decimals, each message once.

    ``cost`` is the sum of ``price`` over messages, never over receipts, which repeat it.
    ``cost_per_message`` is cost / priced, ``cost_per_delivered`` cost / delivered, both rounded
    half up to 8 places; ``wasted`` is the cost of settled messages that were not delivered.

    Parameters
    ----------
    **parameters
        ``by, since, until, where, as_of, tz, unit, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> bill = dlr.open("data/sample").cost().df()
    >>> bill["currency"].item(), type(bill["cost"].item()).__name__
    ('EUR', 'Decimal')
    """
    return self.answer(load("cost"), parameters)


@metric(shares="share per_message")
def errors(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """Count the err-codes of settled messages that were not delivered.

    ``share`` is messages / all settled and undelivered messages of the same ``by``, those with
    another code or none included. ``per_message`` is messages / all messages of the same ``by``.

    Parameters
    ----------
    **parameters
        ``by, since, until, where, as_of, tz, unit, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> codes = dlr.open("data/sample").errors().df()
    >>> float(round(codes["share"].sum(), 9))
    1.0
    """
    return self.answer(load("errors"), parameters)


@metric(
    counts="messages in_receipts",
    shares="share",
    preview=("problem", "messages", "share", "in_receipts", "example", "effect"),
)
def quality(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """Count the problems of the data, and explain their effect on the figures.

    One row per problem: how many messages have it, and how many receipts, with one of the messages
    as an example. ``share`` is messages / all messages of the same ``by``; a message can have
    several problems, so shares do not add up. Without ``by`` every problem that is checked has a
    row, with 0 messages if it does not occur. Names and texts: :data:`dlr_analytics.flaws.FLAWS`.

    Two rows are about what the figures leave out: messages of other channels, and calls that were
    no receipts, by their arrival. The latter belong to no group, and not to what ``where`` selects.

    Parameters
    ----------
    **parameters
        ``by, since, until, where, as_of, tz, unit, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> flaws = dlr.open("data/sample").quality().df().set_index("problem")
    >>> int(flaws.loc["receipt_repeated", "in_receipts"]) > 0
    True
    """
    return self.answer(quality_query(self, parameters), parameters)


@metric(
    counts="messages mature receipts_read",
    shares="answered_share timed_out_share unknown_share silent_share accepted_only_share"
    " final_share",
)
def coverage(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """Compute how many messages have an answer, and whether rates can be compared.

    All shares are of the ``mature`` messages, sent more than 72 h before as of: younger ones may
    still get an answer. ``answered_share`` + ``timed_out_share`` + ``unknown_share`` +
    ``silent_share`` = 1. Vonage itself sends ``expired`` if there was no final receipt within
    72 h, so an ``expired`` that arrives 71 h or more after sending is not the carrier's answer.

    ``verdict`` is ``comparable`` from 90 % answered on: below, the missing answers can change a
    rate by more than 10 points, and most networks differ by less. ``too few`` means fewer than 100
    mature messages; ``stops at accepted``, ``times out``, ``answers unknown`` and ``stays
    silent`` name the largest missing part.

    Parameters
    ----------
    **parameters
        ``by, since, until, where, as_of, tz, unit, channel``: see
        :class:`~dlr_analytics.analysis.filters.Parameters`.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> networks = dlr.open("data/sample").coverage(by="network_code").df()
    >>> networks.set_index("network_code").loc["310410", "verdict"]
    'stops at accepted'
    """
    return self.answer(load("coverage"), parameters)


class Verbs:
    """The metrics and studies as methods of a database."""

    delivery_rate = delivery_rate
    latency = latency
    cost = cost
    errors = errors
    quality = quality
    coverage = coverage
    scts_offsets = scts_offsets
    changes = changes
    compare = compare
    decompose = decompose
    prices = prices
    forecast = forecast
    watch = watch


QUESTIONS: Final[dict[str, Metric]] = records(Verbs)
"""The metrics and studies by their names on the command line."""

METRICS: Final = {name: record for name, record in QUESTIONS.items() if not record.study}
"""The metrics: one row per group of ``by``."""

STUDIES: Final = {name: record for name, record in QUESTIONS.items() if record.study}
"""The studies: each is a command of its own, too."""


def must_have_free_names(metric: str, filters: Filters, registered: Collection[str]) -> None:
    """Check that no name of the user's in ``by`` is a column of the metric or study.

    Names of the user's are those of expressions and ``registered`` columns.

    Raises
    ------
    UsageError
        If one has.
    """
    columns = QUESTIONS[metric].columns if metric in QUESTIONS else ()
    own = [name for name in filters.by if name in registered or name in dict(filters.expressions)]
    must_be_free("by", own, columns, metric)
