-- How long it took from sending to the carrier's time, which has no seconds: a curve by a vernier.
--
-- Send times have seconds. A message of which latency_s is known was delivered after latency_s and
-- before latency_s + 61. Once a minute, at latency_s + 60, + 120 ... seconds after sending, a minute
-- of scts ends: there it is known whether the message had arrived. The share that had, among the
-- readings about t, is F(t), the share delivered within t; percentiles and shares are read off it.
-- From two minutes on the minute of scts matters little, and plain percentiles are used.
with considered as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), timed as (
    -- contradicted: the minute of scts ended before sending, or began after the push
    select
        /* besides, */
        latency_s as lowest_s,
        second(sent_at) as send_second,
        count(*) as n,
        count(*) filter (where sent_at > date_trunc('second', sent_at)) as cut,
        count(*) filter (where latency_s <= -61 or latency_s >= push_latency_s + 2) as contradicted
    from considered
    where latency_s is not null
    group by all
), numbered as (
    -- cell: the columns of by in one number, which is faster to sort and to join by than they are.
    -- phase: the second, after sending and in each minute, of its readings
    select
        *,
        dense_rank() over (order by /* besides, */ true) as cell,
        lowest_s - 60 * floor(lowest_s / (60e0)) as phase
    from timed
), totals as (
    select
        /* besides, */
        cell,
        sum(n) as measured,
        sum(contradicted) as contradicted,
        sum(cut) as cut,
        count(distinct send_second) as send_seconds
    from numbered
    group by all
), cells as (
    -- those with estimates. reach: of the window of readings about a second, in seconds for each
    -- second, the less the more messages. half_s: lowest_s is cut where the send time has a fraction
    select
        cell,
        measured,
        cut / (2e0 * measured) as half_s,
        0.6e0 * power(measured, -0.2e0) as reach
    from totals
    where measured >= 200 and send_seconds >= 50 and 50 * contradicted <= measured
), readings as (
    select
        cell,
        phase + 60 * minute as t,
        sum(n) as n,
        sum(case when lowest_s + 60 <= phase + 60 * minute then n else 0 end) as arrived
    from numbered
    inner join cells using (cell)
    cross join (values (0), (1), (2), (3)) as minutes (minute)
    group by all
), curve as (
    -- a window about each second, put at the mean of its moments
    select
        cell,
        middle.t as second,
        sum(near.t * near.n) / nullif(sum(near.n), 0) + max(half_s) as t,
        sum(near.n) as n,
        sum(near.arrived) / nullif(sum(near.n), 0) as share
    from readings as middle
    inner join cells using (cell)
    inner join readings as near using (cell)
    where middle.t < 180 and abs(near.t - middle.t) <= least(reach * (middle.t + 5), 30)
    group by all
), banded as (
    -- side: 0 the curve, -1 and 1 its 95 % limits (Agresti & Coull, Am. Stat. 52, 1998)
    select
        cell,
        second,
        t,
        side,
        case
            when side = 0 then share
            else (share * n + 2) / (n + 4) + side * 1.96e0
                * sqrt((share * n + 2) * (n - share * n + 2) / (n + 4)) / (n + 4)
        end as share
    from curve
    cross join (values (-1), (0), (1)) as sides (side)
), stretches as (
    select
        *,
        lead(t) over (partition by cell, side order by t, second) as next_t,
        lead(share) over (partition by cell, side order by t, second) as next_share
    from banded
), shares as (
    select
        cell,
        within_s,
        max(value) filter (where side = 0) as estimate,
        max(value) filter (where side = -1) as least_share,
        max(value) filter (where side = 1) as most_share
    from (
        select
            cell,
            side,
            within_s,
            share + (next_share - share) * (within_s - t) / (next_t - t) as value
        from stretches
        cross join (values (10), (30), (60)) as limits (within_s)
        where t <= within_s and within_s < next_t
    ) as interpolated
    group by all
), crossed as (
    -- a percentile is how long the curve stays below the share, wherever it does: its rearrangement
    -- is monotone (Chernozhukov, Fernandez-Val & Galichon, Biometrika 96, 2009)
    select
        cell,
        side,
        percent,
        case when max(share) >= percent / (100e0) then min(t) + sum((next_t - t) * least(greatest(
            (percent / (100e0) - least(share, next_share))
                / nullif(greatest(abs(next_share - share), 1e-9), 0),
            0), 1
        )) end as seconds
    from stretches
    cross join (values (50), (90), (95), (99)) as percents (percent)
    group by cell, side, percent
), sided as (
    -- least_s: by the upper limit of the curve, which reaches the share first
    select
        cell,
        percent,
        max(seconds) filter (where side = 0) as middle_s,
        max(seconds) filter (where side = 1) as least_s,
        max(seconds) filter (where side = -1) as most_s
    from crossed
    group by all
), ranked as (
    select
        cell,
        lowest_s,
        sum(n) over (partition by cell order by lowest_s) as so_far
    from numbered
), floored as (
    -- plain percentiles, the true ones are in the minute above, and their limits by the binomial
    -- distribution, for those percentiles that ten messages at least lie beyond
    select
        cell,
        percent,
        reach,
        min(case when 100 * so_far >= percent * measured then lowest_s end) as floor_s,
        min(case when 100 * so_far > percent * measured - 1.96e0
            * sqrt(measured * percent * (100 - percent)) then lowest_s end) as least_floor_s,
        min(case when 100 * so_far >= percent * measured + 1.96e0
            * sqrt(measured * percent * (100 - percent)) then lowest_s end) + 61 as most_floor_s
    from ranked
    inner join cells using (cell)
    cross join (values (50), (90), (95), (99)) as percents (percent)
    where measured * (100 - percent) >= 1000
    group by all
), found as (
    -- from two minutes on: the middle of the minute above. Below, the limits give way by half a
    -- window, within which the curve is blurred
    select
        cell,
        percent,
        coalesce(case when floor_s < 120 then middle_s end, floor_s + 30) as seconds,
        greatest(0, least_floor_s, case when floor_s < 120
            then least_s - 0.5e0 * reach * (middle_s + 5) end) as lowest_s,
        least(most_floor_s, case when floor_s < 120
            then most_s + 0.5e0 * reach * (middle_s + 5) end) as highest_s
    from floored
    left join sided using (cell, percent)
), percentiles as (
    select
        cell,
        max(seconds) filter (where percent = 50) as p50_found_s,
        max(seconds) filter (where percent = 90) as p90_found_s,
        max(seconds) filter (where percent = 95) as p95_found_s,
        max(seconds) filter (where percent = 99) as p99_found_s,
        max(lowest_s) filter (where percent = 50) as p50_lowest_s,
        max(lowest_s) filter (where percent = 90) as p90_lowest_s,
        max(lowest_s) filter (where percent = 95) as p95_lowest_s,
        max(lowest_s) filter (where percent = 99) as p99_lowest_s,
        max(highest_s) filter (where percent = 50) as p50_highest_s,
        max(highest_s) filter (where percent = 90) as p90_highest_s,
        max(highest_s) filter (where percent = 95) as p95_highest_s,
        max(highest_s) filter (where percent = 99) as p99_highest_s
    from found
    group by all
), within as (
    select
        cell,
        max(estimate) filter (where within_s = 10) as to_10s_found,
        max(estimate) filter (where within_s = 30) as to_30s_found,
        max(estimate) filter (where within_s = 60) as to_60s_found,
        max(least_share) filter (where within_s = 10) as to_10s_lowest,
        max(least_share) filter (where within_s = 30) as to_30s_lowest,
        max(least_share) filter (where within_s = 60) as to_60s_lowest,
        max(most_share) filter (where within_s = 10) as to_10s_highest,
        max(most_share) filter (where within_s = 30) as to_30s_highest,
        max(most_share) filter (where within_s = 60) as to_60s_highest
    from shares
    group by all
), estimated as (
    select *
    from totals
    left join percentiles using (cell)
    left join within using (cell)
)
select
    *
from estimated
