-- The learned offsets of scts: which of them delivered messages have, from when to when.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), written as (
    select *
    from selected
    where scts is not null and outcome = 'delivered'
), counted as (
    select
        /* besides, */
        scts_offset_min,
        count(*) as messages,
        min(message_time) as first_at,
        max(message_time) as last_at
    from written
    group by all
    /* without by */
    union all
    select null, 0, null, null where not exists (select 1 from written)
    /* end */
), shared as (
    select
        *,
        sum(messages) over (partition by /* besides, */ true) as of_all
    from counted
)
select
    /* by, */
    scts_offset_min, -- minutes that scts is ahead of UTC; NULL where unknown
    messages, -- delivered messages with this offset
    cast(messages as double) / nullif(of_all, 0) as share, -- of the delivered messages with an scts
    first_at, -- message_time of the first of them
    last_at -- message_time of the last of them
from shared
order by /* in order, */ scts_offset_min nulls last
