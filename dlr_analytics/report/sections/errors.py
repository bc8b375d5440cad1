"""Why settled messages were not delivered, by err-code, and what to do."""

from __future__ import annotations

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import CODE, SHARE, TEXT, Column, Table, Value
from dlr_analytics.report.model import Reason, Report


def tables(report: Report) -> tuple[Table, ...]:
    """Return a row for each err-code; no rows if every message was delivered."""
    title, caption = "Why messages were not delivered", "All settled messages were delivered."
    if report.reasons:
        count = formats.counted(report.tally.undelivered, "message was", "messages were")
        condition = " and its condition" if report.request.where is not None else ""
        title = f"Why {count} not delivered"
        caption = (
            "Settled, undelivered messages by err-code, with what to do. The calls list the cases; "
            f"for those of this report add {report.options}{condition}"
        )
    columns = (
        Column("err-code", CODE),
        Column("Meaning", TEXT),
        Column("Kind", TEXT),
        Column("Messages"),
        Column("Share, %", SHARE),
        Column("Concentrated in", TEXT),
        Column("What to do", TEXT),
        Column("To list them", CODE),
    )
    return (Table("Errors", title, caption, columns, tuple(map(_row, report.reasons))),)


def _row(r: Reason) -> tuple[Value, ...]:
    code = formats.MISSING if r.err_code is None else str(r.err_code)
    return (
        code,
        r.meaning,
        r.kind,
        r.messages,
        r.share,
        where(r),
        r.advice,
        _list_call(r),
    )


def where(reason: Reason) -> str:
    """What has most of a reason's messages, beside its share of the traffic.

    >>> from dlr_analytics.report.model import Concentration
    >>> promo = Concentration("PROMO", 0.93, 0.2)
    >>> where(Reason(6, "", "", "", 10, 1.0, promo)), where(Reason(6, "", "", "", 10, 1.0))
    ('PROMO 93% (20% of traffic)', 'everywhere')
    """
    found = reason.where
    if found is None:
        return "everywhere"
    share, of_traffic = formats.rate(found.share, 0), formats.rate(found.of_traffic, 0)
    return f"{found.name} {share} ({of_traffic} of traffic)"


def _list_call(reason: Reason) -> str:
    """The command that lists the cases, by what to examine.

    >>> _list_call(Reason(3, "", "permanent", "", 10, 1.0))
    'dlr query errors --by msisdn --where err_code=3'
    """
    if reason.err_code is None:
        return 'dlr query errors --by outcome --where "err_code is null"'
    by = {"permanent": "msisdn", "temporary": "network_code", "unknown": "network_code"}
    column = by.get(reason.kind, "sender")
    return f"dlr query errors --by {column} --where err_code={reason.err_code}"
