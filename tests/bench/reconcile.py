"""``dlr reconcile`` against an export: ``python -m tests.bench.reconcile [MILLIONS]``.

The export reports each message of a made data directory as its receipts do, but for every
thousandth price, and messages whose receipts are missing. The baselines read the same files, with
DuckDB and with pandas: the row that ended last, beside the last receipt of the message, summed by
currency. They know no aliases of statuses, no times or prices as Vonage writes them, no damaged
rows, and take every receipt as received.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.sql import from_files, from_parquet, literal
from tests.bench.making import Size, make
from tests.bench.measuring import Step, in_turn, main, print_costs
from tests.bench.steps import OURS, compact

DAYS: Final = 30

_EXPORT: Final = """
    select
        'abcd1234' as account_id, message_id, client_ref, 'outbound' as direction,
        sender as "from", msisdn as "to", network_code as network, '' as network_name,
        strftime(least(message_timestamp, received_at), '%Y-%m-%dT%H:%M:%S+0000') as date_received,
        strftime(message_timestamp, '%Y-%m-%dT%H:%M:%S+0000') as date_finalized,
        status, err_code as error_code, 'EUR' as currency,
        price + if(hash(message_id) % 1000 = 0, 0.001, 0) as total_price
    from receipts
    qualify row_number() over (partition by message_id order by message_timestamp desc) = 1
    union all
    select
        'abcd1234', message_id, '', 'outbound', '', '', '23410', '',
        strftime(sent_at, '%Y-%m-%dT%H:%M:%S+0000'), strftime(sent_at, '%Y-%m-%dT%H:%M:%S+0000'),
        'delivered', '0', 'EUR', 0.0333
    from sends
    where message_id not in (select message_id from receipts)
"""

_BARE: Final = """
    with reported as (
        from {export}
        select lower(message_id) as id, status, currency, total_price as price
        qualify row_number() over (partition by lower(message_id) order by date_finalized desc) = 1
    ), received as (
        from {receipts}
        select lower(message_id) as id, arg_max(status, message_timestamp) as status,
            max(price) as price
        group by all
    )
    select currency, count(*), count(received.id), sum(reported.price),
        count(*) filter (where received.status <> reported.status),
        sum(reported.price - received.price)
    from reported left join received using (id)
    group by all
"""


def export_of(data: Path, export: Path) -> int:
    """Write the export, and count its rows."""
    with duckdb.connect() as connection:
        for name, folder in (("receipts", layout.receipts(data)), ("sends", layout.sends(data))):
            files = from_files(sorted(folder.rglob("*.parquet")))
            connection.execute(f"create view {name} as select * from {files}")
        written = f"copy ({_EXPORT}) to {literal(str(export))} (format csv, header)"
        ((rows,),) = connection.execute(written).fetchall()
    return int(rows)


def ours(data: Path) -> object:
    """What ``dlr reconcile`` prints."""
    import dlr_analytics as dlr

    return dlr.open(data / "made").reconcile(data / "export.csv").rows()


def bare(data: Path) -> object:
    """One statement over both files."""
    receipts = from_parquet(sorted(layout.receipts(data / "made").rglob("*.parquet")))
    types = "types = {'total_price': 'DECIMAL(18,8)', 'network': 'VARCHAR'}"
    export = f"read_csv({literal(str(data / 'export.csv'))}, {types})"
    with duckdb.connect() as connection:
        return connection.execute(_BARE.format(export=export, receipts=receipts)).fetchall()


def in_pandas(data: Path) -> object:
    """The same, as a script in pandas does it."""
    import pandas as pd

    reported = pd.read_csv(data / "export.csv", dtype={"network": str}, parse_dates=[8, 9])
    reported["id"] = reported["message_id"].str.lower()
    reported = reported.sort_values("date_finalized").drop_duplicates("id", keep="last")
    columns = ["message_id", "status", "price", "message_timestamp"]
    receipts = pd.concat(
        pd.read_parquet(file, columns=columns)
        for file in sorted(layout.receipts(data / "made").rglob("*.parquet"))
    )
    receipts["id"] = receipts["message_id"].str.lower()
    received = receipts.sort_values("message_timestamp").drop_duplicates("id", keep="last")
    both = reported.merge(received, "left", on="id", suffixes=("", "_received"))
    both["found"] = both["status_received"].notna()
    both["other"] = both["found"] & (both["status"] != both["status_received"])
    return both.groupby("currency")[["found", "other", "total_price"]].sum()


STEPS: Final = {
    "dlr reconcile": Step(ours, OURS),
    "DuckDB": Step(bare),
    "pandas": Step(in_pandas, ("pandas", "pyarrow")),
}


def measure(millions: float = 0.2) -> None:
    """Make the data and print the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder)
        make(data / "made", Size(round(millions * 1_000_000), DAYS))
        compact(data / "made")
        rows = export_of(data / "made", data / "export.csv")
        print(f"{rows:,} reported messages\n")
        print_costs(in_turn("tests.bench.reconcile", list(STEPS), data))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        main(STEPS)
    else:
        measure(*map(float, sys.argv[1:]))
