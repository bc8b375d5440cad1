-- When the delivery rate changed: messages, and how many of them are delivered, by hour.
with selected as (
    select
        /* buckets, */
        /* set day */ cast(date_trunc('day', message_time) as date) /* end */ as hour_day,
        *
    from messages
    where expected is not null /* filters */
), hourly as (
    select
        /* by, */
        date_trunc('hour', message_time) as hour_began,
        min(hour_day) as hour_day,
        count(*) as messages,
        sum(expected) as hour_delivered
    from selected
    group by /* by, */ date_trunc('hour', message_time)
), placed as (
    select *, dense_rank() over (partition by /* by, */ true order by hour_day nulls last) as place
    from hourly
), counted as (
    select *, max(place) over (partition by /* by, */ true) as days
    from placed
)
select
    /* by, */
    hour_began, -- hour of message_time, naive UTC
    hour_day, -- its day
    messages, -- messages whose expected is known
    hour_delivered -- sum of expected: delivered, or likely to be
from counted
where days >= 8
order by /* in order, */ hour_began nulls last
