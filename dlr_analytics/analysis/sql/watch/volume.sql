-- Countries that far more was sent to in the last 6 hours than in any 6 hours of the 28 days before.
-- A campaign of the past is the measure, so that the next one is no alarm. No judgement below a week of history.
with clock as (
    select as_of from pipeline.parameters
), selected as (
    select *
    from messages
    where true /* filters */
), hours as (
    -- counted back from as of
    select
        country,
        cast(floor(epoch(as_of - message_time) / 3600) as bigint) as hours_ago,
        count(*) as n
    from selected
    cross join clock
    where message_time <= as_of and message_time > as_of - interval '28 days' - interval '6 hours'
    group by all
), windows as (
    -- sums of 6 hours, one for each hour that has messages
    select
        country,
        hours_ago,
        sum(n) over (
            partition by country order by hours_ago range between current row and 5 following
        ) as n
    from hours
), newest as (
    select country, sum(n) as n
    from hours
    where hours_ago < 6
    group by country
), highest as (
    select country, max(n) as n
    from windows
    where hours_ago >= 6
    group by country
), history as (
    select max(hours_ago) as hours from hours
)
select
    newest.country, -- the country
    as_of - interval '6 hours' as began_at, -- when the window begins
    360 as minutes, -- its length
    cast(newest.n as bigint) as messages, -- messages sent in the window
    cast(coalesce(highest.n, 0) as bigint) as usual -- the most in any 6 hours before
from newest
cross join clock
cross join history
left join highest on highest.country is not distinct from newest.country
where history.hours >= 24 * 7
    and newest.n > 2 * coalesce(highest.n, 0)
    and newest.n >= coalesce(highest.n, 0) + 300
order by country nulls last
