-- How long it took from sending to the carrier's time, which has no seconds: percentiles by a vernier.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), timed as (
    select
        /* besides, */
        latency_s,
        second(sent_at) as send_second,
        count(*) as n
    from selected
    where latency_s is not null
    group by all
), crossing as (
    -- crossed: how many minutes of the clock began between sending and scts, which has no seconds
    select
        *,
        -floor(-(latency_s + send_second) / (60.0)) as crossed
    from timed
), phased as (
    -- phase: the second of sending, .5 where it has a fraction
    select
        /* besides, */
        (send_second + 60 * crossed - latency_s) / (2.0) as phase,
        crossed,
        n
    from crossing
), numbered as (
    -- cell: the columns of by in one number, which is faster to sort and to join by than they are
    select
        *,
        60 * crossed - phase as lowest_s,
        dense_rank() over (order by /* besides, */ true) as cell
    from phased
), cells as (
    -- seconds: at how many of the minute's 60 messages were sent
    select cell, count(distinct floor(phase)) as seconds, sum(n) as of_all
    from numbered
    group by cell
), ranked as (
    select
        *,
        sum(n) over (partition by cell order by lowest_s) as so_far
    from numbered
), floored as (
    -- each percentile by three shares, in thousandths: their mean is steadier, and how far they lie
    -- apart shows the density there. floor_s: the plain percentile; the true one is in the minute above
    select
        /* besides, */
        cell,
        percent,
        share,
        of_all,
        min(case when 1000 * so_far >= share * of_all then lowest_s end) as floor_s
    from ranked
    inner join cells using (cell)
    cross join (values
        (50, 440), (50, 500), (50, 560), (90, 870), (90, 900), (90, 930),
        (95, 935), (95, 950), (95, 965), (99, 986), (99, 990), (99, 994)
    ) as shares (percent, share)
    where of_all >= 200 and seconds >= 50
    group by all
), aimed as (
    -- aim: a cell and a share in one number
    select *, row_number() over () as aim
    from floored
), watched as (
    -- a vernier: those sent at second -t mod 60 tell by their minutes whether delivery took t
    -- seconds at most. For each t of the minute above floor_s, of the one before and the one after
    select
        aim,
        share,
        phase,
        -floor(-(floor_s - 60 + phase) / (60.0)) as minutes,
        sum(n) as n,
        sum(case when crossed < minutes then n else 0 end) as arrived,
        sum(case when crossed < minutes + 1 then n else 0 end) as arrived_1,
        sum(case when crossed < minutes + 2 then n else 0 end) as arrived_2
    from aimed
    inner join ranked using (cell)
    group by all
), points as (
    -- what is missing of, or beyond, the share at t
    select
        aim,
        60 * (minutes + unnest([0, 1, 2])) - phase as t,
        1000 * unnest([arrived, arrived_1, arrived_2]) - share * n as surplus
    from watched
), summed as (
    select
        aim,
        t,
        sum(surplus) over (partition by aim order by t) as surplus_so_far
    from points
), turned as (
    -- made monotone by pooling adjacent violators, the curve reaches the share where this sum turns
    select aim, min({lowest: surplus_so_far, t: t}) as turn
    from summed
    group by aim
), found as (
    select
        /* besides, */
        percent,
        share,
        of_all,
        greatest(least(
            case when turn.lowest < 0 then turn.t + 0.5 else floor_s end, floor_s + 61
        ), floor_s) as seconds
    from aimed
    inner join turned using (aim)
), estimated as (
    select
        /* besides, */
        percent,
        cast(avg(seconds) as double) as estimate_s,
        (max(share) - min(share)) / nullif(1000 * greatest(max(seconds) - min(seconds), 1), 0)
            as density,
        max(of_all) as n
    from found
    group by all
), sized as (
    -- variance: of the share, by its density squared, which is at most 3 p (1 - p) / t, that of a
    -- log-logistic time of shape 3: three shares found close together by chance show too steep a one
    select
        *,
        percent * (100 - percent) / nullif(10000 * n * power(least(
            density, 3 * percent * (100 - percent) / nullif(10000 * greatest(estimate_s, 1), 0)
        ), 2), 0) as variance
    from estimated
), bounded as (
    -- 95 %: the vernier's own error, and the sampling error. The former by Groeneboom's law for
    -- large n, the more the fewer lie beyond the percentile, and half of its minute at most
    select
        *,
        sqrt(power(least(0.998 * power(
            240 * variance * (1 + 400 / nullif(n * (100e0 - percent), 0)), 1e0 / (3e0)
        ), 30.5), 2) + power(1.96, 2) * variance) as margin_s
    from sized
), pivoted as (
    select
        /* besides, */
        max(estimate_s) filter (where percent = 50) as p50_s,
        max(estimate_s) filter (where percent = 90) as p90_s,
        max(estimate_s) filter (where percent = 95) as p95_s,
        max(estimate_s) filter (where percent = 99) as p99_s,
        max(margin_s) filter (where percent = 50) as p50_margin_s,
        max(margin_s) filter (where percent = 90) as p90_margin_s,
        max(margin_s) filter (where percent = 95) as p95_margin_s,
        max(margin_s) filter (where percent = 99) as p99_margin_s
    from bounded
    group by all
)
select
    *
from pivoted
