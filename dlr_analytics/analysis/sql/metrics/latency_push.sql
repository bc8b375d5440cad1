-- How long it took from sending to the push of the receipt, and how many messages have a latency.
-- The push follows delivery: what it rules out is no estimate by the carrier's time.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), grouped as (
    -- by whole seconds: percentiles are exact, and messages need not be sorted. proven_s: by when
    -- delivery is certain, since sending and push may each have been cut to its second
    select
        /* besides, */
        push_latency_s as seconds,
        push_latency_s + case when sent_at > date_trunc('second', sent_at) then 2 else 1 end
            as proven_s,
        count(*) as n,
        count(*) filter (where outcome = 'delivered') as delivered,
        count(push_latency_s) as pushed,
        count(latency_s) filter (where push_latency_s is not null) as measured_too,
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
    -- most_p50_s: the upper limit of the percentile, by the binomial distribution
    select
        /* besides, */
        coalesce(sum(n), 0) as messages,
        coalesce(sum(delivered), 0) as delivered,
        coalesce(sum(pushed), 0) as push_measured,
        coalesce(sum(measured_too), 0) as measured_too,
        coalesce(sum(from_accepted), 0) as from_accepted,
        min(seconds) filter (where 2 * so_far >= of_all) as push_p50_s,
        min(seconds) filter (where 10 * so_far >= 9 * of_all) as push_p90_s,
        min(seconds) filter (where 20 * so_far >= 19 * of_all) as push_p95_s,
        min(seconds) filter (where 100 * so_far >= 99 * of_all) as push_p99_s,
        min(seconds) filter (
            where 100 * so_far >= 50 * of_all + 1.96e0 * sqrt(50 * 50 * of_all)
        ) as most_p50_s,
        min(seconds) filter (
            where 100 * so_far >= 90 * of_all + 1.96e0 * sqrt(90 * 10 * of_all)
        ) as most_p90_s,
        min(seconds) filter (
            where 100 * so_far >= 95 * of_all + 1.96e0 * sqrt(95 * 5 * of_all)
        ) as most_p95_s,
        min(seconds) filter (
            where 100 * so_far >= 99 * of_all + 1.96e0 * sqrt(99 * 1 * of_all)
        ) as most_p99_s,
        coalesce(sum(pushed) filter (where proven_s <= 10), 0) as proven_10s,
        coalesce(sum(pushed) filter (where proven_s <= 30), 0) as proven_30s,
        coalesce(sum(pushed) filter (where proven_s <= 60), 0) as proven_60s
    from running
    group by all
), proven as (
    -- bound_s: what may be added to a push percentile to bound an estimate, NULL where too few
    -- pushes are of messages that are measured by the carrier's time too
    select
        *,
        cast(proven_10s as double) / nullif(push_measured, 0) as push_within_10s,
        cast(proven_30s as double) / nullif(push_measured, 0) as push_within_30s,
        cast(proven_60s as double) / nullif(push_measured, 0) as push_within_60s,
        case when 20 * measured_too >= 19 * push_measured then 2 end as bound_s
    from counted
)
select
    *
from proven
