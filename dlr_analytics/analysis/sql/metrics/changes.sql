-- When the delivery rate changed: messages, and how many of them are delivered, by hour.
with selected as (
    select
        /* buckets, */
        /* set day */ cast(date_trunc('day', message_time) as date) /* end */ as began_on,
        *
    from messages
    where expected is not null /* filters */
), hourly as (
    select
        /* by, */
        date_trunc('hour', message_time) as began_at,
        min(began_on) as began_on,
        count(*) as sent,
        sum(expected) as arrived
    from selected
    group by /* by, */ date_trunc('hour', message_time)
), placed as (
    select *, dense_rank() over (partition by /* by, */ true order by began_on nulls last) as place
    from hourly
), counted as (
    select *, max(place) over (partition by /* by, */ true) as days
    from placed
)
select
    /* by, */
    began_at, -- hour of message_time, naive UTC
    began_on, -- its day
    sent, -- messages whose expected is known
    arrived -- sum of expected: delivered, or likely to be
from counted
where days >= 8
order by /* in order, */ began_at nulls last
