"""Statements that would do more than read: write, change, attach, log, or run what no tree shows.

``{out}`` is a file that is not there, ``{csv}`` one that is.
"""

from __future__ import annotations

from typing import Final

WRITES_A_FILE: Final = """
copy messages to '{out}'
copy (select 1) to '{out}'
export database '{out}'
with t as (copy messages to '{out}') select 1
with t as (copy (select 1) to '{out}' (format parquet)) from t
with t(x) as materialized (copy (select 1) to '{out}') select * from messages
select * from (with t as (copy (select 1) to '{out}') select 1)
select (with t as (copy (select 1) to '{out}') select 1)
select count(*) filter (where exists (with t as (copy (select 1) to '{out}') from t)) from messages
from messages where exists (with t as (copy (select 1) to '{out}') from t)
from messages m, lateral (with t as (copy (select m.message_id) to '{out}') from t)
from messages union all by name (with t as (copy (select 1) to '{out}') from t)
values ((with t as (copy (select 1) to '{out}') select 1))
describe with t as (copy (select 1) to '{out}') select 1
summarize (with t as (copy (select 1) to '{out}') select 1)
explain copy messages to '{out}'
explain with t as (copy (select 1) to '{out}') select 1
explain analyze with t as (copy (select 1) to '{out}') select 1
pivot (with t as (copy (select 1) to '{out}') select outcome from messages) on outcome
pivot messages on outcome using max((with t as (copy (select 1) to '{out}') select 1))
with t as (copy (select 1) to '{out}') pivot messages on outcome
from (pivot messages on outcome), (with t as (copy (select 1) to '{out}') from t)
explain pivot (with t as (copy (select 1) to '{out}') select outcome from messages) on outcome
from query('copy messages to ''{out}''')
from query('with t as (copy (select 1) to ''{out}'') select 1')
select 1; copy messages to '{out}'
pivot messages on outcome; copy messages to '{out}'
attach '{out}'
attach '{out}' as y (read_only)
from enable_logging(storage := 'file', storage_path := '{out}')
"""

CHANGES_A_TABLE: Final = """
insert into err_codes values (1, 'a', 'b', 'c')
update err_codes set kind = 'x'
delete from err_codes
truncate err_codes
with t as (insert into err_codes values (1, 'a', 'b', 'c') returning *) from t
with t as (update err_codes set kind = 'x' returning *) from t
with t as (delete from err_codes returning *) from t
with t as (merge into err_codes using networks on false when not matched then insert) select 1
pivot (with t as (delete from err_codes returning *) from t) on kind
explain analyze delete from err_codes
explain insert into err_codes select 1
create table x as select 1
create temp table x as select 1
create view x as select 1
create or replace view receipts as select 1
create macro f() as 1
create type t as enum ('x')
create schema s
create sequence s
create trigger t after insert on err_codes execute select 1
alter table err_codes add column x int
alter table err_codes rename to x
drop table messages
drop view receipts
comment on table messages is 'x'
from read_csv('{csv}', store_rejects = true)
from read_csv('{csv}', rejects_table := 'x')
from read_csv('{csv}', "STORE_REJECTS" => true)
"""

CHANGES_THE_SESSION: Final = """
set threads = 1
set global threads = 1
set variable x = 1
reset threads
use memory
pragma threads = 1
pragma enable_profiling
pragma enable_logging
call enable_logging()
from enable_logging()
select * from disable_logging()
from enable_profiling()
from truncate_duckdb_logs()
pivot (from enable_logging()) on 1
install httpfs
load httpfs
force install httpfs from core
detach memory
checkpoint
from force_checkpoint()
vacuum
update extensions
update extensions (json)
/* é */ update extensions
explain update extensions
analyze
begin
begin transaction
commit
rollback
abort
prepare p as select 1
execute p
deallocate p
create secret s (type s3)
create persistent secret s (type s3)
select setseed(0.5)
select nextval('s')
from register_external_resource_type('x')
from create_external_resource('x')
"""

