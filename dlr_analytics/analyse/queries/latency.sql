-- How long delivery took: from sending to the carrier's time, and to the push of the receipt.
with chosen as (
    select
        /* buckets, */
        *
    from messages
    where true /* asked */
), grouped as (
    -- by whole seconds, so that percentiles are exact, and need no sorting of messages
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
    from chosen
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
    /* by, */
    cast(messages as bigint) as messages, -- messages sent
    cast(delivered as bigint) as delivered, -- of them delivered: only they have a latency
    cast(measured as bigint) as measured, -- of them with latency_s, from sending to the carrier's scts
    cast(push_measured as bigint) as push_measured, -- of them with push_latency_s
    cast(from_accepted as bigint) as from_accepted, -- of either, on the accepted stand-in for the send time
    cast(null as double) as p50_s, -- half arrived within, from sending to the carrier's time
    cast(null as double) as p90_s, -- 90 % arrived within, from sending to the carrier's time
    cast(null as double) as p95_s, -- 95 % arrived within, from sending to the carrier's time
    cast(null as double) as p99_s, -- 99 % arrived within, from sending to the carrier's time
    push_p50_s, -- half arrived within, by push latency: an upper bound
    push_p90_s, -- 90 % arrived within, by push latency: an upper bound
    push_p95_s, -- 95 % arrived within, by push latency: an upper bound
    push_p99_s, -- 99 % arrived within, by push latency: an upper bound
    to_10s / nullif(push_measured, 0) as within_10s, -- share of push_measured within 10 s
    to_30s / nullif(push_measured, 0) as within_30s, -- share of push_measured within 30 s
    to_60s / nullif(push_measured, 0) as within_60s -- share of push_measured within 60 s
from counted
order by /* in order, */ messages
