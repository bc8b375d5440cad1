-- How long it took from sending to the push of the receipt, and how many messages have a latency.
-- An upper bound of the delivery time, since the push follows delivery.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), grouped as (
    -- by whole seconds: percentiles are exact, and messages need not be sorted
    select
        /* besides, */
        push_latency_s as seconds,
        count(*) as n,
        count(*) filter (where outcome = 'delivered') as delivered,
        count(latency_s) as measured,
        count(push_latency_s) as pushed,
        count(*) filter (
            where sent_at_source = 'accepted' and coalesce(latency_s, push_latency_s) is not null
        ) as from_accepted
    from selected
    group by all
), running as (
    select
        *,
        sum(pushed) over (partition by /* besides, */ true order by seconds nulls last) as so_far,
        sum(pushed) over (partition by /* besides, */ true) as of_all
    from grouped
), counted as (
    select
        /* besides, */
        coalesce(sum(n), 0) as messages,
        coalesce(sum(delivered), 0) as delivered,
        coalesce(sum(measured), 0) as measured,
        coalesce(sum(pushed), 0) as push_measured,
        coalesce(sum(from_accepted), 0) as from_accepted,
        min(seconds) filter (where 2 * so_far >= of_all) as push_p50_s,
        min(seconds) filter (where 10 * so_far >= 9 * of_all) as push_p90_s,
        min(seconds) filter (where 20 * so_far >= 19 * of_all) as push_p95_s,
        min(seconds) filter (where 100 * so_far >= 99 * of_all) as push_p99_s,
        coalesce(sum(pushed) filter (where seconds <= 10), 0) as to_10s,
        coalesce(sum(pushed) filter (where seconds <= 30), 0) as to_30s,
        coalesce(sum(pushed) filter (where seconds <= 60), 0) as to_60s
    from running
    group by all
)
select
    *
from counted