CALLS_WHAT_HAS_EFFECTS: Final = """
select write_log('x')
select write_log('x', level := 'error') from messages
select WRITE_LOG('x')
select "write_log"('x')
select 'x'.write_log()
select system.main.write_log('x')
values (write_log('x'))
from (values (write_log('x'))) t
select list_transform([1], lambda x: write_log('x'))
select [x for x in [1] if write_log('x') is null]
select {{'a': write_log('x')}}
select case when true then write_log('x') end
select write_log('x')::int
select 1 between write_log('x') and 2
select (select write_log('x') from messages limit 1)
select sum(1) filter (where write_log('x') is null)
select sum(1) over (partition by write_log('x'))
select string_agg(outcome, ',' order by write_log(outcome)) from messages
select * replace (write_log(outcome) as outcome) from messages
select columns(lambda x: write_log(x) is null) from messages
select distinct on (write_log('x')) * from messages
from messages where write_log('x') is null
from messages order by write_log('x')
from messages limit (select write_log('x'))
from messages qualify row_number() over (order by write_log('x')) = 1
select 1 from messages group by grouping sets ((outcome), (write_log('x')))
from messages join messages m on write_log('x') is null
from messages asof join receipts r on messages.message_time >= r.received_at and write_log('') = ''
from generate_series(1, (select write_log('x')))
from unnest([write_log('x')])
with recursive t(n) as (select 1 union all select n + 1 from t where write_log('x') is null) from t
describe (select write_log('x'))
summarize (select write_log('x'))
pivot messages on write_log(outcome)
pivot messages on outcome using max(write_log(outcome))
from messages pivot (max(write_log(outcome)) for outcome in ('x'))
unpivot (select write_log('x') as a) on a
explain select write_log('x')
"""

RUNS_WHAT_NO_TREE_SHOWS: Final = """
from query('select 1')
from query_table('messages')
from query_table(['messages', 'receipts'])
from json_execute_serialized_sql(json_serialize_sql('select 1'))
pragma json_execute_serialized_sql('x')
select json_serialize_plan('select 1')
from histogram_values('messages', outcome)
from '{out}.duckdb'
from '{out}.db'
from read_duckdb('{out}')
from 'http://127.0.0.1:9/x.csv'
from python_map_function(1)
from pandas_scan(1)
from arrow_scan(1, 2, 3)
from hidden
from own.csv
"""

READS_THE_SYSTEM: Final = """
from read_text('/proc/self/environ')
from read_text(['{csv}', '/proc/self/environ'])
from read_text(('/proc/self/environ'))
from read_text('/proc/self/' || 'environ')
from read_text(concat('/pr', 'oc/self/environ'))
from read_text(list_transform(['/pro'], lambda x: x || 'c/self/environ'))
from read_text(case when random() < 2 then '/proc/self/environ' end)
from read_blob('/proc/self/environ')
from read_csv('/proc/self/environ')
from read_csv('/proc/self/environ', header = false)
from read_csv_auto('/proc/self/environ', header := false)
from read_json('/proc/self/environ')
from read_ndjson_objects('/proc/self/environ')
from read_parquet('/proc/self/environ')
from parquet_metadata('/proc/self/environ')
from parquet_scan(['/proc/self/environ'])
from sniff_csv('/proc/self/environ')
from glob('/proc/self/*')
from glob('/proc/*/environ')
from "read_text"('/proc/self/environ')
from main.read_text('/proc/self/environ')
from READ_TEXT('//proc//self/./environ')
from read_text('/tmp/../proc/self/environ')
from read_text('file:///proc/self/environ')
from read_text('file://localhost/proc/self/environ')
from read_text('file:/proc/self/environ')
from read_text('/pro[c]/self/environ')
from read_text('/*/self/environ')
from read_text('~/../../../../../../proc/self/environ')
from read_text('/dev/fd/0')
from read_text('/sys/kernel/notes')
from '/proc/self/x.csv'
select (select content from read_text('/proc/self/environ'))
with t as (from read_text('/proc/self/environ')) from t
from messages where exists (from read_text('/proc/self/environ'))
pivot (from read_text('/proc/self/environ')) on size
describe from read_csv('/proc/self/environ')
summarize from read_text('/proc/self/environ')
explain from read_text('/proc/self/environ')
"""

NOT_ONE_STATEMENT: Final = """
select 1; select 2
;
-- nothing
/* nothing */
explain explain select 1
explain analyze select 1
explain (analyze) select 1
EXPLAIN /* x */ ANALYZE select 1
explain
pragma version
pragma show_tables
call pragma_version()
import database 'x'
select 1 into x
selec 1
select 'unterminated
select $1
select ?
"""


def statements(text: str) -> list[str]:
    """One a line."""
    return [line for line in text.splitlines() if line]


HOSTILE: Final = [
    statement
    for text in (
        WRITES_A_FILE,
        CHANGES_A_TABLE,
        CHANGES_THE_SESSION,
        CALLS_WHAT_HAS_EFFECTS,
        RUNS_WHAT_NO_TREE_SHOWS,
        READS_THE_SYSTEM,
        NOT_ONE_STATEMENT,
    )
    for statement in statements(text)
]
