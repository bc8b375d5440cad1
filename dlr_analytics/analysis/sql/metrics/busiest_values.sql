-- The values with most messages, of what by names.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), counted as (
    select
        /* besides, */
        count(*) as messages
    from selected
    group by all
)
select
    /* by, */
    messages -- message parts sent
from counted
order by messages desc nulls last, /* in order, */ messages
limit 100
